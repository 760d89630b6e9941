#pragma once

#include "metal/work.h"
#include "runtime/product.h"

namespace thinbit::metal {

// alpha * (x @ W) + beta * c for every matrix of a batch; a float W is quantized on the way.
Fault multiply(Context& context, const Product& product);

}  // namespace thinbit::metal
