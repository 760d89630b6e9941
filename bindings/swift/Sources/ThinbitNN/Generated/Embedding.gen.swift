// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A table of float rows, which indices pick.
public final class Embedding: Layer, EmbeddingLayer, Quantizable, Sendable {
  /// One row for each index. `[numEmbeddings, dims]`; float32, float16 or bfloat16.
  public let weight: Tensor

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `Embedding` where they do not fit together.
  public init(weight: Tensor) throws(ThinbitError) {
    var check = LayerCheck(of: "Embedding")
    try check.dtype(of: weight, "weight", [.float32, .float16, .bfloat16])
    try check.shape(of: weight, "weight", ["numEmbeddings", "dims"])
    self.weight = weight
  }

  /// Axis 0 of ``weight``.
  public var numEmbeddings: Int { weight.shape[0] }

  /// Axis 1 of ``weight``.
  public var dims: Int { weight.shape[1] }

  /// The rows that the indices pick.
  ///
  /// - Parameter indices: Row numbers from 0. `[I..., n]`; int32, uint32 or int64.
  /// - Returns: [I..., n, dims], of the dtype of the weight.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func callAsFunction(_ indices: Tensor) throws(ThinbitError) -> Tensor {
    return try floatRows(weight: weight, indices: indices)
  }

  /// x @ weight^T, as the output layer of a model whose embeddings are tied has it.
  ///
  /// - Parameter x: The activations. `[X..., dims]`; float32, float16 or bfloat16.
  /// - Returns: [X..., num_embeddings], of the dtype of x.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func asLinear(_ x: Tensor) throws(ThinbitError) -> Tensor {
    return try floatLinear(x: x, weight: weight, bias: nil)
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
  ) throws(ThinbitError) -> QuantizedEmbedding {
    let quantized = try QuantizedTensor.quantize(
      weight, groupSize: groupSize, bits: bits, mode: mode)
    return try QuantizedEmbedding(weight: quantized, dtype: weight.dtype)
  }

  /// The parameters, by name.
  public var ownParameters: [(name: String, value: Parameter)] {
    var parameters: [(name: String, value: Parameter)] = []
    parameters.append(("weight", .tensor(weight)))
    return parameters
  }

  /// One line: the sizes, what is there, and how the weight is quantized.
  public var description: String {
    oneLine(
      "Embedding",
      [
        ("numEmbeddings", numEmbeddings),
        ("dims", dims),
      ])
  }
}
