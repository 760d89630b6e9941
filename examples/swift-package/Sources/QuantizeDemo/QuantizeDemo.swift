import Thinbit

/// Quantizes a small weight in every mode, multiplies with it, and prints how far the products are off.
@main struct QuantizeDemo {
  static let (rows, columns) = (64, 256)

  static func main() throws {
    let values = noise(rows * columns, seed: 1)
    let w = try Tensor(values, shape: [rows, columns])
    let x = try Tensor(noise(columns, seed: 2), shape: [1, columns])
    let exact = product(try x.array(as: Float.self), values)

    for mode in QuantizationMode.allCases {
      let q = try QuantizedTensor.quantize(w, mode: mode)
      let y = try quantizedMM(x, q).array(as: Float.self)
      print("\(q): error \(percent(y, of: exact))")
    }

    // The flat functions are those of MLX.
    let (wq, scales, biases) = try quantizedAffine(w, groupSize: 32, bits: 8)
    let y = try quantizedMM(x, wq, scales: scales, biases: biases, groupSize: 32, bits: 8)
    print("quantizedMM: \(y), error \(percent(try y.array(as: Float.self), of: exact))")

    do {
      _ = try quantized(w, groupSize: 48)
    } catch {
      print("as it should, thinbit refuses: \(error)")
    }
  }

  /// Numbers between -1 and 1 that look random, and are the same everywhere.
  static func noise(_ count: Int, seed: UInt32) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int32(bitPattern: state)) / 0x1p31
    }
  }

  /// x @ w^T in double precision.
  static func product(_ x: [Float], _ w: [Float]) -> [Double] {
    (0..<rows).map { row in
      (0..<columns).reduce(0) { $0 + Double(x[$1]) * Double(w[row * columns + $1]) }
    }
  }

  /// The relative error, in percent with two decimals.
  static func percent(_ values: [Float], of exact: [Double]) -> String {
    let squares = zip(values, exact).reduce(0) { sum, pair in
      sum + (Double(pair.0) - pair.1) * (Double(pair.0) - pair.1)
    }
    let size = exact.reduce(0) { $0 + $1 * $1 }
    return "\(((squares / size).squareRoot() * 10_000).rounded() / 100) %"
  }
}
