// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// The exact values of E4M3FN bytes.
///
/// - Parameters:
///   - x: The E4M3FN bytes. [S...]; uint8.
///   - dtype: The dtype of the result. Default: `.float32`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The values. [S...]; dtype.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `from_fp8.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func fromFP8(
  _ x: Tensor,
  dtype: DType = .float32,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  return try call(x: x, dtype: dtype, context: context)
}

private func call(x: Tensor, dtype: DType, context: Context?) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime(x) {} }
  var params = unsafe thinbit_from_fp8_params(
    struct_size: UInt64(MemoryLayout<thinbit_from_fp8_params>.size),
    x: x.descriptor,
    dtype: dtype.code,
    reserved: 0,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_from_fp8_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_from_fp8(handle, &params, error)
  }
  return out
}
