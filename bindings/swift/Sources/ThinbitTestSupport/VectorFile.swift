import Thinbit

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A vector file that is not what it should be.
public struct VectorFileError: Error {
  public let problem: String
}

/// The cases of `tests/vectors/<op>.vectors`.
///
/// - Throws: ``VectorFileError`` where the file is missing or malformed.
public func readVectors(of op: String) throws -> [VectorCase] {
  var components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  components.removeLast(5)  // bindings/swift/Sources/ThinbitTestSupport/VectorFile.swift
  let path = components.joined(separator: "/") + "/tests/vectors/\(op).vectors"
  var reader = VectorReader(bytes: try contents(of: path))
  return try reader.cases()
}

private func contents(of path: String) throws -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else {
    throw VectorFileError(problem: "\(path) cannot be opened")
  }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe fread(&buffer, 1, buffer.count, file)
    if count == 0 { break }
    bytes.append(contentsOf: buffer[..<count])
  }
  return bytes
}

private struct VectorReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func cases() throws -> [VectorCase] {
    guard String(decoding: try take(8), as: UTF8.self) == "TBVEC001" else {
      throw VectorFileError(problem: "the file does not begin with TBVEC001")
    }
    let count = Int(try unsigned(4))
    var cases: [VectorCase] = []
    for _ in 0..<count { cases.append(try vectorCase()) }
    guard position == bytes.count else {
      throw VectorFileError(problem: "there are bytes after the last case")
    }
    return cases
  }

  private mutating func vectorCase() throws -> VectorCase {
    let name = try string()
    let op = try string()
    var arguments: [String: VectorValue] = [:]
    for _ in 0..<(try unsigned(2)) {
      let argument = try string()
      arguments[argument] = try value()
    }
    let isError = try unsigned(1) == 1
    let expectation =
      isError
      ? VectorExpectation.error(status: try string(), rule: try string(), argument: try string())
      : .results(try results())
    return VectorCase(name: name, op: op, arguments: arguments, expectation: expectation)
  }

  private mutating func value() throws -> VectorValue {
    switch try unsigned(1) {
    case 1: return .tensor(try tensor())
    case 2: return .integer(Int64(bitPattern: try unsigned(8)))
    case 3: return .number(try double())
    case 4: return .name(try string())
    case 5: return .flag(try unsigned(1) == 1)
    case let kind: throw VectorFileError(problem: "unknown kind \(kind) of an argument")
    }
  }

  private mutating func tensor() throws -> VectorTensor {
    guard let dtype = try dtype() else {
      throw VectorFileError(problem: "an argument has no dtype")
    }
    let rank = Int(try unsigned(1))
    let shape = try integers(rank)
    let strides = try unsigned(1) == 1 ? try integers(rank) : nil
    let byteOffset = Int(try unsigned(8))
    let byteCount = Int(try unsigned(8))
    return VectorTensor(
      dtype: dtype, shape: shape, strides: strides, byteOffset: byteOffset,
      bytes: Array(try take(byteCount)))
  }

  private mutating func results() throws -> [ExpectedResult] {
    var results: [ExpectedResult] = []
    for _ in 0..<(try unsigned(1)) {
      let name = try string()
      guard let dtype = try dtype() else {
        results.append(ExpectedResult(name: name, dtype: nil, shape: [], values: .absent))
        continue
      }
      let shape = try integers(Int(try unsigned(1)))
      let count = shape.reduce(1, *)
      let values: ExpectedValues
      if try unsigned(1) == 0 {
        values = .exact(Array(try take(count * dtype.size)))
      } else {
        values = .bounded(
          relative: try double(), ofMagnitude: try double(), reference: try doubles(count),
          magnitude: try doubles(count))
      }
      results.append(ExpectedResult(name: name, dtype: dtype, shape: shape, values: values))
    }
    return results
  }

  /// The dtype of the schema's number; nil for 0.
  private mutating func dtype() throws -> DType? {
    let value = Int32(try unsigned(1))
    if value == 0 { return nil }
    guard let dtype = DType.allCases.first(where: { $0.code == value }) else {
      throw VectorFileError(problem: "unknown dtype \(value)")
    }
    return dtype
  }

  private mutating func string() throws -> String {
    String(decoding: try take(Int(try unsigned(2))), as: UTF8.self)
  }

  private mutating func integers(_ count: Int) throws -> [Int] {
    var integers: [Int] = []
    for _ in 0..<count { integers.append(Int(Int64(bitPattern: try unsigned(8)))) }
    return integers
  }

  private mutating func doubles(_ count: Int) throws -> [Double] {
    var doubles: [Double] = []
    for _ in 0..<count { doubles.append(try double()) }
    return doubles
  }

  private mutating func double() throws -> Double {
    Double(bitPattern: try unsigned(8))
  }

  /// A little-endian number of `size` bytes.
  private mutating func unsigned(_ size: Int) throws -> UInt64 {
    try take(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else {
      throw VectorFileError(problem: "the file ends in the middle of a case")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
