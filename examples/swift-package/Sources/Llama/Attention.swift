import Foundation
import Thinbit
import ThinbitNN

/// The keys and values of one block, of all tokens so far.
struct BlockCache {
  var keys: [Float] = []
  var values: [Float] = []
}

/// Causal attention with rotary embeddings, in which several query heads share a key and value head.
///
/// On several ranks each has a part of the four projections. Heads are split where the ranks divide
/// them; else the ranks exchange queries, keys and values, and each computes all heads.
final class Attention: Module {
  @Child var qProj: any UnaryLayer
  @Child var kProj: any UnaryLayer
  @Child var vProj: any UnaryLayer
  @Child var oProj: any UnaryLayer
  private let config: LlamaConfig
  private let frequencies: [Double]
  private let exchange: DistributedGroup?
  private let heads: Int
  private let sharedHeads: Int

  init(
    _ checkpoint: Checkpoint, _ path: String, _ config: LlamaConfig, _ group: DistributedGroup?
  ) throws {
    qProj = try checkpoint.linear("\(path).q_proj", .allToSharded, group)
    kProj = try checkpoint.linear("\(path).k_proj", .allToSharded, group)
    vProj = try checkpoint.linear("\(path).v_proj", .allToSharded, group)
    oProj = try checkpoint.linear("\(path).o_proj", .shardedToAll, group)
    self.config = config
    let ranks = group?.size ?? 1
    let splitsHeads = config.numKeyValueHeads % ranks == 0
    exchange = splitsHeads ? nil : group
    heads = config.numAttentionHeads / (splitsHeads ? ranks : 1)
    sharedHeads = config.numKeyValueHeads / (splitsHeads ? ranks : 1)
    frequencies = (0..<config.headDim / 2).map { pair in
      pow(config.ropeTheta, -2 * Double(pair) / Double(config.headDim))
    }
  }

  /// What the tokens of x `[rows, hiddenSize]`, which follow those of the cache, take from all before
  /// them.
  func callAsFunction(_ x: Tensor, _ cache: inout BlockCache) throws -> Tensor {
    let size = config.headDim
    let width = sharedHeads * size
    let before = cache.keys.count / width
    var queries = try joined(qProj(x))
    var keys = try joined(kProj(x))
    let rows = keys.count / width
    rotate(&queries, heads: heads, from: before)
    rotate(&keys, heads: sharedHeads, from: before)
    cache.keys += keys
    cache.values += try joined(vProj(x))
    let shared = config.numAttentionHeads / config.numKeyValueHeads
    var mixed = [Float](repeating: 0, count: queries.count)
    for row in 0..<rows {
      for head in 0..<heads {
        let start = (row * heads + head) * size
        let weights = softmax(
          scores(of: queries[start..<start + size], in: cache.keys, head / shared, before + row + 1)
        )
        let sums = weighted(cache.values, head / shared, by: weights)
        for (index, sum) in sums.enumerated() { mixed[start + index] = Float(sum) }
      }
    }
    return try oProj(own(mixed, columns: heads * size))
  }

  /// The elements of all ranks, row by row, where they are exchanged; else those of this rank.
  private func joined(_ part: Tensor) throws -> [Float] {
    guard let exchange else { return try part.array(as: Float.self) }
    let (rows, width) = (part.shape[0], part.shape[1])
    let all = try exchange.allGather(part).array(as: Float.self)
    var whole: [Float] = []
    for row in 0..<rows {
      for rank in 0..<exchange.size {
        let start = (rank * rows + row) * width
        whole += all[start..<start + width]
      }
    }
    return whole
  }

  /// What this rank's part of the last projection takes of the rows.
  private func own(_ rows: [Float], columns: Int) throws -> Tensor {
    guard let exchange else { return try Tensor(rows, shape: [rows.count / columns, columns]) }
    let width = columns / exchange.size
    var part: [Float] = []
    for start in stride(from: exchange.rank * width, to: rows.count, by: columns) {
      part += rows[start..<start + width]
    }
    return try Tensor(part, shape: [part.count / width, width])
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
    let width = sharedHeads * config.headDim
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
    let width = sharedHeads * config.headDim
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

extension Checkpoint {
  /// The linear layer of a path, or this rank's part of it.
  func linear(
    _ path: String, _ sharding: Sharding, _ group: DistributedGroup?
  ) throws -> any UnaryLayer {
    let layer = try linear(path)
    guard let group else { return layer }
    return try shardLinear(module: layer, sharding: sharding, group: group)
  }
}
