#pragma once

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The AVX-512 level's blocked product of a format, for activations of dtype `x`.
const BlockedProduct* avx512_blocked_product(const RowFormat& format, DType x);

// The one for bfloat16 activations on processors with AVX-512 BF16.
const BlockedProduct* avx512_bf16_blocked_product(const RowFormat& format);

}  // namespace thinbit
