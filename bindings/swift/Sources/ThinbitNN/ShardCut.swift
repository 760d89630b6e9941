import Thinbit

/// One rank's part of tensors: rows or columns of each segment, in whole groups.
struct ShardCut {
  static let op = "shard_linear"

  let group: DistributedGroup
  private let segments: Int

  /// A cut of each of the segments into one part for each rank of the group; nil is that of the job.
  init(segments: Int, group: DistributedGroup?) throws(ThinbitError) {
    guard segments > 0 else {
      throw ThinbitError(
        ShardCut.op, "segments", "range", ShardText.segmentsRange(segments: segments))
    }
    self.segments = segments
    if let group { self.group = group } else { self.group = try .world() }
  }

  /// This rank's part of the first axis of a field.
  func rows(of tensor: Tensor, _ name: String) throws(ThinbitError) -> Tensor {
    try check(name, tensor.shape[0], ShardText.rows())
    return try part(of: tensor, axis: 0)
  }

  /// This rank's part of the first axis of a field that may be absent.
  func rows(of tensor: Tensor?, _ name: String) throws(ThinbitError) -> Tensor? {
    guard let tensor else { return nil }
    return try rows(of: tensor, name) as Tensor
  }

  /// This rank's rows of a quantized field.
  func rows(of tensor: QuantizedTensor, _ name: String) throws(ThinbitError) -> QuantizedTensor {
    try check(name, tensor.shape[0], ShardText.rows())
    return try tensor.withParts { each throws(ThinbitError) in try part(of: each, axis: 0) }
  }

  /// This rank's part of the last axis of a field.
  func columns(of tensor: Tensor, _ name: String) throws(ThinbitError) -> Tensor {
    try check(name, tensor.shape[1], ShardText.columns())
    return try part(of: tensor, axis: 1)
  }

  /// This rank's groups of the last axis of a quantized field.
  func columns(
    of tensor: QuantizedTensor, _ name: String
  ) throws(ThinbitError) -> QuantizedTensor {
    let unit = ShardText.groups(groupSize: tensor.groupSize)
    let parts = segments * group.size
    let fitting = tensor.mode.allowedGroupSizes.filter { tensor.shape[1] % ($0 * parts) == 0 }
    try check(name, tensor.shape[1] / tensor.groupSize, unit, fittingGroupSizes: fitting)
    return try tensor.withParts { each throws(ThinbitError) in try part(of: each, axis: 1) }
  }

  private func check(
    _ name: String, _ count: Int, _ unit: String, fittingGroupSizes: [Int] = []
  ) throws(ThinbitError) {
    guard count % segments == 0 else {
      throw uneven(
        name, ShardText.segmentsDivide(field: name, count: count, unit: unit, segments: segments))
    }
    let each = count / segments
    guard each % group.size != 0 else { return }
    let fitting = listing(nearestDivisors(of: each, near: group.size).map(String.init))
    let problem = ShardText.ranksDivide(
      what: segments > 1 ? ShardText.segment(segments: segments, field: name) : name,
      count: each, unit: unit, ranks: group.size, fitting: fitting)
    guard !fittingGroupSizes.isEmpty else { throw uneven(name, problem) }
    let sizes = listing(fittingGroupSizes.map(String.init))
    throw uneven(
      name, ShardText.groupSizesFit(problem: problem, groupSizes: sizes, ranks: group.size))
  }

  private func uneven(_ name: String, _ problem: String) -> ThinbitError {
    ThinbitError(ShardCut.op, name, "multiple", problem)
  }

  /// A copy of this rank's part of an axis that divides evenly.
  private func part(of tensor: Tensor, axis: Int) throws(ThinbitError) -> Tensor {
    var shape = tensor.shape
    let outer = shape[..<axis].reduce(1, *)
    // In bytes: the axis, and what one segment gives this rank.
    let length = shape[axis...].reduce(tensor.dtype.size, *)
    let piece = length / (segments * group.size)
    shape[axis] /= group.size
    return try unsafe Tensor(tensor.dtype, shape: shape) { target in
      unsafe tensor.withUnsafeBytes { source in
        for row in 0..<outer {
          for segment in 0..<segments {
            let from = row * length + (segment * group.size + group.rank) * piece
            let to = (row * segments + segment) * piece
            unsafe target[to...].copyBytes(
              from: UnsafeRawBufferPointer(rebasing: source[from..<from + piece]))
          }
        }
      }
    }
  }
}

/// The divisors of a count right below and above a number that is none.
private func nearestDivisors(of count: Int, near: Int) -> [Int] {
  let divisors = (1...count).filter { count % $0 == 0 }
  return [divisors.last { $0 < near }, divisors.first { $0 > near }].compactMap { $0 }
}
