import Testing
import Thinbit
import ThinbitNN

@Suite struct SafetensorsTests {
  /// Two tensors: `a` with four floats, `b` with three bytes.
  private let header = """
    {"__metadata__":{"format":"mlx"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},\
    "b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}
    """
  private let data = [1, -2, 0.5, 8].flatMap(littleEndian) + [7, 8, 9]

  @Test func readsWhatIsThere() throws {
    let file = try TemporaryFile(header: header, data: data)
    let safetensors = try SafetensorsFile(path: file.path)
    #expect(safetensors.names == ["a", "b"])
    #expect(safetensors.metadata == ["format": "mlx"])
    #expect(safetensors.shape(of: "a") == [2, 2])
    #expect(try safetensors.tensor("a").array(as: Float.self) == [1, -2, 0.5, 8])
    #expect(try safetensors.tensor("b").array(as: UInt8.self) == [7, 8, 9])
    #expect(kind { try safetensors.tensor("c") } == .missing)
  }

  @Test func acceptsNullMetadataAndPadding() throws {
    let file = try TemporaryFile(
      header: #"{"__metadata__":null,"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}  "#)
    let safetensors = try SafetensorsFile(path: file.path)
    #expect(safetensors.metadata.isEmpty)
    #expect(try safetensors.tensor("e").shape == [0, 3])
  }

  @Test func refusesDTypesWithoutACounterpart() throws {
    let file = try TemporaryFile(
      header: #"{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
      data: [UInt8](repeating: 0, count: 8))
    let safetensors = try SafetensorsFile(path: file.path)
    #expect(kind { try safetensors.tensor("d") } == .unsupported)
  }

  @Test func everyTruncationIsAnError() throws {
    let file = try TemporaryFile(header: header, data: data)
    let whole = try file.contents()
    for length in 0..<whole.count {
      try file.write(Array(whole[..<length]))
      #expect(kind { try SafetensorsFile(path: file.path) } == .malformed, "\(length) bytes")
    }
  }

  @Test func noChangedByteOfTheHeaderCrashes() throws {
    let file = try TemporaryFile(header: header, data: data)
    let whole = try file.contents()
    var refused = 0
    for position in 0..<whole.count - data.count {
      for value: UInt8 in [0x00, 0x22, 0x2D, 0x39, 0x5B, 0x7D, 0xFF] {
        var bytes = whole
        bytes[position] = value
        try file.write(bytes)
        if let safetensors = try? SafetensorsFile(path: file.path) {
          for name in safetensors.names { _ = try? safetensors.tensor(name) }
        } else {
          refused += 1
        }
      }
    }
    #expect(refused > whole.count)
  }

  @Test func aHeaderThatIsNotUTF8IsRefused() throws {
    var bytes = try TemporaryFile(header: #"{"aa":1}"#).contents()
    bytes[10] = 0xC0
    let file = try TemporaryFile(bytes: bytes)
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: file.path) }
    #expect(error?.message.contains("not UTF-8") == true)
  }

  @Test func tensorsCoverTheDataExactly() throws {
    func message(_ first: [Int], _ second: [Int], _ bytes: Int) throws -> String? {
      let entries = zip(["a", "b"], [first, second]).map { name, offsets in
        #""\#(name)":{"dtype":"U8","shape":[\#(offsets[1] - offsets[0])],"data_offsets":\#(offsets)}"#
      }
      let file = try TemporaryFile(
        header: "{\(entries.joined(separator: ","))}", data: [UInt8](repeating: 0, count: bytes))
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: file.path) }
      return error?.message
    }
    #expect(try message([0, 4], [3, 6], 6)?.contains("overlap") == true)
    #expect(try message([0, 4], [0, 4], 4)?.contains("overlap") == true)
    #expect(try message([0, 4], [5, 6], 6)?.contains("bytes 4 to 5") == true)
    #expect(try message([0, 4], [4, 6], 7)?.contains("the last 1 of 7") == true)
  }

  @Test func hugeHeadersAndStrangeFilesAreRefused() throws {
    let huge = try TemporaryFile(bytes: [UInt8](repeating: 0xFF, count: 64))
    #expect(kind { try SafetensorsFile(path: huge.path) } == .malformed)
    #expect(kind { try SafetensorsFile(path: "/") } == .unreadable)
    #expect(kind { try SafetensorsFile(path: huge.path + ".missing") } == .unreadable)
  }

  @Test func aFileThatShrinksIsAnError() throws {
    let file = try TemporaryFile(header: header, data: data)
    let safetensors = try SafetensorsFile(path: file.path)
    try file.write(Array(try file.contents().dropLast(8)))
    #expect(kind { try safetensors.tensor("a") } == .unreadable)
  }
}

/// The kind of error of a call; nil where it succeeds.
func kind<Result>(_ call: () throws -> Result) -> SafetensorsError.Kind? {
  do {
    _ = try call()
    return nil
  } catch {
    return (error as? SafetensorsError)?.kind
  }
}
