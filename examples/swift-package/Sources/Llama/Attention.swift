import Foundation
import Thinbit
import ThinbitNN

/// The keys and values of one block, of all tokens so far.
struct BlockCache {
  var keys: [Float] = []
  var values: [Float] = []
}

/// Causal attention with rotary embeddings, in which several query heads share a key and value head.
final class Attention: Module {
  @Child var qProj: any UnaryLayer
  @Child var kProj: any UnaryLayer
  @Child var vProj: any UnaryLayer
  @Child var oProj: any UnaryLayer
  private let config: LlamaConfig
  private let frequencies: [Double]

  init(_ checkpoint: Checkpoint, _ path: String, _ config: LlamaConfig) throws {
    qProj = try checkpoint.linear("\(path).q_proj")
    kProj = try checkpoint.linear("\(path).k_proj")
    vProj = try checkpoint.linear("\(path).v_proj")
    oProj = try checkpoint.linear("\(path).o_proj")
    self.config = config
    frequencies = (0..<config.headDim / 2).map { pair in
      pow(config.ropeTheta, -2 * Double(pair) / Double(config.headDim))
    }
  }

  /// What the tokens of x `[rows, hiddenSize]`, which follow those of the cache, take from all before
  /// them.
  func callAsFunction(_ x: Tensor, _ cache: inout BlockCache) throws -> Tensor {
    let size = config.headDim
    let width = config.numKeyValueHeads * size
    let before = cache.keys.count / width
    var queries = try qProj(x).array(as: Float.self)
    var keys = try kProj(x).array(as: Float.self)
    let rows = keys.count / width
    rotate(&queries, heads: config.numAttentionHeads, from: before)
    rotate(&keys, heads: config.numKeyValueHeads, from: before)
    cache.keys += keys
    cache.values += try vProj(x).array(as: Float.self)
    let shared = config.numAttentionHeads / config.numKeyValueHeads
    var mixed = [Float](repeating: 0, count: queries.count)
    for row in 0..<rows {
      for head in 0..<config.numAttentionHeads {
        let start = (row * config.numAttentionHeads + head) * size
        let weights = softmax(
          scores(of: queries[start..<start + size], in: cache.keys, head / shared, before + row + 1)
        )
        let sums = weighted(cache.values, head / shared, by: weights)
        for (index, sum) in sums.enumerated() { mixed[start + index] = Float(sum) }
      }
    }
    return try oProj(Tensor(mixed, shape: [rows, config.numAttentionHeads * size]))
  }

  /// Turns each pair of elements, half a head apart, by an angle that grows with the position.
  private func rotate(_ values: inout [Float], heads: Int, from first: Int) {
    let half = config.headDim / 2
    for row in 0..<values.count / (heads * config.headDim) {
      let turns = frequencies.map {
        (sine: sin(Double(first + row) * $0), cosine: cos(Double(first + row) * $0))
      }
      for head in 0..<heads {
        let start = (row * heads + head) * config.headDim
        for (pair, turn) in turns.enumerated() {
          let (a, b) = (Double(values[start + pair]), Double(values[start + half + pair]))
          values[start + pair] = Float(a * turn.cosine - b * turn.sine)
          values[start + half + pair] = Float(b * turn.cosine + a * turn.sine)
        }
      }
    }
  }

  /// The products of a query with the first `count` keys of a head.
  private func scores(
    of query: ArraySlice<Float>, in keys: [Float], _ head: Int, _ count: Int
  ) -> [Double] {
    let width = config.numKeyValueHeads * config.headDim
    let scale = 1 / Double(config.headDim).squareRoot()
    return (0..<count).map { position in
      var sum = 0.0
      var index = position * width + head * config.headDim
      for value in query {
        sum += Double(value) * Double(keys[index])
        index += 1
      }
      return sum * scale
    }
  }

  private func weighted(_ values: [Float], _ head: Int, by weights: [Double]) -> [Double] {
    let width = config.numKeyValueHeads * config.headDim
    var sums = [Double](repeating: 0, count: config.headDim)
    for (position, weight) in weights.enumerated() {
      let start = position * width + head * config.headDim
      for index in 0..<config.headDim { sums[index] += weight * Double(values[start + index]) }
    }
    return sums
  }
}

private func softmax(_ scores: [Double]) -> [Double] {
  let largest = scores.max() ?? 0
  let powers = scores.map { exp($0 - largest) }
  let total = powers.reduce(0, +)
  return powers.map { $0 / total }
}
