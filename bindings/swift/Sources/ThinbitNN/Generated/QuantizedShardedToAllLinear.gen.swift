// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A linear layer of which each rank has a part of the input, and all have the whole output, with a
/// quantized weight.
public final class QuantizedShardedToAllLinear: Layer, UnaryLayer, Sendable {
  /// The columns of the weight that this rank has. `[outputDims, rankInputDims]`.
  public let weight: QuantizedTensor
  /// The ranks among which the layer was cut.
  public let group: DistributedGroup
  /// What is added to every row of the result, once; the same on every rank. `[outputDims]`;
  /// float32, float16 or bfloat16; optional.
  public let bias: Tensor?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `QuantizedShardedToAllLinear` where they do not fit together.
  public init(weight: QuantizedTensor, group: DistributedGroup, bias: Tensor? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "QuantizedShardedToAllLinear")
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
    return try quantizedMM(x, weight, transpose: true).summed(over: group, adding: bias)
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
      "QuantizedShardedToAllLinear",
      [
        ("rankInputDims", rankInputDims),
        ("outputDims", outputDims),
        ("bias", bias != nil),
        ("groupSize", weight.groupSize),
        ("bits", weight.bits),
        ("mode", weight.mode),
        ("group", group),
      ])
  }
}
