#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/conversion.h"
#include "metal/kernels/parameters.h"

namespace thinbit::metal {

Fault dequantize(Context& context, const DequantizeCall& call) {
  const auto elements = static_cast<uint64_t>(call.out.elements());
  if (elements == 0) return Fault::none();
  return run_work(context, [&](Work& work) {
    const QuantizedView& w = call.w;
    Specialisation specialisation;
    specialisation.group_size = w.group_size;
    specialisation.scale_format = float_format(w.scales.dtype);
    specialisation.output_format = float_format(call.out.dtype);
    const auto per_matrix = static_cast<uint64_t>(w.rows * w.columns);
    const std::vector<float> factors =
        decode_factors(w.global_scale, static_cast<int64_t>(elements / per_matrix));
    const DequantizeParameters parameters = {elements / kChunk, per_matrix / kChunk};
    id<MTLBuffer> scales = work.input(w.scales);
    work.dispatch(
        work.gpu().pipeline(Family::kConversion, "dequantize", w.mode, w.bits, specialisation),
        {work.input(w.packed), scales, w.biases.present ? work.input(w.biases) : scales,
         work.copy(factors.data(), factors.size() * sizeof(float)), work.output(call.out)},
        parameters,
        MTLSizeMake((parameters.chunks + kConversionThreads - 1) / kConversionThreads, 1, 1),
        kConversionThreads);
    work.finish();
    return Fault::none();
  });
}

}  // namespace thinbit::metal

#endif
