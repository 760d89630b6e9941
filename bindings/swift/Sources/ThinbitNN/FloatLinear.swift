import Thinbit

/// `x @ weight^T + bias`, summed in float32 and rounded once to the dtype of x. It is plain Swift on
/// one thread: thinbit's ops multiply with quantized weights.
func floatLinear(x: Tensor, weight: Tensor, bias: Tensor?) throws(ThinbitError) -> Tensor {
  let (outputs, inputs) = (weight.shape[0], weight.shape[1])
  guard x.shape.last == inputs else {
    let found = x.shape.last.map(String.init) ?? "no"
    throw ThinbitError(
      "linear", "x", "shape",
      "the last axis of x has \(found) elements, and must have \(inputs)")
  }
  let start = try bias?.array(as: Float.self) ?? [Float](repeating: 0, count: outputs)
  let shape = x.shape.dropLast() + [outputs]
  let count = shape.dropLast().reduce(1, *)
  var sums = [Float](repeating: 0, count: count * outputs)
  try unsafe x.withFloats { rows throws(ThinbitError) in
    try unsafe weight.withFloats { columns in
      // Weight rows outside: each is read once.
      for output in 0..<outputs {
        let column = unsafe columns + output * inputs
        for row in 0..<count {
          sums[row * outputs + output] =
            unsafe start[output] + dot(rows + row * inputs, column, count: inputs)
        }
      }
    }
  }
  return try Tensor(sums, shape: Array(shape)).rounded(to: x.dtype)
}

/// The sum of products of two runs of floats, in sixteen partial sums.
private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var sums = SIMD16<Float>(repeating: 0)
  let (left, right) = unsafe (UnsafeRawPointer(a), UnsafeRawPointer(b))
  let whole = count - count % 16
  for offset in stride(from: 0, to: 4 * whole, by: 64) {
    let x = unsafe left.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
    let y = unsafe right.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
    sums += x * y
  }
  var sum = sums.sum()
  for index in whole..<count { sum += unsafe a[index] * b[index] }
  return sum
}

extension Tensor {
  /// Calls `body` with the elements as floats, one after the other; float32 is not copied.
  fileprivate func withFloats(
    _ body: (UnsafePointer<Float>) throws(ThinbitError) -> Void
  ) throws(ThinbitError) {
    if count == 0 { return }
    if dtype == .float32 {
      try unsafe withUnsafeBytes { bytes throws(ThinbitError) in
        guard let floats = unsafe bytes.assumingMemoryBound(to: Float.self).baseAddress else {
          return
        }
        try unsafe body(floats)
      }
      return
    }
    let floats = try array(as: Float.self)
    var failure: ThinbitError?
    unsafe floats.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      do throws(ThinbitError) { try unsafe body(start) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// float32 elements, rounded to another float dtype.
  func rounded(to dtype: DType) throws(ThinbitError) -> Tensor {
    switch dtype {
    case .bfloat16:
      return try Tensor(array(as: Float.self).map { BFloat16($0) }, shape: shape)
    case .float16:
      let halves = try array(as: Float.self).map { $0.binary16 }
      return try unsafe Tensor(.float16, shape: shape) { target in
        unsafe halves.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      }
    default:
      return self
    }
  }
}

extension Float {
  /// The sixteen bits of the nearest IEEE 754 binary16, halves to even. (`Float16` is missing on
  /// Intel Macs.)
  fileprivate var binary16: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    if isNaN { return sign | 0x7E00 }
    if magnitude >= 0x1p16 { return sign | 0x7C00 }
    if magnitude < 0x1p-14 {
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    // A carry out of the fraction is the next exponent, or infinity.
    let bits = magnitude.bitPattern
    let half: UInt32 = 0x0FFF + ((bits >> 13) & 1)
    return sign | UInt16(truncatingIfNeeded: ((bits + half) >> 13) - (112 << 10))
  }
}
