// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// This rank's part of the output of a linear layer, with a quantized weight, which quantizes its
/// input too.
public final class QQAllToShardedLinear: Layer, UnaryLayer, Sendable {
  /// The rows of the weight that this rank has. `[rankOutputDims, inputDims]`.
  public let weight: QuantizedTensor
  /// The ranks among which the layer was cut.
  public let group: DistributedGroup
  /// This rank's part of what is added to every row of the result. `[rankOutputDims]`; float32,
  /// float16 or bfloat16; optional.
  public let bias: Tensor?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `QQAllToShardedLinear` where they do not fit together.
  public init(weight: QuantizedTensor, group: DistributedGroup, bias: Tensor? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "QQAllToShardedLinear")
    try check.mode(of: weight, "weight", [.mxfp4, .mxfp8, .nvfp4])
    try check.shape(of: weight, "weight", ["rankOutputDims", "inputDims"])
    if let bias { try check.dtype(of: bias, "bias", [.float32, .float16, .bfloat16]) }
    if let bias { try check.shape(of: bias, "bias", ["rankOutputDims"]) }
    self.weight = weight
    self.group = group
    self.bias = bias
  }

  /// Axis 0 of ``weight``.
  public var rankOutputDims: Int { weight.shape[0] }

  /// Axis 1 of ``weight``.
  public var inputDims: Int { weight.shape[1] }

  /// This rank's part of x @ weight^T + bias; nothing is exchanged.
  ///
  /// - Parameter x: The activations, the same on every rank. `[X..., input_dims]`; float32, float16
  ///   or bfloat16.
  /// - Returns: [X..., rank_output_dims], of the dtype of x.
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
      "QQAllToShardedLinear",
      [
        ("inputDims", inputDims),
        ("rankOutputDims", rankOutputDims),
        ("bias", bias != nil),
        ("groupSize", weight.groupSize),
        ("bits", weight.bits),
        ("mode", weight.mode),
        ("group", group),
      ])
  }
}
