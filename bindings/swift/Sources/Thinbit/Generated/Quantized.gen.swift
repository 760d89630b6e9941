// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Quantize a float tensor, group by group along its last axis.
///
/// All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4 whose
/// largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.
///
/// - Parameters:
///   - w: The float tensor to quantize: at least two axes, the last divisible by the group size.
///     [E..., N, K]; float32, float16 or bfloat16.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - mode: How values are encoded. Default: `.affine`.
///   - globalScale: The largest magnitude of the whole tensor: one positive finite float32. One
///     element; float32; optional, and only where the mode has a global scale.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: `wq`: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
///   32-bit words. [E..., N, K * bits / 32]; uint32. `scales`: One scale for each group. [E..., N,
///   K / group_size]; the dtype of w where the mode has biases, else uint8. `biases`: One bias for
///   each group, in units of the weight. [E..., N, K / group_size]; the dtype of w; there exactly
///   when the mode has biases.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `quantize.<argument>.<kind>`,
///   where an argument is not as described here; `.nonFinite` where a value is NaN or infinite, or
///   its scale overflows; `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantized(
  _ w: Tensor,
  groupSize: Int? = nil,
  bits: Int? = nil,
  mode: QuantizationMode = .affine,
  globalScale: Tensor? = nil,
  context: Context? = nil
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor, biases: Tensor?) {
  return try call(
    w: w,
    globalScale: globalScale,
    mode: mode,
    groupSize: groupSize,
    bits: bits,
    context: context)
}

/// Quantize a float tensor, group by group along its last axis, in the mode `affine`.
///
/// Integer codes with a scale and a bias for each group. Element: unsigned integer code q; the
/// value is q * scale + bias. Scale: a float of the weight's dtype, usually negative.
///
/// All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4 whose
/// largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.
///
/// - Parameters:
///   - w: The float tensor to quantize: at least two axes, the last divisible by the group size.
///     [E..., N, K]; float32, float16 or bfloat16.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: `wq`: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
///   32-bit words. [E..., N, K * bits / 32]; uint32. `scales`: One scale for each group. [E..., N,
///   K / group_size]; the dtype of w where the mode has biases, else uint8. `biases`: One bias for
///   each group, in units of the weight. [E..., N, K / group_size]; the dtype of w; there exactly
///   when the mode has biases.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `quantize.<argument>.<kind>`,
///   where an argument is not as described here; `.nonFinite` where a value is NaN or infinite, or
///   its scale overflows; `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedAffine(
  _ w: Tensor,
  groupSize: Int? = nil,
  bits: Int? = nil,
  context: Context? = nil
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor, biases: Tensor) {
  let result = try quantized(w, groupSize: groupSize, bits: bits, mode: .affine, context: context)
  let biases = try present(result.biases, of: "quantize", "biases")
  return (result.wq, result.scales, biases)
}

/// Quantize a float tensor, group by group along its last axis, in the mode `mxfp4`.
///
/// OCP microscaling with 4-bit elements. Element: E2M1: 0, .5, 1, 1.5, 2, 3, 4, 6 and their
/// negatives. Scale: E8M0: byte b is 2^(b - 127), 255 is NaN.
///
/// All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4 whose
/// largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.
///
/// - Parameters:
///   - w: The float tensor to quantize: at least two axes, the last divisible by the group size.
///     [E..., N, K]; float32, float16 or bfloat16.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: `wq`: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
///   32-bit words. [E..., N, K * bits / 32]; uint32. `scales`: One scale for each group. [E..., N,
///   K / group_size]; the dtype of w where the mode has biases, else uint8.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `quantize.<argument>.<kind>`,
///   where an argument is not as described here; `.nonFinite` where a value is NaN or infinite, or
///   its scale overflows; `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedMXFP4(
  _ w: Tensor,
  context: Context? = nil
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor) {
  let result = try quantized(w, mode: .mxfp4, context: context)
  return (result.wq, result.scales)
}

/// Quantize a float tensor, group by group along its last axis, in the mode `mxfp8`.
///
/// OCP microscaling with 8-bit elements. Element: E4M3FN: at most 448, no infinity. Scale: E8M0:
/// byte b is 2^(b - 127), 255 is NaN.
///
/// All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4 whose
/// largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.
///
/// - Parameters:
///   - w: The float tensor to quantize: at least two axes, the last divisible by the group size.
///     [E..., N, K]; float32, float16 or bfloat16.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: `wq`: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
///   32-bit words. [E..., N, K * bits / 32]; uint32. `scales`: One scale for each group. [E..., N,
///   K / group_size]; the dtype of w where the mode has biases, else uint8.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `quantize.<argument>.<kind>`,
///   where an argument is not as described here; `.nonFinite` where a value is NaN or infinite, or
///   its scale overflows; `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedMXFP8(
  _ w: Tensor,
  context: Context? = nil
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor) {
  let result = try quantized(w, mode: .mxfp8, context: context)
  return (result.wq, result.scales)
}

/// Quantize a float tensor, group by group along its last axis, in the mode `nvfp4`.
///
/// NVIDIA's 4-bit format: small groups, and an optional scale for the whole tensor. Element: E2M1:
/// 0, .5, 1, 1.5, 2, 3, 4, 6 and their negatives. Scale: E4M3FN, times global_scale / (448 * 6)
/// where a global scale is given.
///
/// All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4 whose
/// largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.
///
/// - Parameters:
///   - w: The float tensor to quantize: at least two axes, the last divisible by the group size.
///     [E..., N, K]; float32, float16 or bfloat16.
///   - globalScale: The largest magnitude of the whole tensor: one positive finite float32. One
///     element; float32; optional, and only where the mode has a global scale.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: `wq`: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
///   32-bit words. [E..., N, K * bits / 32]; uint32. `scales`: One scale for each group. [E..., N,
///   K / group_size]; the dtype of w where the mode has biases, else uint8.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `quantize.<argument>.<kind>`,
///   where an argument is not as described here; `.nonFinite` where a value is NaN or infinite, or
///   its scale overflows; `.unsupported` where the backend cannot do it; `.outOfMemory`.
public func quantizedNVFP4(
  _ w: Tensor,
  globalScale: Tensor? = nil,
  context: Context? = nil
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor) {
  let result = try quantized(w, mode: .nvfp4, globalScale: globalScale, context: context)
  return (result.wq, result.scales)
}

private func call(
  w: Tensor,
  globalScale: Tensor?,
  mode: QuantizationMode,
  groupSize: Int?,
  bits: Int?,
  context: Context?
) throws(ThinbitError) -> (wq: Tensor, scales: Tensor, biases: Tensor?) {
  defer { withExtendedLifetime((w, globalScale)) {} }
  let groupSize = try setting(
    groupSize,
    of: "quantize",
    "group_size",
    choices: mode.allowedGroupSizes)
  let bits = try setting(bits, of: "quantize", "bits", choices: mode.allowedBits)
  var params = unsafe thinbit_quantize_params(
    struct_size: UInt64(MemoryLayout<thinbit_quantize_params>.size),
    w: w.descriptor,
    global_scale: globalScale?.descriptor,
    mode: mode.code,
    group_size: groupSize,
    bits: bits,
    reserved: 0,
    wq: nil,
    scales: nil,
    biases: nil)
  var infos = (thinbit_tensor_info(), thinbit_tensor_info(), thinbit_tensor_info())
  try unsafe infer(&infos) { infos, error in unsafe thinbit_quantize_infer(&params, infos, error) }
  let wq = try Tensor(infos.0)
  let scales = try Tensor(infos.1)
  let biases = try Tensor.optional(infos.2)
  unsafe params.wq = wq.descriptor
  unsafe params.scales = scales.descriptor
  unsafe params.biases = biases?.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_quantize(handle, &params, error)
  }
  return (wq, scales, biases)
}
