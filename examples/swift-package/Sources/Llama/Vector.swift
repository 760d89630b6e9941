import Foundation

/// What lies between the products with weights: computed in double and rounded to float once. So
/// another program that does the same, whatever its library of functions, gets the same floats.

/// x divided by the root of its mean square, times the weight.
func rmsNorm(_ x: ArraySlice<Float>, weight: [Float], eps: Double) -> [Float] {
  var squares = 0.0
  for value in x { squares += Double(value) * Double(value) }
  let scale = 1 / (squares / Double(x.count) + eps).squareRoot()
  return zip(x, weight).map { Float(Double($0) * scale * Double($1)) }
}

/// silu(gate) * up, element by element.
func gated(_ gate: [Float], _ up: [Float]) -> [Float] {
  zip(gate, up).map { gate, up in
    let wide = Double(gate)
    return Float(wide / (1 + exp(-wide)) * Double(up))
  }
}

/// a + b, element by element.
func sum(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 + $1 } }

/// The index of the largest value; of equal ones the first.
func indexOfLargest(_ values: ArraySlice<Float>) -> Int {
  var best = values.startIndex
  for index in values.indices where values[index] > values[best] { best = index }
  return best - values.startIndex
}
