extension JSONValue {
  /// The document as text, keys sorted; on one line where `indent` is nil, as Python's `json.dumps`
  /// writes it.
  func text(indent: Int? = nil) -> String { lines(indent: indent, depth: 0) }

  private func lines(indent: Int?, depth: Int) -> String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value) where value.isNaN: "NaN"
    case .number(let value) where value.isInfinite: value < 0 ? "-Infinity" : "Infinity"
    case .number(let value): "\(value)"
    case .string(let value): jsonString(value)
    case .array(let items):
      enclosed(items.map { $0.lines(indent: indent, depth: depth + 1) }, "[", "]", indent, depth)
    case .object(let members):
      enclosed(
        members.sorted { $0.key < $1.key }.map { key, value in
          "\(jsonString(key)): \(value.lines(indent: indent, depth: depth + 1))"
        }, "{", "}", indent, depth)
    }
  }

  private func enclosed(
    _ parts: [String], _ open: String, _ close: String, _ indent: Int?, _ depth: Int
  ) -> String {
    guard let indent, !parts.isEmpty else { return open + parts.joined(separator: ", ") + close }
    let inner = "\n" + String(repeating: " ", count: indent * (depth + 1))
    let outer = "\n" + String(repeating: " ", count: indent * depth)
    return open + inner + parts.joined(separator: "," + inner) + outer + close
  }
}

/// A string in JSON's quotes: only what JSON cannot hold otherwise is escaped.
func jsonString(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\t": quoted += "\\t"
    case "\u{8}": quoted += "\\b"
    case "\u{C}": quoted += "\\f"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
