import Foundation
import Thinbit
public import ThinbitNN

/// A sentence encoder in the shape of BERT: all-MiniLM-L6-v2.
///
/// What lies between the products with weights is computed in double and rounded to float once, as in
/// `Llama`.
public final class Bert: Module {
  @Child var words: any EmbeddingLayer
  @Child var blocks: [Block]
  @Child var norm: LayerNorm
  let positions: Tensor
  let kinds: Tensor
  private let config: BertConfig

  /// The model of a checkpoint with Hugging Face's names; its layers are quantized or float as the
  /// checkpoint has them.
  public init(_ checkpoint: Checkpoint) throws {
    guard let text = checkpoint.config else { throw BertError("the checkpoint has no config.json") }
    let config = try BertConfig(json: text)
    self.config = config
    words = try checkpoint.embedding("embeddings.word_embeddings", dtype: .float32)
    positions = try checkpoint.tensor("embeddings.position_embeddings.weight")
    kinds = try checkpoint.tensor("embeddings.token_type_embeddings.weight")
    norm = try LayerNorm(checkpoint, "embeddings.LayerNorm", config)
    blocks = try (0..<config.numHiddenLayers).map { index in
      try Block(checkpoint, "encoder.layer.\(index)", config)
    }
  }

  /// The embedding of a text: the mean of its tokens' states, of length 1.
  public func callAsFunction(_ tokens: [Int]) throws -> [Float] {
    let width = config.hiddenSize
    let ids = try Tensor(tokens.map { Int32($0) }, shape: [tokens.count])
    let rows = try words(ids).array(as: Float.self)
    let places = try positions.array(as: Float.self)
    let kind = try kinds.array(as: Float.self)
    var x = norm(
      rows.indices.map { Double(rows[$0]) + Double(places[$0]) + Double(kind[$0 % width]) })
    for block in blocks { x = try block(x) }
    var mean = [Double](repeating: 0, count: width)
    for (index, value) in x.enumerated() { mean[index % width] += Double(value) }
    mean = mean.map { $0 / Double(tokens.count) }
    let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return mean.map { Float($0 / length) }
  }
}

/// Attention and feed-forward, each added to its input and normed.
final class Block: Module {
  @Child var query: any UnaryLayer
  @Child var key: any UnaryLayer
  @Child var value: any UnaryLayer
  @Child var attention: any UnaryLayer
  @Child var intermediate: any UnaryLayer
  @Child var output: any UnaryLayer
  @Child var attentionNorm: LayerNorm
  @Child var outputNorm: LayerNorm
  private let heads: Int
  private let width: Int

  init(_ checkpoint: Checkpoint, _ path: String, _ config: BertConfig) throws {
    query = try checkpoint.linear("\(path).attention.self.query")
    key = try checkpoint.linear("\(path).attention.self.key")
    value = try checkpoint.linear("\(path).attention.self.value")
    attention = try checkpoint.linear("\(path).attention.output.dense")
    intermediate = try checkpoint.linear("\(path).intermediate.dense")
    output = try checkpoint.linear("\(path).output.dense")
    attentionNorm = try LayerNorm(checkpoint, "\(path).attention.output.LayerNorm", config)
    outputNorm = try LayerNorm(checkpoint, "\(path).output.LayerNorm", config)
    heads = config.numAttentionHeads
    width = config.hiddenSize
  }

  func callAsFunction(_ x: [Float]) throws -> [Float] {
    let shape = [x.count / width, width]
    let mixed = try Tensor(mix(Tensor(x, shape: shape)), shape: shape)
    let h = attentionNorm(sum(x, try attention(mixed).array(as: Float.self)))
    let inner = try intermediate(Tensor(h, shape: shape))
    let active = try inner.array(as: Float.self).map { value in
      let wide = Double(value)
      return Float(wide * (0.5 * (1 + erf(wide * 0.5.squareRoot()))))
    }
    let after = try output(Tensor(active, shape: inner.shape)).array(as: Float.self)
    return outputNorm(sum(h, after))
  }

  /// What each token takes from all of them.
  private func mix(_ x: Tensor) throws -> [Float] {
    let queries = try query(x).array(as: Float.self).map { Double($0) }
    let keys = try key(x).array(as: Float.self).map { Double($0) }
    let values = try value(x).array(as: Float.self).map { Double($0) }
    let (rows, size) = (queries.count / width, width / heads)
    let scale = Double(size).squareRoot()
    var mixed = [Float](repeating: 0, count: queries.count)
    for row in 0..<rows {
      for head in 0..<heads {
        let start = row * width + head * size
        let scores = (0..<rows).map { other in
          let from = other * width + head * size
          return (0..<size).reduce(0) { $0 + queries[start + $1] * keys[from + $1] } / scale
        }
        let largest = scores.max() ?? 0
        let powers = scores.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        for index in 0..<size {
          mixed[start + index] = Float(
            (0..<rows).reduce(0) { sum, other in
              sum + powers[other] / total * values[other * width + head * size + index]
            })
        }
      }
    }
    return mixed
  }
}

/// Rows with mean 0 and variance 1, times a weight, plus a bias.
final class LayerNorm: Module {
  let weight: Tensor
  let bias: Tensor
  private let factors: [Double]
  private let offsets: [Double]
  private let eps: Double

  init(_ checkpoint: Checkpoint, _ path: String, _ config: BertConfig) throws {
    weight = try checkpoint.tensor("\(path).weight")
    bias = try checkpoint.tensor("\(path).bias")
    factors = try weight.array(as: Float.self).map { Double($0) }
    offsets = try bias.array(as: Float.self).map { Double($0) }
    eps = config.layerNormEps
  }

  func callAsFunction(_ x: [Double]) -> [Float] {
    let width = factors.count
    return stride(from: 0, to: x.count, by: width).flatMap { start in
      let row = x[start..<start + width]
      let mean = row.reduce(0, +) / Double(width)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let scale = 1 / (variance + eps).squareRoot()
      return zip(row.indices, row).map { index, value in
        Float((value - mean) * scale * factors[index - start] + offsets[index - start])
      }
    }
  }
}

/// a + b, element by element.
private func sum(_ a: [Float], _ b: [Float]) -> [Double] {
  zip(a, b).map { Double($0) + Double($1) }
}
