#pragma once

#include "cpu/levels/row_kernels.h"

namespace thinbit {

const FusedProduct* avx2_product(const RowFormat& format, DType x);
const BlockedProduct* avx2_blocked_product(const RowFormat& format, DType x);

}  // namespace thinbit
