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

  /// The mode, with bits and group size where it leaves a choice: `mxfp4`, `affine:4:g64`.
  public var description: String {
    mode.allowedBits.count == 1 && mode.allowedGroupSizes.count == 1
      ? mode.rawValue : "\(mode.rawValue):\(bits):g\(groupSize)"
  }

  /// Every spec that a packed weight and its scales can have, by dtype and shape: 32 * words /
  /// groups is bits * groupSize. Byte scales leave one at most; affine with 4 bits in groups of 64
  /// and with 8 bits in groups of 32, say, look the same.
  static func candidates(weight: TensorEntry, scales: TensorEntry) -> [QuantizationSpec] {
    guard let words = weight.shape.last, let groups = scales.shape.last,
      weight.shape.dropLast() == scales.shape.dropLast()
    else { return [] }
    let isAffine = ["F32", "F16", "BF16"].contains(scales.dtype)
    guard isAffine || scales.dtype == "U8" else { return [] }
    return QuantizationMode.allCases.filter { $0.hasBiases == isAffine }.flatMap { mode in
      mode.allowedBits.flatMap { bits in
        mode.allowedGroupSizes.compactMap { groupSize in
          let (wanted, overflows) = groups.multipliedReportingOverflow(by: bits * groupSize)
          let fits = !overflows && words.multipliedReportingOverflow(by: 32) == (wanted, false)
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
    all = try QuantizationTable.spec(value)
    var overrides: [String: QuantizationSpec?] = [:]
    guard case .object(let members) = value else { preconditionFailure("spec() takes objects") }
    // Of several faults every language finds the same first.
    for (path, own) in members.sorted(by: { $0.key < $1.key }) {
      if own == .bool(false) {
        overrides.updateValue(nil, forKey: path)
      } else if case .object = own {
        overrides.updateValue(try QuantizationTable.spec(own), forKey: path)
      }
    }
    self.overrides = overrides
  }

  private static func spec(_ value: JSONValue) throws(QuantizationFault) -> QuantizationSpec {
    guard case .object(let members) = value else {
      throw QuantizationFault(FileText.specNotObject(value: value.described))
    }
    let named = members["mode"] ?? .string(QuantizationMode.affine.rawValue)
    guard case .string(let name) = named else {
      throw QuantizationFault(FileText.specModeNotString(value: named.described))
    }
    let bits = try integer(members, "bits")
    let groupSize = try integer(members, "group_size")
    guard let mode = QuantizationMode(rawValue: name) else {
      let choices = QuantizationMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw QuantizationFault(FileText.specModeUnknown(value: quoted(name), choices: choices))
    }
    let spec = QuantizationSpec(mode: mode, groupSize: groupSize, bits: bits)
    guard mode.allowedBits.contains(spec.bits) else {
      throw QuantizationFault(
        FileText.specBits(mode: name, choices: either(mode.allowedBits), bits: spec.bits))
    }
    guard mode.allowedGroupSizes.contains(spec.groupSize) else {
      throw QuantizationFault(
        FileText.specGroupSize(
          mode: name, choices: either(mode.allowedGroupSizes), groupSize: spec.groupSize))
    }
    return spec
  }

  private static func integer(
    _ members: [String: JSONValue], _ key: String
  ) throws(QuantizationFault) -> Int? {
    switch members[key] {
    case nil, .null: return nil
    case .integer(let value): return value
    case .some(let value):
      throw QuantizationFault(FileText.specNotInteger(key: key, value: value.described))
    }
  }
}

/// "1, 2 or 4".
private func either(_ values: [Int]) -> String {
  let shown = values.map(String.init)
  guard let last = shown.last, shown.count > 1 else { return shown.joined() }
  return "\(shown.dropLast().joined(separator: ", ")) or \(last)"
}

struct QuantizationFault: Error {
  let problem: String

  init(_ problem: String) {
    self.problem = problem
  }
}
