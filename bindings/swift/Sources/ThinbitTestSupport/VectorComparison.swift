import Thinbit

/// How results differ from what is expected; nil where they do not.
public func difference(_ outputs: [VectorOutput], from expected: [ExpectedResult]) -> String? {
  guard outputs.map(\.name) == expected.map(\.name) else {
    return "the results are \(outputs.map(\.name)), expected \(expected.map(\.name))"
  }
  for (output, expectation) in zip(outputs, expected) {
    if let difference = difference(output.tensor, from: expectation) {
      return "\(output.name): \(difference)"
    }
  }
  return nil
}

private func difference(_ tensor: Tensor?, from expected: ExpectedResult) -> String? {
  guard let tensor else { return expected.dtype == nil ? nil : "is absent" }
  guard let dtype = expected.dtype else { return "is there, and must be absent" }
  guard tensor.dtype == dtype, tensor.shape == expected.shape else {
    return "is \(tensor), expected \(dtype.rawValue) of shape \(expected.shape)"
  }
  switch expected.values {
  case .absent:
    return nil
  case .exact(let bytes):
    let found = unsafe tensor.withUnsafeBytes { unsafe Array($0) }
    guard let first = zip(found, bytes).enumerated().first(where: { $1.0 != $1.1 }) else {
      return nil
    }
    return "byte \(first.offset) is \(first.element.0), expected \(first.element.1)"
  case .bounded(let relative, let ofMagnitude, let reference, let magnitude):
    guard let values = try? tensor.array(as: Float.self) else { return "has no float values" }
    for (index, value) in values.enumerated() {
      let (ref, bound) = (reference[index], magnitude[index])
      guard
        isWithin(Double(value), of: ref, by: relative * abs(ref) + ofMagnitude * bound)
      else { return "element \(index) is \(value), expected \(ref)" }
    }
    return nil
  }
}

private func isWithin(_ value: Double, of reference: Double, by bound: Double) -> Bool {
  if value.isNaN || reference.isNaN { return value.isNaN && reference.isNaN }
  if reference.isInfinite { return value == reference }
  return abs(value - reference) <= bound
}
