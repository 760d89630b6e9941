import Foundation
import Testing
import Thinbit
import ThinbitNN

private final class Model: Module {
  @Child var embed: any EmbeddingLayer
  @Child var layers: [any UnaryLayer]
  @Loadable var norm: Tensor

  init(rows: Int = 16) throws {
    embed = try Embedding(weight: noise(32, 64))
    layers = [
      try Linear(weight: noise(64, 64), bias: noise(64)), try Linear(weight: noise(rows, 64)),
    ]
    norm = try noise(64)
  }
}

private final class Fixed: Module {
  let norm: Tensor

  init() throws { norm = try noise(64) }
}

/// The checkpoint that a model is saved as; it keeps its file open, which is gone otherwise.
private func checkpoint(of model: any Module) throws -> Checkpoint {
  let path = NSTemporaryDirectory() + "/thinbit-" + UUID().uuidString + ".safetensors"
  defer { try? FileManager.default.removeItem(atPath: path) }
  try save(model, to: path)
  return try Checkpoint(path: path)
}

private func bytes(_ model: Model) -> [[UInt8]] {
  model.parameters.flatMap { _, value -> [[UInt8]] in
    let parts: [Tensor?] =
      switch value {
      case .tensor(let tensor): [tensor]
      case .quantized(let weight):
        [weight.packed, weight.scales, weight.biases, weight.globalScale]
      }
    return parts.compactMap { part in unsafe part?.withUnsafeBytes { unsafe Array($0) } }
  }
}

@Suite struct LoadModelTests {
  @Test func parametersAreThoseOfTheCheckpoint() throws {
    let saved = try Model()
    try quantize(model: saved, mode: .nvfp4) { path, _ in path != "layers.1" }
    let model = try Model()
    #expect(bytes(model) != bytes(saved))
    try load(model: model, from: checkpoint(of: saved))
    #expect(model.embed is QuantizedEmbedding)
    #expect(model.layers[0] is QuantizedLinear && model.layers[1] is Linear)
    #expect(bytes(model) == bytes(saved))
  }

  @Test func aLayerGoesOnQuantizingItsInput() throws {
    let model = try Model()
    try quantize(model: model, mode: .mxfp4, quantizeInput: true)
    try load(model: model, from: checkpoint(of: model))
    #expect(model.layers[0] is QQLinear)
    // The rows of the table stay what they were asked to be.
    #expect((model.embed as? QuantizedEmbedding)?.dtype == .float32)
  }

  @Test func whatDoesNotFitChangesNothing() throws {
    let model = try Model()
    let before = bytes(model)
    let other = try checkpoint(of: Model(rows: 8))
    let error = #expect(throws: SafetensorsError.self) { try load(model: model, from: other) }
    #expect(
      error?.message
        == "module 'layers.1' has the shape [8, 64], and the model's [16, 64]")
    let part = try checkpoint(of: Fixed())
    #expect(throws: SafetensorsError.self) { try load(model: model, from: part) }
    #expect(bytes(model) == before)
  }

  @Test func everyTensorNeedsAPlaceUnlessNotStrict() throws {
    let saved = try checkpoint(of: Model())
    let part = try NormAlone()
    let error = #expect(throws: SafetensorsError.self) { try load(model: part, from: saved) }
    #expect(
      error?.message.hasPrefix("the model has no place for 4 tensors: 'embed.weight'") == true)
    try load(model: part, from: saved, strict: false)
    #expect(try part.norm.array(as: Float.self) == saved.tensor("norm").array(as: Float.self))
  }

  @Test func aPropertyThatCannotBeReplacedIsRefused() throws {
    let model = try Fixed()
    let saved = try checkpoint(of: model)
    let error = #expect(throws: SafetensorsError.self) { try load(model: model, from: saved) }
    #expect(
      error?.message == "tensor 'norm' lies in a property that is not marked @Loadable")
  }
}

private final class NormAlone: Module {
  @Loadable var norm: Tensor

  init() throws { norm = try noise(64) }
}
