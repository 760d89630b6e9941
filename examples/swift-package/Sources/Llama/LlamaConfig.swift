import Foundation

/// The shape of a Llama-like model, as Hugging Face's config.json has it.
public struct LlamaConfig: Decodable, Sendable {
  /// The width of the hidden states.
  public let hiddenSize: Int
  /// How many blocks there are.
  public let numHiddenLayers: Int
  /// Query heads in each block.
  public let numAttentionHeads: Int
  /// Key and value heads in each block: each serves as many query heads.
  public let numKeyValueHeads: Int
  /// Elements of one head.
  public let headDim: Int
  /// Added to the mean of squares before its root.
  public let rmsNormEps: Double
  /// The base of the rotary embedding's wavelengths.
  public let ropeTheta: Double
  /// Whether the output layer is the table of embeddings.
  public let tieWordEmbeddings: Bool

  /// Reads the text of a config.json.
  public init(json: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(LlamaConfig.self, from: Data(json.utf8))
  }
}
