/// A JSON document, read strictly: a repeated key is an error, where other parsers keep one of the
/// two in silence.
enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// What is wrong with a text, and at which byte.
  struct Malformed: Error {
    let position: Int
    let problem: String
  }

  init(parsing bytes: some Collection<UInt8>) throws(Malformed) {
    // Decoding repairs what is not UTF-8, and leaves everything else as it is.
    guard String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(bytes) else {
      throw Malformed(position: 0, problem: "it is not UTF-8")
    }
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }
}

private struct JSONParser {
  /// Deeper documents are refused: each level is a call.
  static let deepest = 64

  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(JSONValue.Malformed) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("there is text after the document") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
    guard depth < JSONParser.deepest else { throw fault("it is nested too deeply") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    skipSpace()
    if accept("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fault("a key is missing") }
      let key = try string()
      guard members[key] == nil else { throw fault("the key \(quoted(key)) is there twice") }
      skipSpace()
      guard accept(":") else { throw fault("':' is missing") }
      members[key] = try value(depth: depth + 1)
      skipSpace()
    } while accept(",")
    guard accept("}") else { throw fault("'}' is missing") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
    var items: [JSONValue] = []
    position += 1
    skipSpace()
    if accept("]") { return .array(items) }
    repeat {
      items.append(try value(depth: depth + 1))
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw fault("']' is missing") }
    return .array(items)
  }

  private mutating func string() throws(JSONValue.Malformed) -> String {
    var text: [UInt8] = []
    position += 1
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw fault("a string holds a control character")
      default:
        text.append(byte)
      }
    }
    throw fault("a string has no end")
  }

  private mutating func escape() throws(JSONValue.Malformed) -> Unicode.Scalar {
    guard let byte = peek else { throw fault("a string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw fault("a string holds an unknown escape")
    }
  }

  private mutating func unicodeEscape() throws(JSONValue.Malformed) -> Unicode.Scalar {
    let first = try fourDigits()
    var code = first
    if (0xD800..<0xDC00).contains(first), accept("\\"), accept("u") {
      let second = try fourDigits()
      guard (0xDC00..<0xE000).contains(second) else { throw fault("half of a surrogate pair") }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
    return scalar
  }

  private mutating func fourDigits() throws(JSONValue.Malformed) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("\\u needs four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
    let start = position
    _ = accept("-")
    let digits = position
    try skipDigits()
    guard bytes[digits] != UInt8(ascii: "0") || position == digits + 1 else {
      throw fault("a number begins with 0")
    }
    var isInteger = true
    if accept(".") {
      isInteger = false
      try skipDigits()
    }
    if accept("e") || accept("E") {
      isInteger = false
      if !accept("+") { _ = accept("-") }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      throw fault("a number is too large")
    }
    return .number(number)
  }

  private mutating func skipDigits() throws(JSONValue.Malformed) {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw fault("a value is missing") }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONValue.Malformed) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw fault("a value is missing") }
    position += word.utf8.count
    return value
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func fault(_ problem: String) -> JSONValue.Malformed {
    JSONValue.Malformed(position: position, problem: problem)
  }
}
