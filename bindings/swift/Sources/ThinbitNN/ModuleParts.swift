import Thinbit

/// What a checkpoint says of the tensors that together are one quantized weight.
struct ModuleParts {
  let module: String
  let path: String
  let weight: TensorEntry?
  let scales: TensorEntry?
  let biases: TensorEntry?
  let globalScale: TensorEntry?

  init(of module: String, in store: some TensorStore) {
    self.module = module
    path = store.path
    weight = store.entry(of: joined(module, "weight"))
    scales = store.entry(of: joined(module, "scales"))
    biases = store.entry(of: joined(module, "biases"))
    globalScale = store.entry(of: joined(module, "global_scale"))
  }

  /// How the weight was quantized: what is said, where it fits the shapes, else the only spec that
  /// does.
  ///
  /// - Throws: ``SafetensorsError``: `.missing`; `.malformed` where the parts do not fit each other
  ///   or what is said; `.ambiguous` where several specs fit, and nothing is said.
  func spec(said: QuantizationSpec?) throws(SafetensorsError) -> QuantizationSpec {
    guard let weight else { throw missing("weight") }
    guard let scales else { throw missing("scales") }
    let candidates = QuantizationSpec.candidates(weight: weight, scales: scales)
    let (shape, scaleShape) = (described(weight.shape), described(scales.shape))
    guard let first = candidates.first else {
      throw malformed(
        FileText.moduleNoMode(weight: shape, dtype: scales.dtype, scales: scaleShape))
    }
    if let said, !candidates.contains(said) {
      throw malformed(
        FileText.moduleNotSaid(
          spec: said, weight: shape, dtype: scales.dtype, scales: scaleShape))
    }
    try checkBiases(first.mode, scales)
    try checkGlobalScale(first.mode, weight)
    if let said { return said }
    guard candidates.count == 1 else {
      let choices = candidates.map(\.description).joined(separator: " or ")
      throw SafetensorsError(
        .ambiguous, path, FileText.moduleOpen(name: quoted(module), choices: choices))
    }
    return first
  }

  private func checkBiases(
    _ mode: QuantizationMode, _ scales: TensorEntry
  ) throws(SafetensorsError) {
    guard let biases else {
      if mode.hasBiases { throw malformed(FileText.moduleNeedsBiases(mode: mode.rawValue)) }
      return
    }
    guard mode.hasBiases else { throw malformed(FileText.moduleHasBiases(mode: mode.rawValue)) }
    guard biases.dtype == scales.dtype, biases.shape == scales.shape else {
      throw malformed(
        FileText.moduleBiases(
          biasesDtype: biases.dtype, biases: described(biases.shape), dtype: scales.dtype,
          scales: described(scales.shape)))
    }
  }

  private func checkGlobalScale(
    _ mode: QuantizationMode, _ weight: TensorEntry
  ) throws(SafetensorsError) {
    guard let globalScale else { return }
    guard mode.hasGlobalScale else {
      throw malformed(FileText.moduleHasGlobalScale(mode: mode.rawValue))
    }
    let elements = globalScale.range.count / 4
    let experts = weight.shape.dropLast(2).reduce(1, *)
    guard globalScale.dtype == "F32", elements == 1 || elements == experts else {
      throw malformed(
        FileText.moduleGlobalScale(
          dtype: globalScale.dtype, shape: described(globalScale.shape)))
    }
  }

  private func missing(_ part: String) -> SafetensorsError {
    SafetensorsError(.missing, path, FileText.noTensor(name: quoted(joined(module, part))))
  }

  private func malformed(_ problem: String) -> SafetensorsError {
    SafetensorsError(
      .malformed, path, FileText.module(name: quoted(module), problem: problem))
  }
}

private func described(_ shape: [Int]) -> String {
  JSONValue.array(shape.map(JSONValue.integer)).described
}
