// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A linear layer of which each rank has a part of the input, and all have the whole output, with a
/// float weight.
public final class ShardedToAllLinear: Layer, UnaryLayer, Sendable {
  /// The columns of the weight that this rank has. `[outputDims, rankInputDims]`; float32, float16
  /// or bfloat16.
  public let weight: Tensor
  /// The ranks among which the layer was cut.
  public let group: DistributedGroup
  /// What is added to every row of the result, once; the same on every rank. `[outputDims]`;
  /// float32, float16 or bfloat16; optional.
  public let bias: Tensor?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `ShardedToAllLinear` where they do not fit together.
  public init(weight: Tensor, group: DistributedGroup, bias: Tensor? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "ShardedToAllLinear")
    try check.dtype(of: weight, "weight", [.float32, .float16, .bfloat16])
    try check.shape(of: weight, "weight", ["outputDims", "rankInputDims"])
    if let bias { try check.dtype(of: bias, "bias", [.float32, .float16, .bfloat16]) }
    if let bias { try check.shape(of: bias, "bias", ["outputDims"]) }
    self.weight = weight
    self.group = group
    self.bias = bias
  }

  /// Axis 0 of ``weight``.
  public var outputDims: Int { weight.shape[0] }

  /// Axis 1 of ``weight``.
  public var rankInputDims: Int { weight.shape[1] }

  /// The sum over all ranks of x @ weight^T, and the bias added to it once; every rank has to call
  /// it.
  ///
  /// - Parameter x: This rank's part of the activations. `[X..., rank_input_dims]`; float32,
  ///   float16 or bfloat16.
  /// - Returns: [X..., output_dims], of the dtype of x, the same on every rank.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func callAsFunction(_ x: Tensor) throws(ThinbitError) -> Tensor {
    return try floatLinear(x: x, weight: weight, bias: nil).summed(over: group, adding: bias)
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
      "ShardedToAllLinear",
      [
        ("rankInputDims", rankInputDims),
        ("outputDims", outputDims),
        ("bias", bias != nil),
        ("group", group),
      ])
  }
}
