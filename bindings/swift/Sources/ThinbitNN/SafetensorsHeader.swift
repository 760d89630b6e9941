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
  /// The limit of Python's arrays.
  static let mostAxes = 64

  let metadata: [String: String]
  let tensors: [String: TensorEntry]
  /// Where the data begins in the file.
  let dataStart: Int

  init(_ file: ReadableFile) throws(SafetensorsError) {
    func malformed(_ problem: String) -> SafetensorsError {
      SafetensorsError(.malformed, file.path, problem)
    }
    guard file.byteCount >= SafetensorsHeader.prefixBytes else {
      throw malformed(FileText.tooShort(size: file.byteCount))
    }
    let prefix = try file.bytes(0..<SafetensorsHeader.prefixBytes)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let rest = file.byteCount - SafetensorsHeader.prefixBytes
    guard length <= rest else {
      throw malformed(FileText.headerCut(length: length, rest: rest))
    }
    guard length <= SafetensorsHeader.mostBytes else {
      throw malformed(
        FileText.headerTooLong(length: length, most: SafetensorsHeader.mostBytes))
    }
    dataStart = SafetensorsHeader.prefixBytes + Int(length)
    let text = try file.bytes(SafetensorsHeader.prefixBytes..<dataStart)
    do throws(HeaderFault) {
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

private func parse(
  _ text: [UInt8], dataBytes: Int
) throws(HeaderFault) -> ([String: String], [String: TensorEntry]) {
  guard text.first == UInt8(ascii: "{") else { throw HeaderFault(FileText.headerStart()) }
  var entries: [String: JSONValue]
  do throws(JSONFault) {
    entries = try jsonObject(text)
  } catch {
    throw HeaderFault(error.text("the header"))
  }
  let metadata = try metadata(entries.removeValue(forKey: "__metadata__") ?? .null)
  var tensors: [String: TensorEntry] = [:]
  // Of several faults every language finds the same first.
  for (name, value) in entries.sorted(by: { $0.key < $1.key }) {
    tensors[name] = try entry(name, value, dataBytes: dataBytes)
  }
  return (metadata, tensors)
}

private func metadata(_ value: JSONValue) throws(HeaderFault) -> [String: String] {
  if value == .null { return [:] }
  guard case .object(let members) = value else {
    throw HeaderFault(FileText.metadataNotObject(value: value.described))
  }
  var metadata: [String: String] = [:]
  for (key, value) in members.sorted(by: { $0.key < $1.key }) {
    guard case .string(let text) = value else {
      throw HeaderFault(
        FileText.metadataNotString(value: value.described, key: quoted(key)))
    }
    metadata[key] = text
  }
  return metadata
}

private func entry(
  _ name: String, _ value: JSONValue, dataBytes: Int
) throws(HeaderFault) -> TensorEntry {
  let shown = quoted(name)
  guard case .object(let members) = value else {
    throw HeaderFault(FileText.tensorNotObject(name: shown, value: value.described))
  }
  func member(_ key: String) throws(HeaderFault) -> JSONValue {
    guard let member = members[key] else {
      throw HeaderFault(FileText.tensorLacks(name: shown, key: key))
    }
    return member
  }
  let (type, sizes, range) = (
    try member("dtype"), try member("shape"), try member("data_offsets")
  )
  guard case .string(let dtype) = type, let bits = elementBits[dtype] else {
    throw HeaderFault(FileText.tensorDtype(name: shown, value: type.described))
  }
  guard let shape = counts(sizes) else {
    throw HeaderFault(FileText.tensorShape(name: shown, value: sizes.described))
  }
  guard shape.count <= SafetensorsHeader.mostAxes else {
    throw HeaderFault(
      FileText.tensorAxes(name: shown, axes: shape.count, most: SafetensorsHeader.mostAxes))
  }
  guard let offsets = counts(range), offsets.count == 2 else {
    throw HeaderFault(FileText.tensorOffsets(name: shown, value: range.described))
  }
  guard offsets[0] <= offsets[1] else {
    throw HeaderFault(FileText.tensorBackwards(name: shown, value: range.described))
  }
  guard offsets[1] <= dataBytes else {
    throw HeaderFault(
      FileText.tensorCut(name: shown, value: range.described, size: dataBytes))
  }
  guard let needed = dataBits(shape, bits) else {
    throw HeaderFault(FileText.tensorTooLarge(name: shown, value: sizes.described))
  }
  // The range is inside the file, so eight times its length cannot overflow.
  let held = offsets[1] - offsets[0]
  guard needed == held * 8 else {
    let (bytes, left) = needed.quotientAndRemainder(dividingBy: 8)
    throw HeaderFault(
      left == 0
        ? FileText.tensorSize(
          name: shown, dtype: dtype, shape: sizes.described, needed: bytes, held: held)
        : FileText.tensorPartOfByte(
          name: shown, dtype: dtype, shape: sizes.described, needed: bytes + 1, held: held))
  }
  return TensorEntry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
}

private func counts(_ value: JSONValue) -> [Int]? {
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
      throw HeaderFault(
        FileText.tensorsOverlap(first: quoted(previous), second: quoted(name)))
    }
    guard entry.range.lowerBound == end else {
      throw HeaderFault(
        FileText.dataGap(begin: end, end: entry.range.lowerBound, name: quoted(name)))
    }
    if !entry.range.isEmpty { (end, previous) = (entry.range.upperBound, name) }
  }
  guard end == dataBytes else {
    throw HeaderFault(FileText.dataLeft(rest: dataBytes - end, size: dataBytes))
  }
}
