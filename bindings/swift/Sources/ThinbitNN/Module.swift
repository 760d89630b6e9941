public import Thinbit

/// A model, or a part of one.
///
/// Properties marked ``Child`` hold modules; properties that are tensors or quantized tensors are
/// parameters, and those marked ``Loadable`` can be loaded into. A path joins their names with dots, in the spelling of checkpoints:
/// `layers.0.attention.q_proj.weight` for a property `qProj`.
public protocol Module: AnyObject, CustomStringConvertible {
  /// The parameters of this module alone, by name.
  var ownParameters: [(name: String, value: Parameter)] { get }
  /// What holds the modules right below this one, by name.
  var slots: [(name: String, slot: any ModuleSlot)] { get }
}

/// What a module holds besides modules.
public enum Parameter: Sendable {
  /// A float tensor.
  case tensor(Tensor)
  /// A quantized weight, all its parts as one value.
  case quantized(QuantizedTensor)
}

/// A place for modules in a module: ``Child``.
public protocol ModuleSlot: AnyObject {
  /// The name in paths, where it is not that of the property.
  var key: String? { get }
  /// Whether this is an array of modules, which have their numbers in paths.
  var isArray: Bool { get }
  /// The modules in it.
  var modules: [any Module] { get }
  /// Whether a module can take the place of the one of this number.
  func accepts(_ module: any Module, at index: Int) -> Bool
  /// Puts a module in the place of the one of this number, which has to be accepted.
  func put(_ module: any Module, at index: Int)
}

/// A property that holds a module, or an array of modules: `@Child var query: any UnaryLayer`.
@propertyWrapper public final class Child<Value>: ModuleSlot {
  /// What is held.
  public var wrappedValue: Value
  public let key: String?

  /// The place for a module or an array of modules.
  ///
  /// - Parameters:
  ///   - wrappedValue: What is held.
  ///   - key: The name in paths; `nil` is that of the property, `q_proj` for `qProj`.
  public init(wrappedValue: Value, key: String? = nil) {
    self.wrappedValue = wrappedValue
    self.key = key
  }

  public var isArray: Bool { wrappedValue is [any Module] }

  public var modules: [any Module] {
    wrappedValue as? [any Module] ?? (wrappedValue as? any Module).map { [$0] } ?? []
  }

  public func accepts(_ module: any Module, at index: Int) -> Bool {
    replaced(module, at: index) != nil
  }

  public func put(_ module: any Module, at index: Int) {
    if let value = replaced(module, at: index) { wrappedValue = value }
  }

  private func replaced(_ module: any Module, at index: Int) -> Value? {
    guard var modules = wrappedValue as? [any Module] else { return module as? Value }
    modules[index] = module
    return modules as? Value
  }
}

extension Module {
  /// The properties that are tensors, by name.
  public var ownParameters: [(name: String, value: Parameter)] {
    Mirror(reflecting: self).children.compactMap { label, value in
      guard let name = propertyName(label) else { return nil }
      if let tensor = value as? Tensor { return (name, .tensor(tensor)) }
      if let place = value as? Loadable { return (name, .tensor(place.wrappedValue)) }
      if let tensor = value as? QuantizedTensor { return (name, .quantized(tensor)) }
      return nil
    }
  }

  /// The properties marked ``Child``, by name.
  public var slots: [(name: String, slot: any ModuleSlot)] {
    Mirror(reflecting: self).children.compactMap { label, value in
      guard let name = propertyName(label), let slot = value as? any ModuleSlot else { return nil }
      return (slot.key ?? name, slot)
    }
  }

  /// The modules right below this one, by the rest of their path.
  public var children: [(name: String, module: any Module)] {
    slots.flatMap { name, slot in
      slot.modules.enumerated().map { (slot.isArray ? "\(name).\($0)" : name, $1) }
    }
  }

  /// This module under the empty path, and everything below it, in the order of properties.
  public var namedModules: [(path: String, module: any Module)] {
    var found: [(path: String, module: any Module)] = [("", self)]
    for (name, child) in children {
      found += child.namedModules.map { (joined(name, $0.path), $0.module) }
    }
    return found
  }

  /// Every parameter with its path; a quantized weight is one value.
  public var parameters: [(path: String, value: Parameter)] {
    namedModules.flatMap { path, module in
      module.ownParameters.map { (joined(path, $0.name), $0.value) }
    }
  }

  /// The module of a path; nil where there is none.
  public func module(at path: String) -> (any Module)? {
    namedModules.first { $0.path == path }?.module
  }

  /// Puts other modules in the place of those of these paths: all of them, or none.
  ///
  /// - Throws: ``ThinbitError``, the rule `module.path.choice` where a path leads to no module below
  ///   this one, `module.type.choice` where the property there cannot hold the other module.
  public func replace(_ modules: [String: any Module]) throws(ThinbitError) {
    let places = places(below: "")
    var puts: [(place: Place, module: any Module)] = []
    for (path, module) in modules {
      guard let place = places[path] else {
        throw ThinbitError("module", "path", "choice", "\(path) leads to no module")
      }
      guard place.slot.accepts(module, at: place.index) else {
        throw ThinbitError(
          "module", "type", "choice",
          "\(path) cannot hold a \(type(of: module)): declare the property as any UnaryLayer, "
            + "any EmbeddingLayer or any Module")
      }
      puts.append((place, module))
    }
    for (place, module) in puts { place.slot.put(module, at: place.index) }
  }

  private func places(below path: String) -> [String: Place] {
    var found: [String: Place] = [:]
    for (name, slot) in slots {
      for (index, module) in slot.modules.enumerated() {
        let place = joined(path, slot.isArray ? "\(name).\(index)" : name)
        found[place] = Place(slot: slot, index: index)
        found.merge(module.places(below: place)) { first, _ in first }
      }
    }
    return found
  }

  /// The class, and its children line by line.
  public var description: String {
    let lines = children.map { name, child in
      let lines = child.description.split(separator: "\n", omittingEmptySubsequences: false)
      return "  (\(name)): " + lines.joined(separator: "\n  ")
    }
    guard !lines.isEmpty else { return "\(type(of: self))()" }
    return "\(type(of: self))(\n\(lines.joined(separator: "\n"))\n)"
  }
}

private struct Place {
  let slot: any ModuleSlot
  let index: Int
}

/// `a.b` and `c` give `a.b.c`; either may be empty.
func joined(_ path: String, _ name: String) -> String {
  path.isEmpty || name.isEmpty ? path + name : "\(path).\(name)"
}

/// The name of a property in paths, of its label in a mirror: the storage behind a wrapper has an
/// underscore before its name.
func propertyName(_ label: String?) -> String? {
  label.map { snakeCase($0.hasPrefix("_") ? $0.dropFirst() : $0[...]) }
}

/// `qProj` gives `q_proj`.
private func snakeCase(_ name: some StringProtocol) -> String {
  name.reduce(into: "") { snake, letter in
    snake += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
  }
}
