import Testing
import Thinbit
import ThinbitNN

@Suite struct LayerTests {
  @Test(arguments: QuantizationMode.allCases, [false, true])
  func aQuantizedLinearIsTheOpWithItsWeight(_ mode: QuantizationMode, _ biased: Bool) throws {
    let layer = try Linear(weight: noise(24, 128), bias: biased ? noise(24) : nil)
    let quantized = try layer.toQuantized(mode: mode)
    let x = try noise(2, 3, 128)
    let result = try quantized(x)
    #expect(result.shape == [2, 3, 24])
    let float = try Linear(weight: quantized.weight.dequantized(), bias: layer.bias)
    try expectClose(result, float(x), within: 1e-4)
  }

  @Test(arguments: [QuantizationMode.mxfp4, .mxfp8, .nvfp4], [false, true])
  func aQQLinearAddsItsBiasInEveryMode(_ mode: QuantizationMode, _ biased: Bool) throws {
    let layer = try Linear(weight: noise(24, 128), bias: biased ? noise(24) : nil)
    let quantized = try layer.toInputQuantized(mode: mode)
    let x = try noise(3, 128)
    let largest = try x.array(as: Float.self).map { $0.magnitude }.max() ?? 0
    let scale = mode == .nvfp4 ? try Tensor([largest], shape: []) : nil
    var expected = try quantizedQuantizedMM(x, quantized.weight, globalScaleX: scale)
      .array(as: Float.self)
    #expect(expected.contains { $0 != 0 })
    if let bias = try layer.bias?.array(as: Float.self) {
      expected = expected.enumerated().map { index, value in value + bias[index % 24] }
    }
    try expectClose(quantized(x), Tensor(expected, shape: [3, 24]), within: 1e-5)
  }

  @Test func aRowWithNaNSpoilsNoOther() throws {
    let layer = try Linear(weight: noise(16, 64)).toInputQuantized(mode: .nvfp4)
    var values = try noise(2, 64).array(as: Float.self)
    values[3] = .nan
    let result = try layer(Tensor(values, shape: [2, 64])).array(as: Float.self)
    #expect(result[..<16].allSatisfy { $0.isNaN })
    #expect(result[16...].allSatisfy { $0.isFinite })
  }

  @Test(arguments: QuantizationMode.allCases)
  func anEmbeddingGivesRowsInItsDType(_ mode: QuantizationMode) throws {
    let floats = try noise(40, 64)
    let table = try Tensor(
      floats.array(as: Float.self).map { BFloat16($0) }, shape: [40, 64])
    let layer = try Embedding(weight: table)
    let indices = try Tensor([Int32]([3, 39, 3]), shape: [1, 3])
    let quantized = try layer.toQuantized(mode: mode)
    let rows = try quantized(indices)
    #expect(rows.shape == [1, 3, 64])
    #expect(rows.dtype == .bfloat16)
    let all = try quantized.weight.dequantized(dtype: .bfloat16).array(as: BFloat16.self)
    let expected = [3, 39, 3].flatMap { all[$0 * 64..<($0 + 1) * 64] }
    #expect(try rows.array(as: BFloat16.self) == expected)
    #expect(
      try layer(indices).array(as: BFloat16.self)[..<64]
        == table.array(as: BFloat16.self)[192..<256])
    let x = try noise(2, 64)
    #expect(try quantized.asLinear(x).shape == [2, 40])
    try expectClose(
      layer.asLinear(x), Linear(weight: table)(x), within: 0)
  }

  @Test func aFloatLinearRoundsOnceToTheDTypeOfX() throws {
    let x = try halves([0.5, 65504, 1, 0x1p-24], shape: [1, 4])
    let layer = try Linear(weight: Tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], shape: [3, 4]))
    let result = try layer(x)
    #expect(result.dtype == .float16)
    #expect(try result.array(as: Float.self) == [0.5, 65504, 0x1p-24])
    let bias = try Tensor([0x1.004p0, 16, 0x1p-26], shape: [3])
    let biased = try Linear(weight: layer.weight, bias: bias)
    #expect(try biased(x).array(as: Float.self) == [0x1.804p0, .infinity, 0x1p-24])
  }

  @Test func aDescriptionTellsSizesAndSettings() throws {
    let layer = try Linear(weight: noise(8, 64), bias: noise(8))
    #expect("\(layer)" == "Linear(inputDims: 64, outputDims: 8, bias: true)")
    #expect(
      try "\(layer.toQuantized(groupSize: 32, bits: 3))"
        == "QuantizedLinear(inputDims: 64, outputDims: 8, bias: true, groupSize: 32, bits: 3, mode: affine)"
    )
    let embedding = try Embedding(weight: noise(8, 64))
    #expect(
      try "\(embedding.toQuantized(mode: .nvfp4))"
        == "QuantizedEmbedding(numEmbeddings: 8, dims: 64, groupSize: 16, bits: 4, mode: nvfp4)")
  }

  @Test func aMistakeIsNamed() throws {
    #expect(try rule { try Linear(weight: noise(8)) } == "Linear.weight.shape")
    #expect(try rule { try Linear(weight: noise(8, 64), bias: noise(7)) } == "Linear.bias.shape")
    let words = try Tensor([UInt32](repeating: 0, count: 4), shape: [2, 2])
    #expect(try rule { try Linear(weight: words) } == "Linear.weight.dtype")
    let affine = try QuantizedTensor.quantize(noise(8, 64))
    #expect(try rule { try QQLinear(weight: affine) } == "QQLinear.weight.choice")
    #expect(
      try rule { try QuantizedEmbedding(weight: affine, dtype: .int32) }
        == "QuantizedEmbedding.dtype.choice")
    let layer = try Linear(weight: noise(8, 64))
    #expect(try rule { try layer(noise(2, 32)) } == "linear.x.shape")
    #expect(try rule { try layer.toInputQuantized() } == "QQLinear.weight.choice")
    for table in [
      try Embedding(weight: noise(8, 64)) as any EmbeddingLayer,
      try QuantizedEmbedding(weight: affine),
    ] {
      let indices = { (values: [Int32], shape: [Int]) in try Tensor(values, shape: shape) }
      #expect(try rule { try table(indices([8], [1])) } == "embedding.indices.range")
      #expect(try rule { try table(indices([-1], [1])) } == "embedding.indices.range")
      #expect(try rule { try table(indices([1], [])) } == "embedding.indices.rank")
      #expect(try rule { try table(noise(1)) } == "embedding.indices.dtype")
    }
  }
}

/// Repeatable values between -1 and 1.
func noise(_ shape: Int...) throws -> Tensor {
  var state: UInt64 = 2026
  let values = (0..<shape.reduce(1, *)).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
  }
  return try Tensor(values, shape: shape)
}

/// The rule that a call breaks; nil where it breaks none.
func rule<Result>(_ call: () throws -> Result) throws -> String? {
  do {
    _ = try call()
    return nil
  } catch let error as ThinbitError {
    return error.rule
  }
}

private func halves(_ values: [Float], shape: [Int]) throws -> Tensor {
  let bits: [UInt16] = values.map { value in
    value >= 0x1p-14
      ? UInt16((value.bitPattern >> 13) - (112 << 10)) : UInt16(value * 0x1p24)
  }
  return try Tensor(
    bytes: bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] },
    dtype: .float16, shape: shape)
}

private func expectClose(_ a: Tensor, _ b: Tensor, within tolerance: Float) throws {
  #expect(a.shape == b.shape)
  let differences = try zip(a.array(as: Float.self), b.array(as: Float.self)).map { abs($0 - $1) }
  #expect(differences.allSatisfy { $0 <= tolerance }, "\(differences.max() ?? 0)")
}
