#pragma once

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The AVX-512 level's product of a format, for activations of dtype `x`.
const FusedProduct* avx512_product(const RowFormat& format, DType x);

}  // namespace thinbit
