import Testing
import Thinbit
import ThinbitNN

/// A file with these tensors, one after the other.
private func file(
  _ tensors: KeyValuePairs<String, Tensor>, metadata: [String: String] = [:]
) throws -> TemporaryFile {
  let names: [DType: String] = [.float32: "F32", .uint32: "U32", .uint8: "U8"]
  var data: [UInt8] = []
  var entries: [String] = []
  for (name, tensor) in tensors {
    let begin = data.count
    data += unsafe tensor.withUnsafeBytes { unsafe Array($0) }
    let dtype = try #require(names[tensor.dtype])
    let offsets = [begin, data.count]
    entries.append(
      #""\#(name)":{"dtype":"\#(dtype)","shape":\#(tensor.shape),"data_offsets":\#(offsets)}"#)
  }
  for (key, value) in metadata {
    let escaped = value.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: #"\""#)
    entries.append(#""__metadata__":{"\#(key)":"\#(escaped)"}"#)
  }
  return try TemporaryFile(header: "{\(entries.joined(separator: ","))}", data: data)
}

private func layer(
  _ mode: QuantizationMode, groupSize: Int? = nil, bits: Int? = nil,
  metadata: [String: String] = [:]
) throws -> TemporaryFile {
  let w = try Tensor((0..<512).map { Float($0 % 29) / 7 - 2 }, shape: [4, 128])
  let q = try QuantizedTensor.quantize(w, groupSize: groupSize, bits: bits, mode: mode)
  if let biases = q.biases {
    return try file(
      ["a.weight": q.packed, "a.scales": q.scales, "a.biases": biases], metadata: metadata)
  }
  if let globalScale = q.globalScale {
    return try file(
      ["a.weight": q.packed, "a.scales": q.scales, "a.global_scale": globalScale],
      metadata: metadata)
  }
  return try file(["a.weight": q.packed, "a.scales": q.scales], metadata: metadata)
}

@Suite struct QuantizedWeightTests {
  @Test(arguments: [QuantizationMode.mxfp4, .mxfp8, .nvfp4])
  func byteScalesSayTheMode(_ mode: QuantizationMode) throws {
    let file = try layer(mode)
    let q = try SafetensorsFile(path: file.path).quantizedTensor("a")
    #expect(q.mode == mode)
    #expect(q.shape == [4, 128])
    #expect((q.globalScale != nil) == mode.hasGlobalScale)
  }

  @Test func floatScalesAreAmbiguousUntilSomethingSaysTheSpec() throws {
    let file = try layer(.affine, groupSize: 32, bits: 8)
    let safetensors = try SafetensorsFile(path: file.path)
    let error = #expect(throws: SafetensorsError.self) { try safetensors.quantizedTensor("a") }
    #expect(error?.kind == .ambiguous)
    #expect(error?.message.contains("affine:8:g32") == true)
    #expect(error?.message.contains("affine:4:g64") == true)
    let spec = QuantizationSpec(groupSize: 32, bits: 8)
    #expect(try safetensors.quantizedTensor("a", spec: spec).shape == [4, 128])
    let wrong = QuantizationSpec(mode: .mxfp8)
    #expect(kind { try safetensors.quantizedTensor("a", spec: wrong) } == .malformed)
  }

  @Test func onePossibilityNeedsNoWord() throws {
    let file = try layer(.affine, groupSize: 32, bits: 1)
    let q = try SafetensorsFile(path: file.path).quantizedTensor("a")
    #expect(q.bits == 1)
    #expect(q.groupSize == 32)
  }

  @Test func metadataSaysTheSpec() throws {
    let said = #"{"group_size": 64, "bits": 4, "a": {"group_size": 32, "bits": 8}}"#
    let file = try layer(.affine, groupSize: 32, bits: 8, metadata: ["quantization": said])
    #expect(try SafetensorsFile(path: file.path).quantizedTensor("a").bits == 8)
  }

  @Test func aConfigBesideTheFileSaysTheSpec() throws {
    let file = try layer(.affine, groupSize: 32, bits: 8)
    try file.writeConfig(#"{"quantization": {"group_size": 32, "bits": 8}}"#)
    #expect(try SafetensorsFile(path: file.path).quantizedTensor("a").bits == 8)
    try file.writeConfig(#"{"quantization": {"group_size": 128, "bits": 4}}"#)
    #expect(
      kind { try SafetensorsFile(path: file.path).quantizedTensor("a") } == .malformed)
    try file.writeConfig(#"{"model_type": "bert"}"#)
    #expect(
      kind { try SafetensorsFile(path: file.path).quantizedTensor("a") } == .ambiguous)
  }

  @Test(arguments: [
    "not json", "[]", #"{"mode": "int4"}"#, #"{"bits": "4"}"#, #"{"group_size": 48, "bits": 4}"#,
    #"{"group_size": 64, "bits": 4, "a": {"bits": 7}}"#,
  ])
  func wrongMetadataIsAnError(_ said: String) throws {
    let file = try layer(.affine, metadata: ["quantization": said])
    #expect(
      kind { try SafetensorsFile(path: file.path).quantizedTensor("a") } == .malformed)
  }

  @Test func aModuleThatIsSaidNotToBeQuantizedIsReadByItsShapes() throws {
    let said = #"{"group_size": 64, "bits": 4, "a": false}"#
    let file = try layer(.mxfp8, metadata: ["quantization": said])
    #expect(try SafetensorsFile(path: file.path).quantizedTensor("a").mode == .mxfp8)
  }

  @Test func missingPartsAreNamed() throws {
    let words = try Tensor([UInt32](repeating: 0, count: 64), shape: [4, 16])
    let scales = try Tensor([Float](repeating: 0, count: 8), shape: [4, 2])
    let withoutScales = try file(["a.weight": words])
    #expect(
      kind { try SafetensorsFile(path: withoutScales.path).quantizedTensor("a") } == .missing)
    let withoutBiases = try file(["weight": words, "scales": scales])
    let spec = QuantizationSpec(groupSize: 64, bits: 4)
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(path: withoutBiases.path).quantizedTensor("", spec: spec)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.message.contains("affine has biases") == true)
  }
}
