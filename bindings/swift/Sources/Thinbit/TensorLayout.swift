/// Where the elements of a tensor lie in its memory. Made only where every element lies inside.
struct TensorLayout: Sendable {
  let dtype: DType
  let shape: [Int]
  /// Elements from one index to the next, for each axis, where somebody gave them; else the
  /// elements lie one after the other.
  let givenStrides: [Int]?
  /// Bytes before the element at index 0.
  let byteOffset: Int
  /// The number of elements.
  let count: Int

  /// Elements from one index to the next, for each axis.
  var strides: [Int] { givenStrides ?? TensorLayout.rowMajorStrides(shape) }

  /// Bytes of all elements, one after the other.
  var byteCount: Int { count * dtype.size }

  /// Whether the elements lie one after the other, the last axis fastest.
  var isRowMajor: Bool {
    guard let strides = givenStrides else { return true }
    return count == 0
      || zip(shape.indices, strides).allSatisfy { axis, stride in
        shape[axis] == 1 || stride == shape[(axis + 1)...].reduce(1, *)
      }
  }

  /// Elements one after the other, from the first byte on.
  init(rowMajor shape: [Int], _ dtype: DType) throws(ThinbitError) {
    let count = try TensorLayout.count(of: shape, dtype)
    self.init(dtype: dtype, shape: shape, strides: nil, byteOffset: 0, count: count)
  }

  /// Elements anywhere in `available` bytes.
  init(
    _ shape: [Int], _ dtype: DType, strides: [Int]?, byteOffset: Int, available: Int
  ) throws(ThinbitError) {
    let count = try TensorLayout.count(of: shape, dtype)
    if let strides, strides.count != shape.count {
      throw ThinbitError(
        "tensor", "strides", "layout",
        "there are \(strides.count) strides for the \(shape.count) axes of \(shape)")
    }
    self.init(dtype: dtype, shape: shape, strides: strides, byteOffset: byteOffset, count: count)
    guard byteOffset >= 0, byteOffset <= available, count == 0 || isInside(available) else {
      throw ThinbitError(
        "tensor", "bytes", "layout",
        "a \(dtype.rawValue) tensor of shape \(shape), strides \(self.strides) and byte offset "
          + "\(byteOffset) does not fit into \(available) bytes")
    }
  }

  init(dtype: DType, shape: [Int], strides: [Int]?, byteOffset: Int, count: Int) {
    self.dtype = dtype
    self.shape = shape
    givenStrides = strides
    self.byteOffset = byteOffset
    self.count = count
  }

  /// The layout with the last two axes exchanged.
  func transposed() throws(ThinbitError) -> TensorLayout {
    let last = shape.count - 1
    guard last >= 1 else {
      throw ThinbitError(
        "tensor", "shape", "rank", "only two or more axes can be transposed, not \(shape)")
    }
    var shape = shape
    var strides = strides
    shape.swapAt(last - 1, last)
    strides.swapAt(last - 1, last)
    return TensorLayout(
      dtype: dtype, shape: shape, strides: strides, byteOffset: byteOffset, count: count)
  }

  /// Calls `body` with the byte position of each element, the last index fastest.
  func forEachPosition(_ body: (Int) -> Void) {
    guard count > 0 else { return }
    var index = [Int](repeating: 0, count: shape.count)
    var position = byteOffset
    // The stride of an axis of one element may be anything: it is never stepped over.
    let steps = zip(shape, strides).map { size, stride in size == 1 ? 0 : stride * dtype.size }
    for _ in 0..<count {
      body(position)
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        position += steps[axis]
        if index[axis] < shape[axis] { break }
        position -= steps[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }

  /// Whether the lowest and the highest byte of the elements lie in `available` bytes.
  private func isInside(_ available: Int) -> Bool {
    var low = byteOffset
    var (high, overflows) = byteOffset.addingReportingOverflow(dtype.size)
    for (size, stride) in zip(shape, strides) where size > 1 {
      let (elements, first) = stride.multipliedReportingOverflow(by: size - 1)
      let (bytes, second) = elements.multipliedReportingOverflow(by: dtype.size)
      let (moved, third) = (bytes < 0 ? low : high).addingReportingOverflow(bytes)
      overflows = overflows || first || second || third
      if bytes < 0 { low = moved } else { high = moved }
    }
    return !overflows && low >= 0 && high <= available
  }

  private static func count(of shape: [Int], _ dtype: DType) throws(ThinbitError) -> Int {
    if let negative = shape.first(where: { $0 < 0 }) {
      throw ThinbitError(
        "tensor", "shape", "layout", "a size is negative: \(negative) in \(shape)")
    }
    if shape.contains(0) { return 0 }
    var count = 1
    for size in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      // A quarter of the address space leaves room for every sum of offsets below.
      if overflows || product > Int.max / 4 / dtype.size {
        throw ThinbitError(
          "tensor", "shape", "layout", "there are more elements in \(shape) than memory can hold")
      }
      count = product
    }
    return count
  }

  private static func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      // Sizes beside a size of 0 may be anything: their strides are never used.
      step = step.multipliedReportingOverflow(by: shape[axis]).partialValue
    }
    return strides
  }
}
