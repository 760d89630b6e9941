import Foundation
import Testing
import Thinbit
import ThinbitNN

/// A file of a case: a text, bytes after it, zeros; or a header with its length and data.
private struct FaultyFile: Decodable {
  let text: String?
  let header: String?
  let data: Int?
  let hex: String?
  let zeros: Int?
  let length: UInt64?

  var bytes: Data {
    let zeros = Data(count: zeros ?? 0)
    if let length { return littleEndian(length) + zeros }
    let body = Data((header ?? text ?? "").utf8) + hexBytes
    return header == nil
      ? body + zeros : littleEndian(UInt64(body.count)) + body + Data(count: data ?? 0)
  }

  private var hexBytes: Data {
    let digits = Array(hex ?? "")
    return Data(
      stride(from: 0, to: digits.count, by: 2).compactMap { at in
        UInt8(String(digits[at...at + 1]), radix: 16)
      })
  }

  private func littleEndian(_ number: UInt64) -> Data {
    Data((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) })
  }
}

/// Files that are not what they should be, and what has to be said about them.
private struct Fault: Decodable, CustomTestStringConvertible {
  let fault: String
  let files: [String: FaultyFile]
  let open: String
  let message: String
  let read: String?
  let module: String?
  let pipe: String?
  let write: String?
  let tensor: String?

  var testDescription: String { "\(fault): \(message.prefix(80))" }

  static let all: [Fault] = {
    struct Cases: Decodable { let cases: [Fault] }
    let root = (0..<5).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
      url.deletingLastPathComponent()
    }
    do {
      let text = try Data(contentsOf: root.appending(path: "tests/checkpoints/faults.json"))
      return try JSONDecoder().decode(Cases.self, from: text).cases
    } catch {
      Issue.record("tests/checkpoints/faults.json: \(error)")
      return []
    }
  }()

  /// Makes the files, and does what has to fail.
  func provoke(in folder: String) throws {
    for (name, file) in files {
      let path = URL(fileURLWithPath: "\(folder)/\(name)")
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.bytes.write(to: path)
    }
    if let pipe {
      let made = unsafe mkfifo("\(folder)/\(pipe)", 0o600)
      #expect(made == 0)
    }
    if let write {
      let tensors = [tensor ?? "a": try Tensor([Float(0)], shape: [1])]
      return try writeSafetensors(path: "\(folder)/\(write)", tensors: tensors)
    }
    let checkpoint = try Checkpoint(path: "\(folder)/\(open)")
    if let read { _ = try checkpoint.tensor(read) }
    if let module { _ = try checkpoint.quantizedTensor(module) }
  }
}

/// What is said about files that are not what they should be: word for word what Python says of them
/// (tests/checkpoints/test_faults.py reads the same cases).
@Suite struct FaultTests {
  @Test(arguments: Fault.all)
  fileprivate func saysWhatPythonSays(_ fault: Fault) throws {
    let folder = NSTemporaryDirectory() + "/thinbit-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = #expect(throws: SafetensorsError.self) { try fault.provoke(in: folder) }
    #expect(error?.message == fault.message)
    #expect(error?.path.hasPrefix(folder) == true)
  }

  @Test func thereAreCases() {
    #expect(Fault.all.count > 50)
  }
}
