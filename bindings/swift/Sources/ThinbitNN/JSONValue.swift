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

  /// Reads a text. `constants` allows NaN and Infinity, which JSON has not and configs do.
  init(parsing bytes: some Collection<UInt8>, constants: Bool = false) throws(JSONFault) {
    // Decoding repairs what is not UTF-8, and leaves everything else as it is.
    guard String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(bytes) else {
      throw .notUTF8(firstInvalidByte(of: bytes))
    }
    var parser = JSONParser(bytes: Array(bytes), constants: constants)
    self = try parser.document()
  }

  /// The value in a few words, for a message: strings quoted, numbers and their lists short, else
  /// its kind.
  var described: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number: return "a number"
    case .string(let value): return quoted(value)
    case .object: return "an object"
    case .array(let items):
      var numbers: [String] = []
      for item in items {
        guard case .integer(let value) = item else { return "a list" }
        numbers.append(String(value))
      }
      return shortened("[\(numbers.joined(separator: ", "))]")
    }
  }
}

/// What is wrong with a text. What exactly a parser minds, and where, differs from one to the next,
/// so that is not said.
enum JSONFault: Error {
  case notUTF8(Int)
  case syntax
  case tooDeep
  case keyTwice(String)
  case halfPair
  case notObject(JSONValue)

  /// The fault of a text that is called `what`.
  func text(_ what: String) -> String {
    switch self {
    case .notUTF8(let byte): FileText.jsonNotUtf8(what: what, byte: byte)
    case .syntax: FileText.jsonSyntax(what: what)
    case .tooDeep: FileText.jsonTooDeep(what: what, most: JSONParser.deepest)
    case .keyTwice(let key): FileText.jsonKeyTwice(what: what, key: quoted(key))
    case .halfPair: FileText.jsonHalfPair(what: what)
    case .notObject(let value): FileText.jsonNotObject(what: what, value: value.described)
    }
  }
}

/// The members of the object that a text holds.
func jsonObject(
  _ text: some Collection<UInt8>, constants: Bool = false
) throws(JSONFault) -> [String: JSONValue] {
  let value = try JSONValue(parsing: text, constants: constants)
  guard case .object(let members) = value else { throw .notObject(value) }
  return members
}

private func firstInvalidByte(of bytes: some Collection<UInt8>) -> Int {
  var iterator = bytes.makeIterator()
  var parser = Unicode.UTF8.ForwardParser()
  var position = 0
  while case .valid(let scalar) = parser.parseScalar(from: &iterator) { position += scalar.count }
  return position
}

private struct JSONParser {
  /// Deeper documents are refused: each level is a call.
  static let deepest = 64

  let bytes: [UInt8]
  let constants: Bool
  var position = 0
  /// Whether a string held half of a surrogate pair. The rest of the text is read all the same.
  private var holdsHalfPair = false

  init(bytes: [UInt8], constants: Bool) {
    self.bytes = bytes
    self.constants = constants
  }

  mutating func document() throws(JSONFault) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw .syntax }
    guard !holdsHalfPair else { throw .halfPair }
    return value
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where constants: return try word("NaN", .number(.nan))
    case UInt8(ascii: "I") where constants: return try word("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where constants && bytes[position...].starts(with: "-I".utf8):
      return try word("-Infinity", .number(-.infinity))
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth < JSONParser.deepest else { throw .tooDeep }
    var members: [String: JSONValue] = [:]
    var repeated: String?
    position += 1
    skipSpace()
    if accept("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw .syntax }
      let key = try string()
      skipSpace()
      guard accept(":") else { throw .syntax }
      let isRepeated = members.updateValue(try value(depth: depth + 1), forKey: key) != nil
      if isRepeated, repeated == nil { repeated = key }
      skipSpace()
    } while accept(",")
    guard accept("}") else { throw .syntax }
    if let repeated { throw .keyTwice(repeated) }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth < JSONParser.deepest else { throw .tooDeep }
    var items: [JSONValue] = []
    position += 1
    skipSpace()
    if accept("]") { return .array(items) }
    repeat {
      items.append(try value(depth: depth + 1))
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw .syntax }
    return .array(items)
  }

  private mutating func string() throws(JSONFault) -> String {
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
        throw .syntax
      default:
        text.append(byte)
      }
    }
    throw .syntax
  }

  private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
    guard let byte = peek else { throw .syntax }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw .syntax
    }
  }

  private mutating func unicodeEscape() throws(JSONFault) -> Unicode.Scalar {
    let first = try fourDigits()
    if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: "\\u".utf8) {
      let afterFirst = position
      position += 2
      let second = try fourDigits()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
      position = afterFirst
    }
    guard let scalar = Unicode.Scalar(first) else {
      holdsHalfPair = true
      return "\u{FFFD}"
    }
    return scalar
  }

  private mutating func fourDigits() throws(JSONFault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw .syntax
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = position
    _ = accept("-")
    let digits = position
    try skipDigits()
    guard bytes[digits] != UInt8(ascii: "0") || position == digits + 1 else {
      throw .syntax
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
    // Of more digits nobody makes an integer.
    guard !isInteger || text.utf8.count <= 4300, let number = Double(text) else { throw .syntax }
    return .number(number)
  }

  private mutating func skipDigits() throws(JSONFault) {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw .syntax }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONFault) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw .syntax }
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
}
