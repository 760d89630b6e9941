#pragma once

#include "cuda/plugin/op.h"
#include "cuda/plugin/session.h"
#include "runtime/fault.h"
#include "runtime/product.h"

namespace thinbit::cuda {

// Every product: out = alpha * (x @ W) + beta * c for each matrix of the batch.
Fault multiply(Session& session, Op op, const Product& product);

}  // namespace thinbit::cuda
