#include "cpu/levels/generic/decode_groups.h"
#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/generic/sums.h"
#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The level of every machine: plain C++, as wide as the compiler's base target.
extern const RowKernels kScalarKernels;
const RowKernels kScalarKernels = {"scalar",   load,    store,  quantize,   requantize,
                                   dequantize, decode,  dot,    accumulate, to_fp8,
                                   from_fp8,   nullptr, nullptr};

}  // namespace thinbit
