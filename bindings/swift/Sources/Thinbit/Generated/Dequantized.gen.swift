// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// The float tensor that a quantized one stands for.
///
/// affine rounds twice, code * scale and then the sum with the bias, to the dtype of the scales;
/// the other modes multiply in float32 and round once.
///
/// - Parameters:
///   - w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit
///     words. [E..., rows, columns * bits / 32]; uint32.
///   - scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of the
///     mode's scales.
///   - biases: One bias for each group, in units of the weight. [E..., rows, columns / group_size];
///     the dtype of scales; there exactly when the mode has biases.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - mode: How values are encoded. Default: `.affine`.
///   - globalScale: The largest magnitude of the whole tensor: one positive finite float32 (in
///     dequantize and the gather ops also one for each matrix of the leading axes). One element;
///     float32; optional, and only where the mode has a global scale.
///   - dtype: The dtype of the result: that of the scales for affine, float32 for the other modes,
///     when not given.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The values. [E..., rows, columns]; dtype.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `dequantize.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func dequantized(
  _ w: Tensor,
  scales: Tensor,
  biases: Tensor?,
  groupSize: Int? = nil,
  bits: Int? = nil,
  mode: QuantizationMode = .affine,
  globalScale: Tensor? = nil,
  dtype: DType? = nil,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  let groupSize = try setting(
    groupSize,
    of: "dequantize",
    "group_size",
    choices: mode.allowedGroupSizes)
  let bits = try setting(bits, of: "dequantize", "bits", choices: mode.allowedBits)
  let record = QuantizedTensorRecord(
    packed: w,
    scales: scales,
    biases: biases,
    globalScale: globalScale,
    mode: mode,
    groupSize: groupSize,
    bits: bits)
  return try call(w: record, dtype: dtype, context: context)
}

/// The float tensor that a quantized one stands for.
///
/// affine rounds twice, code * scale and then the sum with the bias, to the dtype of the scales;
/// the other modes multiply in float32 and round once.
///
/// - Parameters:
///   - w: The quantized tensor.
///   - dtype: The dtype of the result: that of the scales for affine, float32 for the other modes,
///     when not given.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The values. [E..., rows, columns]; dtype.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `dequantize.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func dequantized(
  _ w: QuantizedTensor,
  dtype: DType? = nil,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  return try call(w: w.record, dtype: dtype, context: context)
}

private func call(
  w: QuantizedTensorRecord,
  dtype: DType?,
  context: Context?
) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime(w) {} }
  var params = unsafe thinbit_dequantize_params(
    struct_size: UInt64(MemoryLayout<thinbit_dequantize_params>.size),
    w: w.pointer,
    dtype: dtype?.code ?? 0,
    reserved: 0,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_dequantize_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_dequantize(handle, &params, error)
  }
  return out
}
