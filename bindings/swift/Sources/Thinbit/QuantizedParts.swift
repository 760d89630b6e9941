/// The parts of a quantized tensor before it is known that they fit together.
struct QuantizedParts {
  let packed: Tensor
  let scales: Tensor
  let biases: Tensor?
  let globalScale: Tensor?
  let mode: QuantizationMode
  let groupSize: Int
  let bits: Int

  /// The shape of the tensor that the parts stand for.
  func checkedShape() throws(ThinbitError) -> [Int] {
    try checkSettings()
    try checkDTypes()
    guard packed.shape.count >= 2 else {
      throw fault("packed", "rank", "packed has the shape \(packed.shape), and needs two axes or more")
    }
    let shape = try columns(packed: packed.shape, scales: scales.shape)
    if let biases, biases.shape != scales.shape {
      throw fault(
        "biases", "shape", "biases have the shape \(biases.shape), and scales \(scales.shape)")
    }
    if let globalScale, globalScale.count != 1 {
      let experts = shape.dropLast(2).reduce(1, *)
      guard globalScale.count == experts else {
        throw fault(
          "global_scale", "shape",
          "global_scale has \(globalScale.count) elements, and must have one, or one for each of "
            + "the \(experts) matrices")
      }
    }
    return shape
  }

  private func checkSettings() throws(ThinbitError) {
    guard mode.allowedGroupSizes.contains(groupSize) else {
      throw fault(
        "group_size", "choice",
        "group_size is \(groupSize), and \(mode.rawValue) has \(listing(mode.allowedGroupSizes))")
    }
    guard mode.allowedBits.contains(bits) else {
      throw fault(
        "bits", "choice", "bits is \(bits), and \(mode.rawValue) has \(listing(mode.allowedBits))")
    }
    if mode.hasBiases, biases == nil {
      throw fault("biases", "required", "\(mode.rawValue) has biases, and none were given")
    }
    if !mode.hasBiases, biases != nil {
      throw fault("biases", "forbidden", "\(mode.rawValue) has no biases, and some were given")
    }
    if !mode.hasGlobalScale, globalScale != nil {
      throw fault(
        "global_scale", "forbidden", "\(mode.rawValue) has no global scale, and one was given")
    }
  }

  private func checkDTypes() throws(ThinbitError) {
    guard packed.dtype == .uint32 else {
      throw fault("packed", "dtype", "packed is \(packed.dtype.rawValue), and must be uint32")
    }
    guard mode.scaleDTypes.contains(scales.dtype) else {
      let owners = QuantizationMode.allCases.filter { $0.scaleDTypes.contains(scales.dtype) }
      let hint =
        owners.isEmpty ? "" : "; such scales belong to \(listing(owners.map(\.rawValue)))"
      throw fault(
        "scales", "dtype",
        "scales are \(scales.dtype.rawValue), and those of \(mode.rawValue) must be "
          + "\(listing(mode.scaleDTypes.map(\.rawValue)))\(hint)")
    }
    if let biases, biases.dtype != scales.dtype {
      throw fault(
        "biases", "dtype",
        "biases are \(biases.dtype.rawValue), and must be \(scales.dtype.rawValue) as the scales")
    }
    if let globalScale, globalScale.dtype != .float32 {
      throw fault(
        "global_scale", "dtype",
        "global_scale is \(globalScale.dtype.rawValue), and must be float32")
    }
  }

  private func columns(packed: [Int], scales: [Int]) throws(ThinbitError) -> [Int] {
    let leading = packed.dropLast()
    let (columns, overflows) = (scales.last ?? 0).multipliedReportingOverflow(by: groupSize)
    // 32 divides every group size times any number of bits but where a group ends inside a word.
    guard scales.dropLast() == leading, !overflows, scales.count == packed.count,
      columns * bits == packed[packed.count - 1] * 32
    else {
      throw fault(
        "scales", "shape",
        "packed has the shape \(packed) and scales \(scales), which is no tensor of \(bits) bits "
          + "in groups of \(groupSize)")
    }
    return leading + [columns]
  }

  private func fault(_ argument: String, _ kind: String, _ problem: String) -> ThinbitError {
    ThinbitError("quantized_tensor", argument, kind, problem)
  }
}
