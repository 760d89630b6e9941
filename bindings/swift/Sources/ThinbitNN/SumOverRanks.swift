import Thinbit

extension Tensor {
  /// The sum of these parts of all ranks and of the bias, rounded once to the dtype of the parts.
  func summed(
    over group: DistributedGroup, adding bias: Tensor?
  ) throws(ThinbitError) -> Tensor {
    let wide = dtype == .float32 ? self : try Tensor(array(as: Float.self), shape: shape)
    let total = try group.allSum(wide)
    guard let bias else { return try total.rounded(to: dtype) }
    let added = try bias.array(as: Float.self)
    var sums = try total.array(as: Float.self)
    for index in sums.indices { sums[index] += added[index % added.count] }
    return try Tensor(sums, shape: shape).rounded(to: dtype)
  }
}
