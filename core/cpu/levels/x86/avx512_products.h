#pragma once

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The AVX-512 level's product of a format, for activations of dtype `x`.
const FusedProduct* avx512_product(const RowFormat& format, DType x);

// The one for mxfp8 on processors with AVX-512 VBMI.
const FusedProduct* avx512_vbmi_e4m3_product();

// The one for bfloat16 activations on processors with AVX-512 BF16; null where another way wins.
const FusedProduct* avx512_bf16_product(const RowFormat& format);

// The one for 16-bit activations on processors with AVX-512 VNNI; null where another way wins.
const FusedProduct* avx512_digit_product(const RowFormat& format, DType x);

// The one for mxfp4 and nvfp4 where x is quantized too, on processors with AVX-512 VNNI; else null.
const FusedProduct* avx512_quantized_product(const RowFormat& format);

}  // namespace thinbit
