import Foundation

/// The shape of a BERT-like model, as Hugging Face's config.json has it.
public struct BertConfig: Decodable, Sendable {
  /// The width of the hidden states.
  public let hiddenSize: Int
  /// How many blocks there are.
  public let numHiddenLayers: Int
  /// Heads in each block.
  public let numAttentionHeads: Int
  /// Added to the variance before its root.
  public let layerNormEps: Double

  /// Reads the text of a config.json.
  public init(json: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(BertConfig.self, from: Data(json.utf8))
  }
}

/// A model or tokenizer that cannot be used.
public struct BertError: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
