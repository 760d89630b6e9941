import Thinbit

extension Tensor {
  /// The global scale of activations where the weight has one; else nil.
  ///
  /// It is the largest finite magnitude, so that a row with NaN or infinity spoils no other; and 1 where
  /// all is zero, or too small to divide by. `group` is the one whose ranks have a part each.
  func globalScale(
    beside weight: QuantizedTensor, over group: DistributedGroup?
  ) throws(ThinbitError) -> Tensor? {
    guard weight.globalScale != nil else { return nil }
    var largest: Float = 0
    for value in try array(as: Float.self) where value.isFinite {
      largest = max(largest, value.magnitude)
    }
    if let group {
      let all = try group.allGather(Tensor([largest], shape: [1])).array(as: Float.self)
      largest = all.reduce(0, max)
    }
    let isLegal = largest > 0 && (448 * 6 / largest).isFinite
    return try Tensor([isLegal ? largest : 1], shape: [])
  }
}
