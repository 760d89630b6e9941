import Thinbit

extension QuantizedTensor {
  /// The rows of a quantized matrix that indices `[I..., n]` pick: `[I..., n, columns]`.
  func rows(_ indices: Tensor) throws(ThinbitError) -> QuantizedTensor {
    let numbers = try RowNumbers(indices, below: shape[0])
    return try withParts { part throws(ThinbitError) in try part.rows(numbers) }
  }

  /// The same spec and global scale with other codes: `change` is given each other part.
  func withParts(
    _ change: (Tensor) throws(ThinbitError) -> Tensor
  ) throws(ThinbitError) -> QuantizedTensor {
    var changed: Tensor?
    if let biases { changed = try change(biases) }
    return try QuantizedTensor(
      packed: change(packed), scales: change(scales), biases: changed,
      groupSize: groupSize, bits: bits, mode: mode, globalScale: globalScale)
  }
}

/// The rows of a float matrix that indices `[I..., n]` pick: `[I..., n, columns]`.
func floatRows(weight: Tensor, indices: Tensor) throws(ThinbitError) -> Tensor {
  try weight.rows(RowNumbers(indices, below: weight.shape[0]))
}

/// Indices, checked.
private struct RowNumbers {
  let values: [Int]
  let shape: [Int]

  init(_ indices: Tensor, below rows: Int) throws(ThinbitError) {
    func broken(_ kind: String, _ problem: String) -> ThinbitError {
      ThinbitError("embedding", "indices", kind, "indices \(problem)")
    }
    switch indices.dtype {
    case .int32: values = try indices.array(as: Int32.self).map { Int($0) }
    case .uint32: values = try indices.array(as: UInt32.self).map { Int($0) }
    case .int64: values = try indices.array(as: Int64.self).map { Int($0) }
    default:
      throw broken("dtype", "is \(indices.dtype.rawValue), and must be int32, uint32 or int64")
    }
    shape = indices.shape
    guard !shape.isEmpty else {
      throw broken("rank", "has no axis, and must have one or more: [I..., n]")
    }
    if let wrong = values.first(where: { $0 < 0 || $0 >= rows }) {
      throw broken("range", "has \(wrong), and must be from 0 to \(rows - 1)")
    }
  }
}

extension Tensor {
  /// A copy of these rows of a matrix.
  fileprivate func rows(_ numbers: RowNumbers) throws(ThinbitError) -> Tensor {
    let rowBytes = shape[1] * dtype.size
    return try unsafe Tensor(dtype, shape: numbers.shape + [shape[1]]) { target in
      unsafe withUnsafeBytes { source in
        for (place, row) in numbers.values.enumerated() {
          let from = unsafe UnsafeRawBufferPointer(
            rebasing: source[row * rowBytes..<(row + 1) * rowBytes])
          unsafe target[(place * rowBytes)...].copyBytes(from: from)
        }
      }
    }
  }
}
