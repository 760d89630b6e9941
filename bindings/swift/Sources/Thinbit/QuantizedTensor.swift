/// A quantized weight as one value: what was packed, and everything that is needed to read it.
///
/// Groups run along the last axis. The spec travels with the data: an op that takes a
/// `QuantizedTensor` cannot be told another mode than the one the weight was quantized with.
public struct QuantizedTensor: Sendable, CustomStringConvertible {
  /// Each row is one little-endian stream of codes of `bits` bits: uint32 `[E..., rows, columns *
  /// bits / 32]`.
  public let packed: Tensor
  /// One scale for each group: `[E..., rows, columns / groupSize]`, of a dtype of
  /// `mode.scaleDTypes`.
  public let scales: Tensor
  /// One bias for each group, like `scales`; there exactly when `mode.hasBiases`.
  public let biases: Tensor?
  /// The largest magnitude of the whole tensor, or one for each expert: float32; only with
  /// `mode.hasGlobalScale`.
  public let globalScale: Tensor?
  /// How values are encoded.
  public let mode: QuantizationMode
  /// Elements that share a scale.
  public let groupSize: Int
  /// Bits for each element.
  public let bits: Int
  /// The shape of the tensor that this one stands for: `[E..., rows, columns]`.
  public let shape: [Int]

  let record: QuantizedTensorRecord

  /// A weight that was quantized before, by these ops, by Python, or by MLX.
  ///
  /// - Parameters:
  ///   - packed: uint32 `[E..., rows, columns * bits / 32]`.
  ///   - scales: `[E..., rows, columns / groupSize]`.
  ///   - biases: Like `scales`, exactly when the mode has biases.
  ///   - groupSize: Elements that share a scale; `nil` is the mode's default.
  ///   - bits: Bits for each element; `nil` is the mode's default.
  ///   - mode: How values are encoded.
  ///   - globalScale: One float32, or one for each matrix of the leading axes; only where the mode
  ///     has it.
  /// - Throws: ``ThinbitError`` of the op `quantized_tensor`, where the parts do not fit together;
  ///   its arguments have their flat names, as in the rules `quantized_tensor.w.dtype` and
  ///   `quantized_tensor.biases.required`.
  public init(
    packed: Tensor, scales: Tensor, biases: Tensor?, groupSize: Int? = nil, bits: Int? = nil,
    mode: QuantizationMode = .affine, globalScale: Tensor? = nil
  ) throws(ThinbitError) {
    self.packed = packed
    self.scales = scales
    self.biases = biases
    self.globalScale = globalScale
    self.mode = mode
    self.groupSize = groupSize ?? mode.defaultGroupSize
    self.bits = bits ?? mode.defaultBits
    record = QuantizedTensorRecord(
      packed: packed, scales: scales, biases: biases, globalScale: globalScale, mode: mode,
      groupSize: try setting(
        groupSize, of: "quantized_tensor", "group_size", choices: mode.allowedGroupSizes),
      bits: try setting(bits, of: "quantized_tensor", "bits", choices: mode.allowedBits))
    shape = try record.shape()
  }

  /// Quantizes a float tensor `[E..., N, K]`, group by group along its last axis.
  ///
  /// In a mode with a global scale (nvfp4) that scale is the tensor's largest magnitude, as good
  /// tools choose it; 1 is used for zeros, and none where it is too small to divide by. The flat
  /// ``quantized(_:groupSize:bits:mode:globalScale:context:)`` takes the one it is given instead.
  ///
  /// - Parameters:
  ///   - w: float32, float16 or bfloat16; the last axis is a multiple of the group size.
  ///   - groupSize: Elements that share a scale; `nil` is the mode's default.
  ///   - bits: Bits for each element; `nil` is the mode's default.
  ///   - mode: How values are encoded.
  ///   - context: Where to run; `nil` takes a context of the CPU from a pool.
  /// - Throws: ``ThinbitError`` of the op `quantize`.
  public static func quantize(
    _ w: Tensor, groupSize: Int? = nil, bits: Int? = nil, mode: QuantizationMode = .affine,
    context: Context? = nil
  ) throws(ThinbitError) -> QuantizedTensor {
    let globalScale = mode.hasGlobalScale ? try w.globalScale() : nil
    let (wq, scales, biases) = try quantized(
      w, groupSize: groupSize, bits: bits, mode: mode, globalScale: globalScale, context: context)
    return try QuantizedTensor(
      packed: wq, scales: scales, biases: biases, groupSize: groupSize, bits: bits, mode: mode,
      globalScale: globalScale)
  }

  /// The float tensor that this one stands for.
  ///
  /// - Parameters:
  ///   - dtype: float32, float16 or bfloat16; `nil` is that of the scales for affine, float32 for
  ///     the other modes.
  ///   - context: Where to run; `nil` takes a context of the CPU from a pool.
  /// - Throws: ``ThinbitError`` of the op `dequantize`.
  public func dequantized(
    dtype: DType? = nil, context: Context? = nil
  ) throws(ThinbitError) -> Tensor {
    try Thinbit.dequantized(self, dtype: dtype, context: context)
  }

  /// The number of elements of the tensor that this one stands for.
  public var count: Int { shape.reduce(1, *) }

  /// The bytes of all parts.
  public var nbytes: Int {
    packed.nbytes + scales.nbytes + (biases?.nbytes ?? 0) + (globalScale?.nbytes ?? 0)
  }

  /// What one element costs, scales and biases included; NaN for a tensor without elements.
  public var bitsPerWeight: Double {
    count == 0 ? .nan : 8 * Double(nbytes) / Double(count)
  }

  /// One line, such as `QuantizedTensor([384, 1536], affine, 4 bits, groups of 64, 4.5 bits per
  /// weight)`.
  public var description: String {
    // Three decimals, without Foundation.
    let perWeight = (bitsPerWeight * 1000).rounded() / 1000
    return "QuantizedTensor(\(shape), \(mode.rawValue), \(bits) bits, groups of \(groupSize), "
      + "\(perWeight) bits per weight)"
  }
}
