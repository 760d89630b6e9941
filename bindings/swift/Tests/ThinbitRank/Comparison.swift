import Thinbit
import ThinbitNN

/// Sharded layers beside whole ones; a difference is an error.
struct Comparison {
  let group: DistributedGroup
  private(set) var count = 0

  private let outputs = 24
  private let groups = 24  // of each row: both segments of it divide by 2, 3 and 4 ranks

  init(group: DistributedGroup) {
    self.group = group
  }

  /// Every mode, bits and group size, biased and not, plain and QQ.
  mutating func compareAllLayers() throws {
    for hasBias in [false, true] {
      try compare(linear(groupSize: 32, hasBias), columns: groups * 32)
      for mode in QuantizationMode.allCases {
        for bits in mode.allowedBits {
          for size in mode.allowedGroupSizes {
            let layer = try linear(groupSize: size, hasBias)
            try compare(
              layer.toQuantized(groupSize: size, bits: bits, mode: mode), columns: groups * size)
            guard !mode.hasBiases else { continue }
            try compare(
              layer.toInputQuantized(groupSize: size, bits: bits, mode: mode),
              columns: groups * size)
          }
        }
      }
    }
  }

  private mutating func compare(_ layer: some Shardable, columns: Int) throws {
    // The last columns are the largest, so that ranks differ.
    let x = Matrix(rows: 3, columns: columns) { index in
      noise(index) * (0.1 + 4 * Float(index % columns) / Float(columns))
    }
    let whole = try Matrix(layer(x.tensor))
    for segments in [1, 2] {
      let rows = try shardLinear(
        module: layer, sharding: .allToSharded, segments: segments, group: group)
      try same(rows(x.tensor), own(whole, segments), "\(layer), rows in \(segments)")
      let columns = try shardLinear(
        module: layer, sharding: .shardedToAll, segments: segments, group: group)
      try same(columns(own(x, segments).tensor), whole, "\(layer), columns in \(segments)")
    }
  }

  /// What cannot be cut, word for word as Python says it.
  mutating func compareRefusals() throws {
    let layer = try linear(columns: 9 * 64, false).toQuantized(groupSize: 64)
    try refused(
      layer, .allToSharded, segments: 5,
      "weight has 24 rows, which 5 segments do not divide")
    try refused(
      layer, .allToSharded, segments: 0, "segments is 0, and must be a positive integer")
    let table = try Embedding(weight: linear(groupSize: 32, false).weight)
    try refused(
      table, .allToSharded, segments: 1,
      "module is Embedding, and only Linear, QuantizedLinear or QQLinear can be sharded")
    guard group.size == 2 else { return }
    try refused(
      layer, .shardedToAll, segments: 1,
      "weight has 9 groups of 64 columns, which 2 ranks do not divide; 1 or 3 ranks do, and with 32 "
        + "columns in a group 2 ranks do")
    try refused(
      layer, .allToSharded, segments: 8,
      "each of the 8 segments of weight has 3 rows, which 2 ranks do not divide; 1 or 3 ranks do")
  }

  private mutating func refused(
    _ module: any Module, _ sharding: Sharding, segments: Int, _ problem: String
  ) throws {
    var said = "nothing"
    do throws(ThinbitError) {
      _ = try shardLinear(module: module, sharding: sharding, segments: segments, group: group)
    } catch {
      said = error.message
    }
    guard said == "shard_linear: \(problem)" else {
      throw Mismatch(description: "\(said) is said, and not: \(problem)")
    }
    count += 1
  }

  private mutating func same(_ result: Tensor, _ expected: Matrix, _ name: String) throws {
    let found = try Matrix(result)
    let largest = expected.values.map(\.magnitude).max() ?? 0
    let off = zip(found.values, expected.values).map { ($0 - $1).magnitude }.max() ?? 0
    guard found.columns == expected.columns, found.values.count == expected.values.count,
      off <= 1e-6 * largest
    else {
      throw Mismatch(description: "\(name): rank \(group.rank) is off by \(off / largest)")
    }
    count += 1
  }

  /// This rank's part of each segment of the columns.
  private func own(_ matrix: Matrix, _ segments: Int) -> Matrix {
    let piece = matrix.columns / (segments * group.size)
    let width = piece * segments
    return Matrix(rows: matrix.values.count / matrix.columns, columns: width) { index in
      let (row, column) = (index / width, index % width)
      let start = (column / piece * group.size + group.rank) * piece
      return matrix.values[row * matrix.columns + start + column % piece]
    }
  }

  private func linear(groupSize: Int, _ hasBias: Bool) throws -> Linear {
    try linear(columns: groups * groupSize, hasBias)
  }

  private func linear(columns: Int, _ hasBias: Bool) throws -> Linear {
    let weight = Matrix(rows: outputs, columns: columns) { noise($0 + 1000) }
    let bias = try Tensor((0..<outputs).map { noise($0 + 77) }, shape: [outputs])
    return try Linear(weight: weight.tensor, bias: hasBias ? bias : nil)
  }
}

/// What was not as it has to be.
struct Mismatch: Error, CustomStringConvertible {
  let description: String
}

/// Floats in rows.
struct Matrix {
  let values: [Float]
  let columns: Int

  init(rows: Int, columns: Int, _ value: (Int) -> Float) {
    values = (0..<rows * columns).map(value)
    self.columns = columns
  }

  init(_ tensor: Tensor) throws(ThinbitError) {
    values = try tensor.array(as: Float.self)
    columns = tensor.shape[1]
  }

  var tensor: Tensor {
    get throws(ThinbitError) { try Tensor(values, shape: [values.count / columns, columns]) }
  }
}

/// A number from -1 to 1 that looks random, the same on every rank.
func noise(_ index: Int) -> Float {
  var bits = UInt32(truncatingIfNeeded: index) &* 2_654_435_769
  bits ^= bits >> 15
  bits = bits &* 2_246_822_519
  bits ^= bits >> 13
  return Float(bits >> 8) / 8_388_608 - 1
}
