public import Thinbit

/// Quantizes the layers of a model, in place: all that the filter takes, or, where one does not fit,
/// none. A layer that is quantized already is left alone.
///
/// - Parameters:
///   - model: What holds the layers, in properties marked ``Child``.
///   - groupSize: Elements that share a scale; `nil` is the mode's default.
///   - bits: Bits for each element; `nil` is the mode's default.
///   - mode: How values are encoded.
///   - quantizeInput: Whether the layers quantize their inputs too. An ``Embedding``, whose input is
///     no float, has its weight quantized alone.
///   - filter: Gets the path and the layer, and says whether it is quantized.
/// - Throws: ``ThinbitError``, whose message begins with the path of the layer that does not fit.
public func quantize(
  model: any Module, groupSize: Int? = nil, bits: Int? = nil, mode: QuantizationMode = .affine,
  quantizeInput: Bool = false, filter: (String, any Module) -> Bool = { _, _ in true }
) throws(ThinbitError) {
  try replaceLayers(of: model) { path, layer throws(ThinbitError) in
    guard filter(path, layer) else { return nil }
    if quantizeInput, let layer = layer as? any InputQuantizable {
      return try layer.toInputQuantized(groupSize: groupSize, bits: bits, mode: mode)
    }
    return try layer.toQuantized(groupSize: groupSize, bits: bits, mode: mode)
  }
}

/// Quantizes the layers of a model, in place, each with the spec that it gets: all of them, or, where
/// one does not fit, none.
///
/// - Parameters:
///   - model: What holds the layers, in properties marked ``Child``.
///   - spec: Gets the path and the layer; nil leaves the layer as it is.
/// - Throws: ``ThinbitError``, whose message begins with the path of the layer that does not fit.
public func quantize(
  model: any Module, spec: (String, any Module) -> QuantizationSpec?
) throws(ThinbitError) {
  try replaceLayers(of: model) { path, layer throws(ThinbitError) in
    guard let spec = spec(path, layer) else { return nil }
    return try layer.toQuantized(groupSize: spec.groupSize, bits: spec.bits, mode: spec.mode)
  }
}

private func replaceLayers(
  of model: any Module,
  with quantized: (String, any Quantizable) throws(ThinbitError) -> (any Module)?
) throws(ThinbitError) {
  var replacements: [String: any Module] = [:]
  for (path, module) in model.namedModules {
    guard let layer = module as? any Quantizable, !path.isEmpty else { continue }
    do throws(ThinbitError) {
      replacements[path] = try quantized(path, layer)
    } catch {
      throw ThinbitError(
        error.status, op: error.op, argument: error.argument, rule: error.rule,
        message: "\(path): \(error.message)")
    }
  }
  try model.replace(replacements)
}
