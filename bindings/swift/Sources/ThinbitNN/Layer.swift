public import Thinbit

/// A module that is generated from the schema; it is checked when it is made, and never changes.
public protocol Layer: Module, Sendable {}

extension Layer {
  /// A layer holds no modules.
  public var slots: [(name: String, slot: any ModuleSlot)] { [] }
}

/// A layer of one float input: ``Linear``, ``QuantizedLinear``, ``QQLinear``.
public protocol UnaryLayer: Module {
  /// The result for `[X..., inputDims]`.
  func callAsFunction(_ x: Tensor) throws(ThinbitError) -> Tensor
}

/// A table of rows: ``Embedding``, ``QuantizedEmbedding``.
public protocol EmbeddingLayer: Module {
  /// The rows that indices `[I..., n]` pick.
  func callAsFunction(_ indices: Tensor) throws(ThinbitError) -> Tensor
  /// The product with the transposed table, for `[X..., dims]`.
  func asLinear(_ x: Tensor) throws(ThinbitError) -> Tensor
}

/// A float layer that has a quantized form.
public protocol Quantizable: Module {
  /// The quantized form.
  associatedtype Quantized: Module
  /// The same layer with a quantized weight; nil is the mode's default.
  func toQuantized(
    groupSize: Int?, bits: Int?, mode: QuantizationMode
  ) throws(ThinbitError) -> Quantized
}

/// A float layer that has a form which quantizes its input too.
public protocol InputQuantizable: Quantizable {
  /// That form.
  associatedtype InputQuantized: Module
  /// The same layer with a quantized weight, which quantizes its input too.
  func toInputQuantized(
    groupSize: Int?, bits: Int?, mode: QuantizationMode
  ) throws(ThinbitError) -> InputQuantized
}

/// A layer that can be cut into one for each rank of a group.
public protocol Shardable: UnaryLayer {
  /// This rank's part of the layer; nil is the group of all processes of the job.
  func toSharded(
    _ sharding: Sharding, segments: Int, group: DistributedGroup?
  ) throws(ThinbitError) -> any UnaryLayer
}

/// The checks of a layer's fields. A size has the value that the first field gives it.
struct LayerCheck {
  private let layer: String
  private var sizes: [String: Int] = [:]

  init(of layer: String) {
    self.layer = layer
  }

  func dtype(of tensor: Tensor, _ field: String, _ dtypes: [DType]) throws(ThinbitError) {
    try choice(tensor.dtype, field, dtypes, kind: "dtype")
  }

  func choice(
    _ dtype: DType, _ field: String, _ dtypes: [DType], kind: String = "choice"
  ) throws(ThinbitError) {
    guard dtypes.contains(dtype) else {
      let names = listing(dtypes.map(\.rawValue))
      throw ThinbitError(layer, field, kind, "\(field) is \(dtype.rawValue), and must be \(names)")
    }
  }

  func mode(
    of tensor: QuantizedTensor, _ field: String, _ modes: [QuantizationMode]
  ) throws(ThinbitError) {
    guard modes.contains(tensor.mode) else {
      let names = listing(modes.map(\.rawValue))
      throw ThinbitError(
        layer, field, "choice",
        "the mode of \(field) is \(tensor.mode.rawValue), and must be \(names)")
    }
  }

  mutating func shape(of tensor: Tensor, _ field: String, _ axes: [String]) throws(ThinbitError) {
    try shape(tensor.shape, field, axes)
  }

  mutating func shape(
    of tensor: QuantizedTensor, _ field: String, _ axes: [String]
  ) throws(ThinbitError) {
    try shape(tensor.shape, field, axes)
  }

  private mutating func shape(
    _ shape: [Int], _ field: String, _ axes: [String]
  ) throws(ThinbitError) {
    let fits =
      shape.count == axes.count
      && zip(axes, shape).allSatisfy { axis, size in (sizes[axis] ?? size) == size }
    guard fits else {
      let expected = axes.map { axis in sizes[axis].map(String.init) ?? axis }
      throw ThinbitError(
        layer, field, "shape",
        "\(field) has the shape \(shape), and must have [\(expected.joined(separator: ", "))]")
    }
    for (axis, size) in zip(axes, shape) { sizes[axis] = size }
  }
}

/// `a, b or c`.
func listing(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return "\(words.dropLast().joined(separator: ", ")) or \(last)"
}

/// A class with what it shows of itself.
func oneLine(_ name: String, _ shown: [(String, Any)]) -> String {
  let parts = shown.map { label, value in "\(label): \(value)" }
  return "\(name)(\(parts.joined(separator: ", ")))"
}
