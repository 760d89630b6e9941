#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/conversion.h"
#include "metal/kernels/parameters.h"

namespace thinbit::metal {
namespace {

Fault convert(Context& context, const char* kernel, const TensorView& x, const TensorView& out) {
  const auto elements = static_cast<uint64_t>(out.elements());
  if (elements == 0) return Fault::none();
  return run_work(context, [&](Work& work) {
    Specialisation specialisation;
    specialisation.input_format = float_format(x.dtype);
    specialisation.output_format = float_format(out.dtype);
    const Fp8Parameters parameters = {elements};
    work.dispatch(work.gpu().pipeline(Family::kFp8, kernel, Mode::kMxfp8, 8, specialisation),
                  {work.input(x), work.output(out)}, parameters,
                  MTLSizeMake((elements + kConversionThreads - 1) / kConversionThreads, 1, 1),
                  kConversionThreads);
    work.finish();
    return Fault::none();
  });
}

}  // namespace

Fault to_fp8(Context& context, const ToFp8Call& call) {
  return convert(context, "to_fp8", call.x, call.out);
}

Fault from_fp8(Context& context, const FromFp8Call& call) {
  return convert(context, "from_fp8", call.x, call.out);
}

}  // namespace thinbit::metal

#endif
