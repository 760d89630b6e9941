// generated from codegen/schema/thinbit.yaml: do not edit
public import Thinbit

/// A table of quantized rows, which indices pick.
public final class QuantizedEmbedding: Layer, EmbeddingLayer, Sendable {
  /// One row for each index. `[numEmbeddings, dims]`.
  public let weight: QuantizedTensor
  /// The dtype of the rows: that of the scales for affine, float32 for the other modes, when not
  /// given. float32, float16 or bfloat16; optional.
  public let dtype: DType?

  /// The layer of these fields.
  ///
  /// - Throws: ``ThinbitError`` of the op `QuantizedEmbedding` where they do not fit together.
  public init(weight: QuantizedTensor, dtype: DType? = nil) throws(ThinbitError) {
    var check = LayerCheck(of: "QuantizedEmbedding")
    try check.shape(of: weight, "weight", ["numEmbeddings", "dims"])
    if let dtype { try check.choice(dtype, "dtype", [.float32, .float16, .bfloat16]) }
    self.weight = weight
    self.dtype = dtype
  }

  /// Axis 0 of ``weight``.
  public var numEmbeddings: Int { weight.shape[0] }

  /// Axis 1 of ``weight``.
  public var dims: Int { weight.shape[1] }

  /// The values of the rows that the indices pick; no other row is read.
  ///
  /// - Parameter indices: Row numbers from 0. `[I..., n]`; int32, uint32 or int64.
  /// - Returns: [I..., n, dims], of the layer's dtype.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func callAsFunction(_ indices: Tensor) throws(ThinbitError) -> Tensor {
    let rows = try weight.rows(indices)
    return try dequantized(rows, dtype: dtype)
  }

  /// x @ weight^T, as the output layer of a model whose embeddings are tied has it.
  ///
  /// - Parameter x: The activations. `[X..., dims]`; float32, float16 or bfloat16.
  /// - Returns: [X..., num_embeddings], of the dtype of x.
  /// - Throws: ``ThinbitError`` where what is given does not fit the layer.
  public func asLinear(_ x: Tensor) throws(ThinbitError) -> Tensor {
    return try quantizedMM(x, weight, transpose: true)
  }

  /// The parameters, by name.
  public var ownParameters: [(name: String, value: Parameter)] {
    var parameters: [(name: String, value: Parameter)] = []
    parameters.append(("weight", .quantized(weight)))
    return parameters
  }

  /// One line: the sizes, what is there, and how the weight is quantized.
  public var description: String {
    oneLine(
      "QuantizedEmbedding",
      [
        ("numEmbeddings", numEmbeddings),
        ("dims", dims),
        ("groupSize", weight.groupSize),
        ("bits", weight.bits),
        ("mode", weight.mode),
      ])
  }
}
