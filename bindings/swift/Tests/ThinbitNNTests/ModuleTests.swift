import Testing
import Thinbit
import ThinbitNN

private final class Block: Module {
  @Child var up: any UnaryLayer
  let scale: Tensor

  init(columns: Int) throws {
    up = try Linear(weight: noise(64, columns), bias: noise(64))
    scale = try noise(columns)
  }
}

private final class Model: Module {
  @Child var embed: any EmbeddingLayer
  @Child var layers: [Block]
  @Child var head: any UnaryLayer

  init(_ columns: Int...) throws {
    embed = try Embedding(weight: noise(32, 64))
    layers = try columns.map { try Block(columns: $0) }
    head = try Linear(weight: noise(32, 64))
  }
}

private final class Names: Module {
  let normScale: Tensor
  @Child var qProj: Linear
  @Child var other: Linear

  init() throws {
    normScale = try noise(4)
    qProj = try Linear(weight: noise(4, 4))
    _other = Child(wrappedValue: try Linear(weight: noise(4, 4)), key: "odd.name")
  }
}

private func kinds(_ model: any Module) -> [String: String] {
  var found: [String: String] = [:]
  for (path, module) in model.namedModules where module is any Layer {
    found[path] = "\(type(of: module))"
  }
  return found
}

@Suite struct ModuleTests {
  @Test func parametersHavePaths() throws {
    let model = try Model(64)
    #expect(
      model.parameters.map(\.path) == [
        "embed.weight", "layers.0.scale", "layers.0.up.weight", "layers.0.up.bias", "head.weight",
      ])
    #expect(model.module(at: "layers.0.up") === model.layers[0].up)
  }

  @Test func namesAreThoseOfCheckpoints() throws {
    #expect(
      try Names().parameters.map(\.path) == ["norm_scale", "q_proj.weight", "odd.name.weight"])
  }

  @Test func everyLayerIsQuantized() throws {
    let model = try Model(64, 128)
    try quantize(model: model, mode: .mxfp8)
    #expect(
      kinds(model) == [
        "embed": "QuantizedEmbedding", "layers.0.up": "QuantizedLinear",
        "layers.1.up": "QuantizedLinear", "head": "QuantizedLinear",
      ])
  }

  @Test func oneLayerThatDoesNotFitLeavesTheModelAsItWas() throws {
    let model = try Model(64, 72)
    let before = kinds(model)
    let error = #expect(throws: ThinbitError.self) { try quantize(model: model) }
    #expect(error?.message.hasPrefix("layers.1.up: quantize: ") == true)
    #expect(error?.rule == "quantize.w.multiple")
    #expect(kinds(model) == before)
  }

  @Test func aFilterChooses() throws {
    let model = try Model(64, 72)
    try quantize(model: model, bits: 8) { path, _ in !path.hasPrefix("layers.1") }
    #expect(kinds(model)["layers.1.up"] == "Linear")
    #expect(kinds(model)["layers.0.up"] == "QuantizedLinear")
  }

  @Test func eachLayerMayHaveASpecOfItsOwn() throws {
    let model = try Model(64)
    try quantize(model: model) { path, _ in
      switch path {
      case "head": QuantizationSpec(mode: .nvfp4)
      case "embed": QuantizationSpec(groupSize: 32, bits: 6)
      default: nil
      }
    }
    #expect((model.head as? QuantizedLinear)?.weight.mode == .nvfp4)
    #expect((model.embed as? QuantizedEmbedding)?.weight.bits == 6)
    #expect(kinds(model)["layers.0.up"] == "Linear")
  }

  @Test func whatIsQuantizedAlreadyIsLeftAlone() throws {
    let model = try Model(64)
    try quantize(model: model, mode: .nvfp4) { path, _ in path == "head" }
    let head = model.head
    try quantize(model: model, bits: 8)
    #expect(model.head === head)
    #expect((model.embed as? QuantizedEmbedding)?.weight.bits == 8)
  }

  @Test func inputsAreQuantizedWhereThereAreFloats() throws {
    let model = try Model(64)
    try quantize(model: model, mode: .mxfp4, quantizeInput: true)
    #expect(
      kinds(model) == [
        "embed": "QuantizedEmbedding", "layers.0.up": "QQLinear", "head": "QQLinear",
      ])
  }

  @Test func whatAPropertyCannotHoldIsRefused() throws {
    let model = try Model(64)
    let table = try Embedding(weight: noise(4, 4))
    let other = try Linear(weight: noise(4, 4))
    #expect(
      try rule { try model.replace(["embed": table, "head": table]) } == "module.type.choice")
    #expect(model.embed !== table)
    #expect(try rule { try model.replace(["layers.1.up": other]) } == "module.path.choice")
    try model.replace(["layers.0.up": other])
    #expect(model.layers[0].up === other)
  }

  @Test func aDescriptionShowsTheTree() throws {
    let lines = try Model(64).description.split(separator: "\n")
    #expect(lines[0] == "Model(")
    #expect(lines[1] == "  (embed): Embedding(numEmbeddings: 32, dims: 64)")
    #expect(lines[3] == "    (up): Linear(inputDims: 64, outputDims: 64, bias: true)")
  }
}
