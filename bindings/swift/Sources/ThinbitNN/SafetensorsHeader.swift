import Thinbit

/// One tensor of a file: `range` counts bytes from the start of the data.
struct TensorEntry: Equatable, Sendable {
  let dtype: String
  let shape: [Int]
  let range: Range<Int>
}

/// What the header of a safetensors file says, checked in full before anything it describes is
/// allocated.
///
/// A file is 8 bytes with the length n of the header (little-endian), n bytes of JSON, and the
/// data. Offsets count from the start of the data, which the tensors cover without a gap or an
/// overlap.
struct SafetensorsHeader: Sendable {
  /// The bytes before the JSON.
  static let prefixBytes = 8
  /// The limit of the safetensors library.
  static let mostBytes = 100_000_000

  let metadata: [String: String]
  let tensors: [String: TensorEntry]
  /// Where the data begins in the file.
  let dataStart: Int

  init(_ file: ReadableFile) throws(SafetensorsError) {
    func malformed(_ problem: String) -> SafetensorsError {
      SafetensorsError(.malformed, file.path, problem)
    }
    guard file.byteCount >= SafetensorsHeader.prefixBytes else {
      throw malformed("\(file.byteCount) bytes are too few for a safetensors file")
    }
    let prefix = try file.bytes(0..<SafetensorsHeader.prefixBytes)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsHeader.mostBytes else {
      throw malformed("the header would have \(length) bytes; this is no safetensors file")
    }
    dataStart = SafetensorsHeader.prefixBytes + Int(length)
    guard dataStart <= file.byteCount else {
      throw malformed("the header has \(length) bytes, and the file ends before that")
    }
    do throws(HeaderFault) {
      let text = try read(SafetensorsHeader.prefixBytes..<dataStart, of: file)
      let dataBytes = file.byteCount - dataStart
      (metadata, tensors) = try parse(text, dataBytes: dataBytes)
      try checkCoverage(tensors, dataBytes: dataBytes)
    } catch {
      throw malformed(error.problem)
    }
  }
}

private struct HeaderFault: Error {
  let problem: String

  init(_ problem: String) {
    self.problem = problem
  }
}

/// Bits for each element of the format's dtypes.
private let elementBits: [String: Int] = [
  "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
  "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
  "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
]

private func read(_ range: Range<Int>, of file: ReadableFile) throws(HeaderFault) -> [UInt8] {
  do throws(SafetensorsError) {
    return try file.bytes(range)
  } catch {
    throw HeaderFault(error.message)
  }
}

private func parse(
  _ text: [UInt8], dataBytes: Int
) throws(HeaderFault) -> ([String: String], [String: TensorEntry]) {
  guard text.first == UInt8(ascii: "{") else {
    throw HeaderFault("the header does not start with '{', as a safetensors header does")
  }
  let document: JSONValue
  do throws(JSONValue.Malformed) {
    document = try JSONValue(parsing: text)
  } catch {
    throw HeaderFault(
      "the header is not the JSON it should be, at byte \(error.position): \(error.problem)")
  }
  guard case .object(var entries) = document else {
    throw HeaderFault("the header is no JSON object")
  }
  let metadata = try metadata(entries.removeValue(forKey: "__metadata__") ?? .null)
  var tensors: [String: TensorEntry] = [:]
  for (name, value) in entries {
    tensors[name] = try entry(name, value, dataBytes: dataBytes)
  }
  return (metadata, tensors)
}

private func metadata(_ value: JSONValue) throws(HeaderFault) -> [String: String] {
  if value == .null { return [:] }
  guard case .object(let members) = value else {
    throw HeaderFault("__metadata__ must map strings to strings")
  }
  var metadata: [String: String] = [:]
  for (key, value) in members {
    guard case .string(let text) = value else {
      throw HeaderFault("__metadata__ has something else than a string under \(quoted(key))")
    }
    metadata[key] = text
  }
  return metadata
}

private func entry(
  _ name: String, _ value: JSONValue, dataBytes: Int
) throws(HeaderFault) -> TensorEntry {
  let shown = "tensor \(quoted(name))"
  guard case .object(let members) = value else { throw HeaderFault("\(shown) is no object") }
  guard case .string(let dtype) = members["dtype"], let bits = elementBits[dtype] else {
    throw HeaderFault("\(shown) has no known dtype")
  }
  guard let shape = counts(members["shape"]), shape.count <= 64 else {
    throw HeaderFault("\(shown) has no shape of at most 64 integers from 0")
  }
  guard let offsets = counts(members["data_offsets"]), offsets.count == 2 else {
    throw HeaderFault("\(shown) has no data_offsets of two integers from 0")
  }
  guard offsets[0] <= offsets[1], offsets[1] <= dataBytes else {
    throw HeaderFault("\(shown) has the data_offsets \(offsets); the data has \(dataBytes) bytes")
  }
  guard let needed = dataBits(shape, bits) else {
    throw HeaderFault("\(shown) has the shape \(shape), which no memory can hold")
  }
  // The range is inside the file, so eight times its length cannot overflow.
  guard needed == (offsets[1] - offsets[0]) * 8 else {
    throw HeaderFault(
      "\(shown), \(dtype) of shape \(shape), needs \(needed) bits; its data_offsets hold "
        + "\(offsets[1] - offsets[0]) bytes")
  }
  return TensorEntry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
}

private func counts(_ value: JSONValue?) -> [Int]? {
  guard case .array(let items) = value else { return nil }
  var counts: [Int] = []
  for item in items {
    guard case .integer(let count) = item, count >= 0 else { return nil }
    counts.append(count)
  }
  return counts
}

/// Bits of the data; nil where the shape, an empty axis left aside, is beyond any memory.
private func dataBits(_ shape: [Int], _ elementBits: Int) -> Int? {
  var bits = elementBits
  for size in shape {
    let (product, overflows) = bits.multipliedReportingOverflow(by: max(size, 1))
    if overflows { return nil }
    bits = product
  }
  return shape.contains(0) ? 0 : bits
}

private func checkCoverage(
  _ tensors: [String: TensorEntry], dataBytes: Int
) throws(HeaderFault) {
  var end = 0
  var previous = ""
  let inOrder = tensors.sorted {
    ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
      < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
  }
  for (name, entry) in inOrder {
    guard entry.range.lowerBound >= end else {
      throw HeaderFault("tensors \(quoted(previous)) and \(quoted(name)) overlap")
    }
    guard entry.range.lowerBound == end else {
      throw HeaderFault(
        "bytes \(end) to \(entry.range.lowerBound) of the data, before tensor \(quoted(name)), "
          + "belong to no tensor")
    }
    if !entry.range.isEmpty { (end, previous) = (entry.range.upperBound, name) }
  }
  guard end == dataBytes else {
    throw HeaderFault("the last \(dataBytes - end) of \(dataBytes) bytes belong to no tensor")
  }
}
