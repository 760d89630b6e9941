import Foundation
import Testing
import Thinbit
import ThinbitNN

private final class Model: Module {
  @Child var embed: any EmbeddingLayer
  @Child var layers: [any UnaryLayer]
  let norm: Tensor

  init() throws {
    embed = try Embedding(weight: noise(32, 64))
    layers = [
      try Linear(weight: noise(64, 64), bias: noise(64)), try Linear(weight: noise(16, 64)),
    ]
    norm = try noise(64)
  }

  init(_ checkpoint: Checkpoint) throws {
    embed = try checkpoint.embedding("embed")
    layers = try (0..<2).map { try checkpoint.linear("layers.\($0)") }
    norm = try checkpoint.tensor("norm")
  }
}

/// A folder that is gone with its owner.
private final class Folder {
  let path = NSTemporaryDirectory() + "/thinbit-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func contents(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func write(_ text: String, _ name: String) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
  }
}

private func bytes(_ model: Model) throws -> [[UInt8]] {
  model.parameters.flatMap { _, value -> [[UInt8]] in
    switch value {
    case .tensor(let tensor): [unsafe tensor.withUnsafeBytes { unsafe Array($0) }]
    case .quantized(let weight):
      [weight.packed, weight.scales, weight.biases, weight.globalScale].compactMap { part in
        unsafe part?.withUnsafeBytes { unsafe Array($0) }
      }
    }
  }
}

private func mixed() throws -> Model {
  let model = try Model()
  try quantize(model: model) { path, _ in
    switch path {
    case "embed": QuantizationSpec(groupSize: 32, bits: 8)
    case "layers.0": QuantizationSpec(groupSize: 64, bits: 4)
    default: QuantizationSpec(mode: .nvfp4)
    }
  }
  return model
}

@Suite struct CheckpointTests {
  @Test(arguments: ["model.safetensors", "folder"], [false, true])
  func whatIsSavedIsRead(_ name: String, _ mapped: Bool) throws {
    let folder = try Folder()
    let model = try mixed()
    try save(model, to: "\(folder.path)/\(name)")
    let checkpoint = try Checkpoint(path: "\(folder.path)/\(name)", mapped: mapped)
    let read = try Model(checkpoint)
    #expect(read.description == model.description)
    #expect(try bytes(read) == bytes(model))
    let x = try noise(2, 64)
    let expected = try model.layers[0](x).array(as: Float.self)
    #expect(try read.layers[0](x).array(as: Float.self) == expected)
    // And what was read is written without a changed byte.
    try save(read, to: "\(folder.path)/again-\(name)")
    let tail = name == "folder" ? "/model.safetensors" : ""
    #expect(try folder.contents("again-\(name)\(tail)") == folder.contents("\(name)\(tail)"))
  }

  @Test func aFloatModelIsReadAsOne() throws {
    let folder = try Folder()
    try save(Model(), to: "\(folder.path)/model.safetensors")
    let read = try Model(Checkpoint(path: "\(folder.path)/model.safetensors"))
    #expect(read.description == (try Model().description))
    #expect(read.parameters.map(\.path).contains("layers.0.bias"))
  }

  @Test func aLayerMayQuantizeItsInputToo() throws {
    let folder = try Folder()
    let path = "\(folder.path)/model.safetensors"
    try save(mixed(), to: path)
    let checkpoint = try Checkpoint(path: path)
    #expect(try checkpoint.linear("layers.1", quantizeInput: true) is QQLinear)
    #expect(kind { try checkpoint.linear("layers.0", quantizeInput: true) } == .malformed)
    #expect(kind { try checkpoint.linear("layers.2") } == .missing)
  }

  @Test func shardsHaveAnIndexAndKeepModulesTogether() throws {
    let folder = try Folder()
    let path = "\(folder.path)/model"
    try save(mixed(), to: path, config: #"{"eps": 1e-05, "n": 3}"#, shardBytes: 3000)
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    #expect(
      names == [
        "config.json", "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
        "model-00003-of-00003.safetensors", "model.safetensors.index.json",
      ])
    let first = try SafetensorsFile(path: "\(path)/model-00001-of-00003.safetensors")
    #expect(first.names == ["embed.biases", "embed.scales", "embed.weight", "norm"])
    let checkpoint = try Checkpoint(path: path)
    #expect(try bytes(Model(checkpoint)) == bytes(mixed()))
    let config = try #require(checkpoint.config)
    #expect(config.contains(#""eps": 1e-05"#))
    #expect(config.contains(#""mode": "nvfp4""#))
    #expect(config.contains(#""quantization_config""#))
  }

  @Test func anIndexThatLiesIsRefused() throws {
    let folder = try Folder()
    let path = "\(folder.path)/model"
    try save(mixed(), to: path, shardBytes: 3000)
    let index = "model/model.safetensors.index.json"
    let text = String(decoding: try folder.contents(index), as: UTF8.self)
    for (old, new) in [
      (#""norm": "model-00001"#, #""norm": "model-00002"#), ("norm", "form"),
      ("model-00002-of", "../model-00002-of"), ("model-00002-of", "model-00009-of"),
      ("weight_map", "weights"), ("{", "["),
    ] {
      #expect(text.contains(old), "\(old)")
      try folder.write(text.replacingOccurrences(of: old, with: new), index)
      let found = kind { try Checkpoint(path: path) }
      #expect(found == .malformed || found == .unreadable, "\(new)")
    }
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(index)")
    #expect(try Checkpoint(path: path).names.count == 11)
    let copy = try folder.contents("model/model-00001-of-00003.safetensors")
    try copy.write(to: URL(fileURLWithPath: "\(path)/more.safetensors"))
    #expect(kind { try Checkpoint(path: path) } == .malformed)
    #expect(kind { try Checkpoint(path: folder.path) } == .unreadable)
  }

  @Test func nothingIsReplacedUnasked() throws {
    let folder = try Folder()
    let model = try Model()
    for name in ["model.safetensors", "model"] {
      let path = "\(folder.path)/\(name)"
      try save(model, to: path)
      #expect(kind { try save(model, to: path) } == .exists)
      try save(mixed(), to: path, overwrite: true)
      #expect(try Checkpoint(path: path).isQuantized("embed"))
    }
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/photos", withIntermediateDirectories: false)
    #expect(
      kind { try save(model, to: "\(folder.path)/photos", overwrite: true) } == .exists)
    #expect(
      kind { try writeSafetensors(path: folder.path, tensors: [:], overwrite: true) } == .exists)
    #expect(kind { try save(model, to: "\(folder.path)/no/model") } == .unwritable)
    #expect(kind { try save(model, to: "\(folder.path)/no/a.safetensors") } == .unwritable)
    #expect(
      kind { try save(model, to: "\(folder.path)/new", config: "[]") } == .malformed)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["model", "model.safetensors", "photos"])
  }

  @Test func aMappedTensorOutlivesItsFile() throws {
    let folder = try Folder()
    let path = "\(folder.path)/model.safetensors"
    try save(Model(), to: path)
    var file: SafetensorsFile? = try SafetensorsFile(path: path, mapped: true)
    let tensor = try #require(try file?.tensor("norm"))
    file = nil
    try FileManager.default.removeItem(atPath: path)
    #expect(try tensor.array(as: Float.self) == noise(64).array(as: Float.self))
    #expect(tensor.shape == [64])
  }

  @Test func aTensorThatIsNotAlignedIsCopied() throws {
    let header =
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
    let file = try TemporaryFile(header: header, data: [7] + littleEndian(2.5))
    let safetensors = try SafetensorsFile(path: file.path, mapped: true)
    #expect(try safetensors.tensor("f").array(as: Float.self) == [2.5])
    #expect(try safetensors.tensor("b").array(as: UInt8.self) == [7])
  }
}
