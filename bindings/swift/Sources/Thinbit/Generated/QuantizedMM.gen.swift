// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Multiply a float matrix by a quantized one: x @ w^T, or x @ w.
///
/// Sums are accumulated in float32 and rounded once to the dtype of x. Leading axes broadcast as in
/// numpy's matmul; a one-dimensional x is one row, and the result is one-dimensional.
///
/// - Parameters:
///   - x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit
///     words. [E..., rows, columns * bits / 32]; uint32.
///   - scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of the
///     mode's scales.
///   - biases: One bias for each group, in units of the weight. [E..., rows, columns / group_size];
///     the dtype of scales; there exactly when the mode has biases.
///   - transpose: Whether w is (N, K), and multiplied as its transpose; else it is (K, N). Default:
///     `true`.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - mode: How values are encoded. Default: `.affine`.
///   - globalScale: The largest magnitude of the whole tensor: one positive finite float32 (in
///     dequantize and the gather ops also one for each matrix of the leading axes). One element;
///     float32; optional, and only where the mode has a global scale.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The product. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule
///   `quantized_matmul.<argument>.<kind>`, where an argument is not as described here;
///   `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedMM(
  _ x: Tensor,
  _ w: Tensor,
  scales: Tensor,
  biases: Tensor?,
  transpose: Bool = true,
  groupSize: Int? = nil,
  bits: Int? = nil,
  mode: QuantizationMode = .affine,
  globalScale: Tensor? = nil,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  let groupSize = try setting(
    groupSize,
    of: "quantized_matmul",
    "group_size",
    choices: mode.allowedGroupSizes)
  let bits = try setting(bits, of: "quantized_matmul", "bits", choices: mode.allowedBits)
  let record = QuantizedTensorRecord(
    packed: w,
    scales: scales,
    biases: biases,
    globalScale: globalScale,
    mode: mode,
    groupSize: groupSize,
    bits: bits)
  return try call(x: x, w: record, transpose: transpose, context: context)
}

/// Multiply a float matrix by a quantized one: x @ w^T, or x @ w.
///
/// Sums are accumulated in float32 and rounded once to the dtype of x. Leading axes broadcast as in
/// numpy's matmul; a one-dimensional x is one row, and the result is one-dimensional.
///
/// - Parameters:
///   - x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: The quantized weight: (N, K) when transposed, else (K, N).
///   - transpose: Whether w is (N, K), and multiplied as its transpose; else it is (K, N). Default:
///     `true`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The product. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule
///   `quantized_matmul.<argument>.<kind>`, where an argument is not as described here;
///   `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedMM(
  _ x: Tensor,
  _ w: QuantizedTensor,
  transpose: Bool = true,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  return try call(x: x, w: w.record, transpose: transpose, context: context)
}

private func call(
  x: Tensor,
  w: QuantizedTensorRecord,
  transpose: Bool,
  context: Context?
) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime((x, w)) {} }
  var params = unsafe thinbit_quantized_matmul_params(
    struct_size: UInt64(MemoryLayout<thinbit_quantized_matmul_params>.size),
    x: x.descriptor,
    w: w.pointer,
    transpose: transpose ? 1 : 0,
    reserved: 0,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_quantized_matmul_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_quantized_matmul(handle, &params, error)
  }
  return out
}
