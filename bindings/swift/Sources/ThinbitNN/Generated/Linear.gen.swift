// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A linear layer with a float weight: x @ weight^T + bias.
public final class Linear: Layer, UnaryLayer, Quantizable, InputQuantizable, Shardable, Sendable {
  /// The weight. `[outputDims, inputDims]`; float32, float16 or bfloat16.
  public let weight: Tensor
  /// What is added to every row of the result. `[outputDims]`; float32, float16 or bfloat16;
  /// optional.
  public let bias: Tensor?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `Linear` where they do not fit together.
  public init(weight: Tensor, bias: Tensor? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "Linear")
    try check.dtype(of: weight, "weight", [.float32, .float16, .bfloat16])
    try check.shape(of: weight, "weight", ["outputDims", "inputDims"])
    if let bias { try check.dtype(of: bias, "bias", [.float32, .float16, .bfloat16]) }
    if let bias { try check.shape(of: bias, "bias", ["outputDims"]) }
    self.weight = weight
    self.bias = bias
  }

  /// Axis 0 of ``weight``.
  public var outputDims: Int { weight.shape[0] }

  /// Axis 1 of ``weight``.
  public var inputDims: Int { weight.shape[1] }

  /// x @ weight^T + bias, summed in float32 and rounded once to the dtype of x.
  ///
  /// - Parameter x: The activations. `[X..., input_dims]`; float32, float16 or bfloat16.
  /// - Returns: [X..., output_dims], of the dtype of x.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func callAsFunction(_ x: Tensor) throws(ThinbitError) -> Tensor {
    return try floatLinear(x: x, weight: weight, bias: bias)
  }

  /// The same layer with a quantized weight; this one stays as it is.
  ///
  /// - Parameters:
  ///   - groupSize: Elements that share a scale; `nil` is the mode's default.
  ///   - bits: Bits for each element; `nil` is the mode's default.
  ///   - mode: How values are encoded.
  /// - Throws: ``ThinbitError`` of the op `quantize`; or the layer lacks the mode.
  public func toQuantized(
    groupSize: Int? = nil, bits: Int? = nil, mode: QuantizationMode = .affine
  ) throws(ThinbitError) -> QuantizedLinear {
    let quantized = try QuantizedTensor.quantize(
      weight, groupSize: groupSize, bits: bits, mode: mode)
    return try QuantizedLinear(weight: quantized, bias: bias)
  }

  /// The same layer with a quantized weight, which quantizes its input too; this one stays as it
  /// is.
  ///
  /// - Parameters:
  ///   - groupSize: Elements that share a scale; `nil` is the mode's default.
  ///   - bits: Bits for each element; `nil` is the mode's default.
  ///   - mode: How values are encoded.
  /// - Throws: ``ThinbitError`` of the op `quantize`; or the layer lacks the mode.
  public func toInputQuantized(
    groupSize: Int? = nil, bits: Int? = nil, mode: QuantizationMode = .affine
  ) throws(ThinbitError) -> QQLinear {
    let quantized = try QuantizedTensor.quantize(
      weight, groupSize: groupSize, bits: bits, mode: mode)
    return try QQLinear(weight: quantized, bias: bias)
  }

  /// This rank's part of the layer; this one stays as it is.
  ///
  /// - Parameters:
  ///   - sharding: How it is cut.
  ///   - segments: How many parts along the cut axis are projections of their own, such as the 3 of a
  ///     fused query, key and value: each of them is cut.
  ///   - group: The ranks; `nil` is all of the job.
  /// - Throws: ``ThinbitError`` where the layer cannot be cut evenly.
  public func toSharded(
    _ sharding: Sharding, segments: Int = 1, group: DistributedGroup? = nil
  ) throws(ThinbitError) -> any UnaryLayer {
    let cut = try ShardCut(segments: segments, group: group)
    switch sharding {
    case .allToSharded:
      return try AllToShardedLinear(
        weight: cut.rows(of: weight, "weight"),
        group: cut.group,
        bias: cut.rows(of: bias, "bias"))
    case .shardedToAll:
      return try ShardedToAllLinear(
        weight: cut.columns(of: weight, "weight"),
        group: cut.group,
        bias: bias)
    }
  }

  /// The parameters, by name.
  public var ownParameters: [(name: String, value: Parameter)] {
    var parameters: [(name: String, value: Parameter)] = []
    parameters.append(("weight", .tensor(weight)))
    if let bias { parameters.append(("bias", .tensor(bias))) }
    return parameters
  }

  /// One line: the sizes, what is there, and how the weight is quantized.
  public var description: String {
    oneLine(
      "Linear",
      [
        ("inputDims", inputDims),
        ("outputDims", outputDims),
        ("bias", bias != nil),
      ])
  }
}
