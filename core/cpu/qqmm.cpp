#include "cpu/product.h"
#include "cpu/quantized_on_the_fly.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {
namespace {

Fault quantize_and_multiply(Context& context, Product product) {
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
  return quantize_and_multiply(context, product_of(call));
}

Fault qqaddmm(Context& context, const QqaddmmCall& call) {
  return quantize_and_multiply(context, product_of(call));
}

Fault gather_qqmm(Context& context, const GatherQqmmCall& call) {
  return quantize_and_multiply(context, product_of(call));
}

}  // namespace thinbit::cpu
