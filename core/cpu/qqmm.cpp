#include "cpu/product.h"
#include "cpu/quantized_on_the_fly.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {
namespace {

template <class Call>
Product product_of(const Call& call) {
  Product product;
  product.x = call.x;
  product.w = call.w;
  product.out = call.out;
  product.quantize_x = true;
  product.x_global_scale = call.global_scale_x;
  product.M = call.M;
  product.N = call.N;
  product.K = call.K;
  return product;
}

Fault quantize_and_multiply(Context& context, Product& product) {
  if (!product.w.is_float()) return multiply(context, product);
  const QuantizedView given = product.w;
  QuantizedOnTheFly weight(given);
  const size_t bytes = weight.bytes() + scratch_bytes(product);
  std::byte* scratch = bytes == 0 ? nullptr : context.scratch(bytes);
  if (bytes != 0 && scratch == nullptr) return Fault::out_of_memory();
  const Fault fault = weight.quantize(context, scratch);
  if (fault) return fault;
  product.w = weight.quantized();
  multiply(context, product, scratch + weight.bytes());
  return Fault::none();
}

}  // namespace

Fault qqmm(Context& context, const QqmmCall& call) {
  Product product = product_of(call);
  return quantize_and_multiply(context, product);
}

Fault qqaddmm(Context& context, const QqaddmmCall& call) {
  Product product = product_of(call);
  product.c = call.c;
  product.alpha = call.alpha;
  product.beta = call.beta;
  return quantize_and_multiply(context, product);
}

Fault gather_qqmm(Context& context, const GatherQqmmCall& call) {
  Product product = product_of(call);
  product.lhs_indices = &call.lhs_indices;
  product.rhs_indices = &call.rhs_indices;
  return quantize_and_multiply(context, product);
}

}  // namespace thinbit::cpu
