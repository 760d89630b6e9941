// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Round floats to E4M3FN bytes: half to even, saturating at 448; NaN gives 0x7F.
///
/// - Parameters:
///   - x: The values. [S...]; float32, float16 or bfloat16.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The E4M3FN bytes. [S...]; uint8.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `to_fp8.<argument>.<kind>`, where
///   an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func toFP8(_ x: Tensor, context: Context? = nil) throws(ThinbitError) -> Tensor {
  return try call(x: x, context: context)
}

private func call(x: Tensor, context: Context?) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime(x) {} }
  var params = unsafe thinbit_to_fp8_params(
    struct_size: UInt64(MemoryLayout<thinbit_to_fp8_params>.size),
    x: x.descriptor,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_to_fp8_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_to_fp8(handle, &params, error)
  }
  return out
}
