import Foundation
public import Thinbit

/// Writes tensors to a safetensors file: the same bytes that Python's writer makes of them.
///
/// The data goes to a temporary file in the same folder, which becomes the file in one step after it
/// has reached the disk. So the path holds the whole file, or what it held before.
///
/// - Parameters:
///   - path: The file to write.
///   - tensors: The tensors by name.
///   - metadata: The file's own strings.
///   - overwrite: Whether a file that is there may be replaced.
/// - Throws: ``SafetensorsError``: `.exists`; `.unwritable` where the system would not write it.
public func writeSafetensors(
  path: String, tensors: [String: Tensor], metadata: [String: String] = [:], overwrite: Bool = false
) throws(SafetensorsError) {
  guard tensors["__metadata__"] == nil else {
    throw SafetensorsError(.unwritable, path, FileText.metadataIsNoName())
  }
  guard !isFolder(path) else { throw SafetensorsError(.exists, path, FileText.outputIsFolder()) }
  guard overwrite || !FileManager.default.fileExists(atPath: path) else {
    throw SafetensorsError(.exists, path, FileText.exists())
  }
  // The widest dtypes come first, so that every tensor is aligned to its own size.
  let ordered = tensors.sorted { a, b in
    (-order(of: a.value.dtype), a.key) < (-order(of: b.value.dtype), b.key)
  }
  let temporary = temporaryPath(beside: path)
  do {
    guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
      throw SafetensorsError(.unwritable, path, "its folder cannot be written to")
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
    defer { try? file.close() }
    try file.write(contentsOf: header(ordered, metadata))
    for (_, tensor) in ordered {
      try unsafe tensor.withUnsafeBytes { bytes in
        try unsafe file.write(contentsOf: Data(bytes))
      }
    }
    try file.synchronize()
    try publish(temporary, path)
  } catch {
    try? FileManager.default.removeItem(atPath: temporary)
    throw (error as? SafetensorsError)
      ?? SafetensorsError(.unwritable, path, error.localizedDescription)
  }
}

/// The place of a dtype in the format's own list, by which the safetensors library sorts.
private func order(of dtype: DType) -> Int {
  switch dtype {
  case .uint8: 0
  case .float16: 1
  case .bfloat16: 2
  case .int32: 3
  case .uint32: 4
  case .float32: 5
  case .int64: 6
  }
}

/// The length, the JSON, and spaces that align the data.
private func header(_ tensors: [(key: String, value: Tensor)], _ metadata: [String: String]) -> Data
{
  var entries: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
      "\(jsonString(key)):\(jsonString(value))"
    }
    entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var begin = 0
  for (name, tensor) in tensors {
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    let end = begin + tensor.nbytes
    entries.append(
      "\(jsonString(name)):{\"dtype\":\"\(tensor.dtype.safetensorsName)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(begin),\(end)]}")
    begin = end
  }
  var text = Array("{\(entries.joined(separator: ","))}".utf8)
  text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
  let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
  return Data(length + text)
}
