// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Multiply matrices picked from x by quantized matrices picked from w, as a mixture of experts
/// does.
///
/// An index counts the matrices of its operand, over all axes but the last two. The indices
/// broadcast together, and their shape is the batch shape of the result. A missing index picks
/// every matrix of its operand in order.
///
/// - Parameters:
///   - x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit
///     words. [E..., rows, columns * bits / 32]; uint32.
///   - scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of the
///     mode's scales.
///   - biases: One bias for each group, in units of the weight. [E..., rows, columns / group_size];
///     the dtype of scales; there exactly when the mode has biases.
///   - lhsIndices: Which matrix of x: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - rhsIndices: Which matrix of w: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - transpose: Whether the matrices of w are (N, K), and multiplied as their transposes; else
///     they are (K, N). Default: `true`.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - mode: How values are encoded. Default: `.affine`.
///   - globalScale: The largest magnitude of the whole tensor: one positive finite float32 (in
///     dequantize and the gather ops also one for each matrix of the leading axes). One element;
///     float32; optional, and only where the mode has a global scale.
///   - sortedIndices: A promise, which is checked, that the given indices ascend. Default: `false`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The products. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `gather_qmm.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func gatherQuantizedMM(
  _ x: Tensor,
  _ w: Tensor,
  scales: Tensor,
  biases: Tensor?,
  lhsIndices: Tensor? = nil,
  rhsIndices: Tensor? = nil,
  transpose: Bool = true,
  groupSize: Int? = nil,
  bits: Int? = nil,
  mode: QuantizationMode = .affine,
  globalScale: Tensor? = nil,
  sortedIndices: Bool = false,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  let groupSize = try setting(
    groupSize,
    of: "gather_qmm",
    "group_size",
    choices: mode.allowedGroupSizes)
  let bits = try setting(bits, of: "gather_qmm", "bits", choices: mode.allowedBits)
  let record = QuantizedTensorRecord(
    packed: w,
    scales: scales,
    biases: biases,
    globalScale: globalScale,
    mode: mode,
    groupSize: groupSize,
    bits: bits)
  return try call(
    x: x,
    w: record,
    lhsIndices: lhsIndices,
    rhsIndices: rhsIndices,
    transpose: transpose,
    sortedIndices: sortedIndices,
    context: context)
}

/// Multiply matrices picked from x by quantized matrices picked from w, as a mixture of experts
/// does.
///
/// An index counts the matrices of its operand, over all axes but the last two. The indices
/// broadcast together, and their shape is the batch shape of the result. A missing index picks
/// every matrix of its operand in order.
///
/// - Parameters:
///   - x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: The quantized weights of the experts: (..., N, K) when transposed, else (..., K, N).
///   - lhsIndices: Which matrix of x: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - rhsIndices: Which matrix of w: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - transpose: Whether the matrices of w are (N, K), and multiplied as their transposes; else
///     they are (K, N). Default: `true`.
///   - sortedIndices: A promise, which is checked, that the given indices ascend. Default: `false`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The products. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `gather_qmm.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func gatherQuantizedMM(
  _ x: Tensor,
  _ w: QuantizedTensor,
  lhsIndices: Tensor? = nil,
  rhsIndices: Tensor? = nil,
  transpose: Bool = true,
  sortedIndices: Bool = false,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  return try call(
    x: x,
    w: w.record,
    lhsIndices: lhsIndices,
    rhsIndices: rhsIndices,
    transpose: transpose,
    sortedIndices: sortedIndices,
    context: context)
}

private func call(
  x: Tensor,
  w: QuantizedTensorRecord,
  lhsIndices: Tensor?,
  rhsIndices: Tensor?,
  transpose: Bool,
  sortedIndices: Bool,
  context: Context?
) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime((x, w, lhsIndices, rhsIndices)) {} }
  var params = unsafe thinbit_gather_qmm_params(
    struct_size: UInt64(MemoryLayout<thinbit_gather_qmm_params>.size),
    x: x.descriptor,
    w: w.pointer,
    lhs_indices: lhsIndices?.descriptor,
    rhs_indices: rhsIndices?.descriptor,
    transpose: transpose ? 1 : 0,
    sorted_indices: sortedIndices ? 1 : 0,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_gather_qmm_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_gather_qmm(handle, &params, error)
  }
  return out
}
