import Foundation

/// A file that is gone with its owner, in a folder of its own.
final class TemporaryFile {
  let folder: String
  let path: String

  init(bytes: [UInt8]) throws {
    folder = NSTemporaryDirectory() + "/thinbit-" + UUID().uuidString
    path = folder + "/model.safetensors"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(bytes)
  }

  /// A safetensors file with this header and data.
  convenience init(header: String, data: [UInt8] = []) throws {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    try self.init(bytes: length + text + data)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func contents() throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func write(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  func writeConfig(_ text: String) throws {
    try text.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
  }
}

/// The bytes of a float as the format stores them.
func littleEndian(_ value: Float) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
}
