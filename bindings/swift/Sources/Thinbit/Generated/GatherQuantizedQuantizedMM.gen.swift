// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Multiply matrices picked from x by matrices picked from w, both sides quantized.
///
/// Indices as in gather_qmm, operands as in qqmm: x is quantized by the call, w is quantized
/// already or a float tensor.
///
/// - Parameters:
///   - x: The activations, quantized by the call. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit
///     words. [E..., rows, columns * bits / 32]; uint32.
///   - scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of the
///     mode's scales.
///   - lhsIndices: Which matrix of x: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - rhsIndices: Which matrix of w: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - groupSize: Elements that share a scale; the mode's default when not given. Unit: elements.
///   - bits: Bits for each element; the mode's default when not given. Unit: bits.
///   - mode: How values are encoded. Default: `.nvfp4`.
///   - globalScaleX: The largest magnitude of x; there exactly when the weight's is. One element;
///     float32; optional, and only where the mode has a global scale.
///   - globalScaleW: The largest magnitude of the whole tensor: one positive finite float32 (in
///     dequantize and the gather ops also one for each matrix of the leading axes). One element;
///     float32; optional, and only where the mode has a global scale.
///   - sortedIndices: A promise, which is checked, that the given indices ascend. Default: `false`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The products. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `gather_qqmm.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func gatherQuantizedQuantizedMM(
  _ x: Tensor,
  _ w: Tensor,
  scales: Tensor?,
  lhsIndices: Tensor? = nil,
  rhsIndices: Tensor? = nil,
  groupSize: Int? = nil,
  bits: Int? = nil,
  mode: QuantizationMode = .nvfp4,
  globalScaleX: Tensor? = nil,
  globalScaleW: Tensor? = nil,
  sortedIndices: Bool = false,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  let groupSize = try setting(
    groupSize,
    of: "gather_qqmm",
    "group_size",
    choices: mode.allowedGroupSizes)
  let bits = try setting(bits, of: "gather_qqmm", "bits", choices: mode.allowedBits)
  let record = QuantizedTensorRecord(
    packed: w,
    scales: scales,
    biases: nil,
    globalScale: globalScaleW,
    mode: mode,
    groupSize: groupSize,
    bits: bits)
  return try call(
    x: x,
    globalScaleX: globalScaleX,
    w: record,
    lhsIndices: lhsIndices,
    rhsIndices: rhsIndices,
    sortedIndices: sortedIndices,
    context: context)
}

/// Multiply matrices picked from x by matrices picked from w, both sides quantized.
///
/// Indices as in gather_qmm, operands as in qqmm: x is quantized by the call, w is quantized
/// already or a float tensor.
///
/// - Parameters:
///   - x: The activations, quantized by the call. [X..., M?, K]; float32, float16 or bfloat16.
///   - w: The weights of the experts (..., N, K): quantized, or float.
///   - lhsIndices: Which matrix of x: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - rhsIndices: Which matrix of w: integers from 0; every one in order when not given. The
///     indices' common shape; int32, uint32 or int64; optional.
///   - globalScaleX: The largest magnitude of x; there exactly when the weight's is. One element;
///     float32; optional, and only where the mode has a global scale.
///   - sortedIndices: A promise, which is checked, that the given indices ascend. Default: `false`.
///   - context: Where to run; `nil` takes a context of the CPU from a pool.
/// - Returns: The products. [batch..., M?, N]; the dtype of x.
/// - Throws: ``ThinbitError``: `.invalidArgument`, with the rule `gather_qqmm.<argument>.<kind>`,
///   where an argument is not as described here; `.unsupported` where the backend cannot do it;
///   `.outOfMemory`.
public func gatherQuantizedQuantizedMM(
  _ x: Tensor,
  _ w: QuantizedTensor,
  lhsIndices: Tensor? = nil,
  rhsIndices: Tensor? = nil,
  globalScaleX: Tensor? = nil,
  sortedIndices: Bool = false,
  context: Context? = nil
) throws(ThinbitError) -> Tensor {
  return try call(
    x: x,
    globalScaleX: globalScaleX,
    w: w.record,
    lhsIndices: lhsIndices,
    rhsIndices: rhsIndices,
    sortedIndices: sortedIndices,
    context: context)
}

private func call(
  x: Tensor,
  globalScaleX: Tensor?,
  w: QuantizedTensorRecord,
  lhsIndices: Tensor?,
  rhsIndices: Tensor?,
  sortedIndices: Bool,
  context: Context?
) throws(ThinbitError) -> Tensor {
  defer { withExtendedLifetime((x, globalScaleX, w, lhsIndices, rhsIndices)) {} }
  var params = unsafe thinbit_gather_qqmm_params(
    struct_size: UInt64(MemoryLayout<thinbit_gather_qqmm_params>.size),
    x: x.descriptor,
    global_scale_x: globalScaleX?.descriptor,
    w: w.pointer,
    lhs_indices: lhsIndices?.descriptor,
    rhs_indices: rhsIndices?.descriptor,
    sorted_indices: sortedIndices ? 1 : 0,
    reserved: 0,
    out: nil)
  var infos = thinbit_tensor_info()
  try unsafe infer(&infos) { infos, error in unsafe thinbit_gather_qqmm_infer(&params, infos, error) }
  let out = try Tensor(infos)
  unsafe params.out = out.descriptor
  try unsafe compute(in: context) { handle, error in
    unsafe thinbit_gather_qqmm(handle, &params, error)
  }
  return out
}
