import Thinbit

/// Why Swift cannot even express a call: its types rule it out.
public enum Inexpressible: Error, Equatable {
  /// Swift's function has no default for this argument.
  case missing(String)
  /// No mode or dtype has this name.
  case unknownName(String)
  /// `Tensor` refuses such memory.
  case malformedTensor(String)

  /// The argument, by its flat name.
  public var argument: String {
    switch self {
    case .missing(let name), .unknownName(let name), .malformedTensor(let name): name
    }
  }

  /// The kind of the rule that the library has for the same mistake.
  public var kind: String {
    switch self {
    case .missing: "required"
    case .unknownName: "choice"
    case .malformedTensor: "layout"
    }
  }
}

/// The arguments of a vector as Swift values; notes which were asked for.
public final class VectorArguments {
  private let values: [String: VectorValue]
  /// The names that no call has asked for yet.
  public private(set) var unused: Set<String>

  public init(_ values: [String: VectorValue]) {
    self.values = values
    unused = Set(values.keys)
  }

  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = try optionalTensor(name) else { throw Inexpressible.missing(name) }
    return tensor
  }

  func optionalTensor(_ name: String) throws -> Tensor? {
    switch value(name) {
    case .tensor(let tensor):
      do throws(ThinbitError) {
        return try Tensor(
          bytes: tensor.bytes, dtype: tensor.dtype, shape: tensor.shape, strides: tensor.strides,
          byteOffset: tensor.byteOffset)
      } catch {
        throw Inexpressible.malformedTensor(name)
      }
    case nil: return nil
    case let other?: throw WrongKind(name: name, value: "\(other)")
    }
  }

  func optionalInteger(_ name: String) throws -> Int? {
    switch value(name) {
    case .integer(let number): return Int(number)
    case nil: return nil
    case let other?: throw WrongKind(name: name, value: "\(other)")
    }
  }

  func integer(_ name: String) throws -> Int {
    guard let number = try optionalInteger(name) else { throw Inexpressible.missing(name) }
    return number
  }

  func integer(_ name: String, default standard: Int) throws -> Int {
    try optionalInteger(name) ?? standard
  }

  func number(_ name: String, default standard: Float) throws -> Float {
    switch value(name) {
    case .number(let number): return Float(number)
    case nil: return standard
    case let other?: throw WrongKind(name: name, value: "\(other)")
    }
  }

  func flag(_ name: String, default standard: Bool) throws -> Bool {
    switch value(name) {
    case .flag(let flag): return flag
    case nil: return standard
    case let other?: throw WrongKind(name: name, value: "\(other)")
    }
  }

  func mode(_ name: String, default standard: QuantizationMode) throws -> QuantizationMode {
    guard let text = try text(name) else { return standard }
    guard let mode = QuantizationMode(rawValue: text) else { throw Inexpressible.unknownName(name) }
    return mode
  }

  func dtype(_ name: String, default standard: DType) throws -> DType {
    try optionalDtype(name) ?? standard
  }

  func optionalDtype(_ name: String) throws -> DType? {
    guard let text = try text(name) else { return nil }
    guard let dtype = DType(rawValue: text) else { throw Inexpressible.unknownName(name) }
    return dtype
  }

  private func text(_ name: String) throws -> String? {
    switch value(name) {
    case .name(let text): return text
    case nil: return nil
    case let other?: throw WrongKind(name: name, value: "\(other)")
    }
  }

  private func value(_ name: String) -> VectorValue? {
    unused.remove(name)
    return values[name]
  }
}

/// A vector gives an argument a value of another kind than the schema.
struct WrongKind: Error {
  let name: String
  let value: String
}
