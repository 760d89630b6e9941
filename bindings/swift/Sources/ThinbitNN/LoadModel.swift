public import Thinbit

/// A property whose tensor ``load(model:from:strict:)`` replaces: `@Loadable var weight: Tensor`.
@propertyWrapper public final class Loadable {
  /// What is held.
  public var wrappedValue: Tensor

  /// The place for a tensor.
  public init(wrappedValue: Tensor) {
    self.wrappedValue = wrappedValue
  }
}

/// Gives a model the parameters of a checkpoint, in place: all of them, or, where something is
/// missing or does not fit, none.
///
/// A layer becomes quantized where the checkpoint's is, and float where it is not; a ``QQLinear`` goes
/// on quantizing its input where the weight is quantized.
///
/// - Parameters:
///   - model: What holds the layers, in properties marked ``Child``, and tensors, in properties marked
///     ``Loadable``.
///   - checkpoint: Where the parameters are.
///   - strict: Whether every tensor of the checkpoint has to have its place in the model.
/// - Throws: ``SafetensorsError``: as ``Checkpoint/linear(_:quantizeInput:)``; `.missing` for a
///   parameter that the checkpoint lacks; `.malformed` for one of another shape, one that its property
///   cannot hold, and, where strict, one that the model lacks.
public func load(
  model: any Module, from checkpoint: Checkpoint, strict: Bool = true
) throws(SafetensorsError) {
  var layers: [String: any Module] = [:]
  var tensors: [(place: Loadable, value: Tensor)] = []
  var left = Set(checkpoint.names)
  for (path, module) in model.namedModules {
    if let layer = module as? any Layer {
      let loaded = try checkpoint.layer(like: layer, path)
      layers[path] = loaded
      for (name, value) in loaded.ownParameters {
        left.subtract(storedNames(joined(path, name), value))
      }
      continue
    }
    for (name, old) in module.ownParameters {
      let full = joined(path, name)
      guard let place = module.loadable(name) else {
        throw checkpoint.misfit("tensor", full, "lies in a property that is not marked @Loadable")
      }
      let value = try checkpoint.tensor(full)
      try checkpoint.checkShape("tensor", full, value.shape, shape(of: old))
      tensors.append((place, value))
      left.remove(full)
    }
  }
  if strict, !left.isEmpty {
    let names = left.sorted().prefix(3).map(quoted).joined(separator: ", ")
    throw SafetensorsError(
      .malformed, checkpoint.path, "the model has no place for \(left.count) tensors: \(names)")
  }
  do throws(ThinbitError) {
    try model.replace(layers)
  } catch {
    throw SafetensorsError(.malformed, checkpoint.path, error.message)
  }
  for (place, value) in tensors { place.wrappedValue = value }
}

extension Module {
  fileprivate func loadable(_ name: String) -> Loadable? {
    Mirror(reflecting: self).children.lazy
      .first { label, value in value is Loadable && propertyName(label) == name }?
      .value as? Loadable
  }
}

extension Checkpoint {
  fileprivate func layer(
    like layer: any Layer, _ path: String
  ) throws(SafetensorsError) -> any Module {
    let loaded: any Module
    switch layer {
    case let table as QuantizedEmbedding: loaded = try embedding(path, dtype: table.dtype)
    case let table as Embedding: loaded = try embedding(path, dtype: table.weight.dtype)
    default: loaded = try linear(path, quantizeInput: layer is QQLinear)
    }
    let shapes = [loaded, layer].map { module in
      module.ownParameters.first { $0.name == "weight" }.map { shape(of: $0.value) } ?? []
    }
    try checkShape("module", path, shapes[0], shapes[1])
    return loaded
  }

  fileprivate func checkShape(
    _ kind: String, _ name: String, _ shape: [Int], _ expected: [Int]
  ) throws(SafetensorsError) {
    guard shape != expected else { return }
    throw misfit(kind, name, "has the shape \(shape), and the model's \(expected)")
  }

  fileprivate func misfit(_ kind: String, _ name: String, _ problem: String) -> SafetensorsError {
    SafetensorsError(.malformed, path, "\(kind) \(quoted(name)) \(problem)")
  }
}

private func shape(of parameter: Parameter) -> [Int] {
  switch parameter {
  case .tensor(let tensor): tensor.shape
  case .quantized(let weight): weight.shape
  }
}
