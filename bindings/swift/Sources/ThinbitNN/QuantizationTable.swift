public import Thinbit

/// How one weight is quantized.
public struct QuantizationSpec: Hashable, Sendable, CustomStringConvertible {
  /// How values are encoded.
  public let mode: QuantizationMode
  /// Elements that share a scale.
  public let groupSize: Int
  /// Bits for each element.
  public let bits: Int

  /// A spec; what is nil takes the mode's default.
  public init(mode: QuantizationMode = .affine, groupSize: Int? = nil, bits: Int? = nil) {
    self.mode = mode
    self.groupSize = groupSize ?? mode.defaultGroupSize
    self.bits = bits ?? mode.defaultBits
  }

  public var description: String { "\(mode.rawValue):\(bits):g\(groupSize)" }

  /// Every spec that a packed weight and its scales can have, by dtype and shape: 32 * words /
  /// groups is bits * groupSize. Byte scales leave one at most; affine with 4 bits in groups of 64
  /// and with 8 bits in groups of 32, say, look the same.
  static func candidates(packed: [Int], scales: [Int], scaleDType: DType) -> [QuantizationSpec] {
    guard let words = packed.last, let groups = scales.last, packed.dropLast() == scales.dropLast()
    else { return [] }
    return QuantizationMode.allCases.flatMap { mode in
      guard mode.scaleDTypes.contains(scaleDType) else { return [QuantizationSpec]() }
      return mode.allowedBits.flatMap { bits in
        mode.allowedGroupSizes.compactMap { groupSize in
          let fits = words * 32 == groups * bits * groupSize
          return fits ? QuantizationSpec(mode: mode, groupSize: groupSize, bits: bits) : nil
        }
      }
    }
  }
}

/// What a file's metadata or its config says: the spec for all modules, and those that differ.
struct QuantizationTable: Equatable, Sendable {
  let all: QuantizationSpec
  /// By module path; nil for a module that is not quantized.
  let overrides: [String: QuantizationSpec?]

  func spec(of module: String) -> QuantizationSpec? {
    overrides[module] ?? all
  }

  /// The object under `quantization`: `{"group_size", "bits", "mode"}`, and under a module's path
  /// its own object, or false. The text says what is wrong.
  init(_ value: JSONValue) throws(QuantizationFault) {
    guard case .object(let members) = value else {
      throw QuantizationFault("the quantization is no JSON object")
    }
    all = try QuantizationTable.spec(members)
    var overrides: [String: QuantizationSpec?] = [:]
    for (path, own) in members {
      if own == .bool(false) {
        overrides.updateValue(nil, forKey: path)
      } else if case .object(let members) = own {
        overrides.updateValue(try QuantizationTable.spec(members), forKey: path)
      }
    }
    self.overrides = overrides
  }

  private static func spec(
    _ members: [String: JSONValue]
  ) throws(QuantizationFault) -> QuantizationSpec {
    var mode = QuantizationMode.affine
    if let value = members["mode"] {
      guard case .string(let name) = value, let known = QuantizationMode(rawValue: name) else {
        throw QuantizationFault("the quantization has an unknown mode")
      }
      mode = known
    }
    let spec = QuantizationSpec(
      mode: mode, groupSize: try integer(members, "group_size"), bits: try integer(members, "bits"))
    guard mode.allowedGroupSizes.contains(spec.groupSize), mode.allowedBits.contains(spec.bits)
    else { throw QuantizationFault("the quantization \(spec) is none that \(mode.rawValue) has") }
    return spec
  }

  private static func integer(
    _ members: [String: JSONValue], _ key: String
  ) throws(QuantizationFault) -> Int? {
    switch members[key] {
    case nil, .null: return nil
    case .integer(let value): return value
    default: throw QuantizationFault("\(key) of the quantization is no integer")
    }
  }
}

struct QuantizationFault: Error {
  let problem: String

  init(_ problem: String) {
    self.problem = problem
  }
}
