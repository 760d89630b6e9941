#pragma once

#include <cstddef>

#include "runtime/context.h"
#include "runtime/fault.h"
#include "runtime/product.h"

namespace thinbit::cpu {

// The sums of a product depend on the operands' values, on K, and on whether M makes it a product
// of many rows: not on threads, strides or the batch.

// The scratch memory that multiply() needs, in bytes.
size_t scratch_bytes(const Product& product);

// `scratch` has scratch_bytes(product) bytes, aligned to 64 bytes.
void multiply(Context& context, const Product& product, std::byte* scratch);

// The same with the context's scratch memory; fails where there is none.
Fault multiply(Context& context, const Product& product);

}  // namespace thinbit::cpu
