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

  public var description: String { "\(path): \(message)" }

  init(_ kind: Kind, _ path: String, _ message: String) {
    self.kind = kind
    self.path = path
    self.message = message
  }
}

/// A name out of a file, in quotes, short, and without control characters.
func quoted(_ name: String) -> String {
  let shown = name.unicodeScalars.prefix(60).map { scalar in
    scalar.value < 0x20 || scalar.value == 0x7F ? "?" : String(scalar)
  }
  return "\"\(shown.joined())\(name.unicodeScalars.count > 60 ? "..." : "")\""
}
