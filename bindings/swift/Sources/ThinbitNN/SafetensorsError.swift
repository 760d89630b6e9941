/// A file that cannot be read or written, or is not what it should be.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure this is.
  public enum Kind: String, Hashable, Sendable {
    /// The system would not open or read the file, or it is shorter than it was.
    case unreadable
    /// The header, or a config beside the file, is malformed or does not fit the data.
    case malformed
    /// The file has no such tensor.
    case missing
    /// The tensor's dtype has no counterpart in `DType`.
    case unsupported
    /// Neither metadata, config nor shapes say how a weight was quantized.
    case ambiguous
    /// The file or folder is there already, and may not be replaced.
    case exists
    /// The system would not write the file.
    case unwritable
  }

  /// What kind of failure this is.
  public let kind: Kind
  /// The file.
  public let path: String
  /// What is wrong.
  public let message: String

  public var description: String { "\(printable(path)): \(message)" }

  init(_ kind: Kind, _ path: String, _ message: String) {
    self.kind = kind
    self.path = path
    self.message = message
  }
}

/// The most scalars of a value that a message shows.
private let mostShown = 96

/// A text out of a file, in quotes, escaped and shortened.
func quoted(_ text: String) -> String { shortened("'\(printable(text))'") }

/// The text with everything a terminal could act on escaped, and overlong text shortened.
func printable(_ text: String) -> String {
  let most = 4 * mostShown
  var shown = String.UnicodeScalarView()
  for scalar in text.unicodeScalars.prefix(most) {
    if scalar.isPrintable {
      shown.append(scalar)
    } else {
      shown.append(contentsOf: scalar.escaped.unicodeScalars)
    }
  }
  guard shown.count > most else { return String(shown) }
  return String(String.UnicodeScalarView(shown.prefix(most))) + "..."
}

/// At most 96 scalars of a text.
func shortened(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard scalars.count > mostShown else { return text }
  return String(String.UnicodeScalarView(scalars.prefix(mostShown - 3))) + "..."
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: self == " "
    default: true
    }
  }

  fileprivate var escaped: String {
    switch self {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
      let digits = String(value, radix: 16)
      return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
  }
}
