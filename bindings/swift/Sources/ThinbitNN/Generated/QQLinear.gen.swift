// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A linear layer that quantizes its input too, row by row, in the mode of its weight.
///
/// Where the weight has a global scale, that of the input is the largest magnitude of x, found in
/// every call: then the rows of one call share it.
public final class QQLinear: Layer, UnaryLayer, Shardable, Sendable {
  /// The quantized weight. `[outputDims, inputDims]`.
  public let weight: QuantizedTensor
  /// What is added to every row of the result. `[outputDims]`; float32, float16 or bfloat16;
  /// optional.
  public let bias: Tensor?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `QQLinear` where they do not fit together.
  public init(weight: QuantizedTensor, bias: Tensor? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "QQLinear")
    try check.mode(of: weight, "weight", [.mxfp4, .mxfp8, .nvfp4])
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

  /// Quantizes x, multiplies, and adds the bias before the one rounding to the dtype of x.
  ///
  /// - Parameter x: The activations. `[X..., input_dims]`; float32, float16 or bfloat16.
  /// - Returns: [X..., output_dims], of the dtype of x.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func callAsFunction(_ x: Tensor) throws(ThinbitError) -> Tensor {
    let globalScaleX = try x.globalScale(beside: weight, over: nil)
    if let bias {
      return try quantizedQuantizedAddMM(
        bias,
        x,
        weight,
        globalScaleX: globalScaleX,
        alpha: 1.0,
        beta: 1.0)
    }
    return try quantizedQuantizedMM(x, weight, globalScaleX: globalScaleX)
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
      return try QQAllToShardedLinear(
        weight: cut.rows(of: weight, "weight"),
        group: cut.group,
        bias: cut.rows(of: bias, "bias"))
    case .shardedToAll:
      return try QQShardedToAllLinear(
        weight: cut.columns(of: weight, "weight"),
        group: cut.group,
        bias: bias)
    }
  }

  /// The parameters, by name.
  public var ownParameters: [(name: String, value: Parameter)] {
    var parameters: [(name: String, value: Parameter)] = []
    parameters.append(("weight", .quantized(weight)))
    if let bias { parameters.append(("bias", .tensor(bias))) }
    return parameters
  }

  /// One line: the sizes, what is there, and how the weight is quantized.
  public var description: String {
    oneLine(
      "QQLinear",
      [
        ("inputDims", inputDims),
        ("outputDims", outputDims),
        ("bias", bias != nil),
        ("groupSize", weight.groupSize),
        ("bits", weight.bits),
        ("mode", weight.mode),
      ])
  }
}
