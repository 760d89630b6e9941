extension Tensor {
  /// The global scale that suits this tensor: its largest magnitude, as one float32, and 1 for zeros.
  /// Nil where that is no legal global scale (448 * 6 divided by it overflows), or no number at all:
  /// then `quantize` says what is wrong.
  func globalScale() throws(ThinbitError) -> Tensor? {
    guard [.float32, .float16, .bfloat16].contains(dtype) else { return nil }
    var largest: Float = 0
    for value in try array(as: Float.self) {
      guard value.isFinite else { return nil }
      largest = max(largest, value.magnitude)
    }
    if largest == 0 { largest = 1 }
    guard (448 * 6 / largest).isFinite else { return nil }
    return try Tensor([largest], shape: [])
  }
}
