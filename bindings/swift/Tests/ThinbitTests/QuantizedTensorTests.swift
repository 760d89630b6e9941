import Testing
import Thinbit

/// A weight with values of both signs, no two rows alike.
private func weight(_ rows: Int, _ columns: Int) throws -> Tensor {
  let values = (0..<rows * columns).map { Float(($0 * 37) % 101) / 50 - 1 }
  return try Tensor(values, shape: [rows, columns])
}

private func bytes(_ tensor: Tensor?) -> [UInt8]? {
  unsafe tensor?.withUnsafeBytes { unsafe Array($0) }
}

@Suite struct QuantizedTensorTests {
  @Test(arguments: QuantizationMode.allCases) func roundTrips(_ mode: QuantizationMode) throws {
    let w = try weight(4, 128)
    let q = try QuantizedTensor.quantize(w, mode: mode)
    #expect(q.shape == [4, 128])
    #expect(q.groupSize == mode.defaultGroupSize)
    #expect(q.bits == mode.defaultBits)
    #expect((q.biases != nil) == mode.hasBiases)
    #expect((q.globalScale != nil) == mode.hasGlobalScale)
    let restored = try q.dequantized().array(as: Float.self)
    for (value, original) in zip(restored, try w.array(as: Float.self)) {
      #expect(abs(value - original) <= 0.2)
    }
  }

  @Test func knowsItsSize() throws {
    let q = try QuantizedTensor.quantize(try weight(2, 128), groupSize: 64, bits: 4)
    // 256 codes of 4 bits; 4 scales and 4 biases of 4 bytes
    #expect(q.nbytes == 128 + 16 + 16)
    #expect(q.bitsPerWeight == 5)
    #expect(
      q.description
        == "QuantizedTensor([2, 128], affine, 4 bits, groups of 64, 5.0 bits per weight)")
    let empty = try QuantizedTensor.quantize(try Tensor([], shape: [0, 64]))
    #expect(empty.bitsPerWeight.isNaN)
  }

  @Test func takesTheLargestMagnitudeAsGlobalScale() throws {
    let values = (0..<32).map { $0 == 20 ? Float(-3) : 2 }
    let q = try QuantizedTensor.quantize(try Tensor(values, shape: [2, 16]), mode: .nvfp4)
    #expect(try q.globalScale?.array(as: Float.self) == [3])
    let zeros = try Tensor([Float](repeating: 0, count: 32), shape: [2, 16])
    let ofZeros = try QuantizedTensor.quantize(zeros, mode: .nvfp4).globalScale
    #expect(try ofZeros?.array(as: Float.self) == [1])
    let tiny = try Tensor([Float](repeating: 0x1p-126, count: 32), shape: [2, 16])
    #expect(try QuantizedTensor.quantize(tiny, mode: .nvfp4).globalScale == nil)
    let infinite = try Tensor([Float](repeating: .infinity, count: 32), shape: [2, 16])
    let error = #expect(throws: ThinbitError.self) {
      try QuantizedTensor.quantize(infinite, mode: .nvfp4)
    }
    #expect(error?.status == .nonFinite)
  }

  @Test func modeEntriesGiveWhatQuantizedGives() throws {
    let w = try weight(3, 128)
    let affine = try quantizedAffine(w, groupSize: 32, bits: 3)
    let flat = try quantized(w, groupSize: 32, bits: 3)
    #expect(bytes(affine.wq) == bytes(flat.wq))
    #expect(bytes(affine.scales) == bytes(flat.scales))
    #expect(bytes(affine.biases) == bytes(flat.biases))
    let mxfp4 = try quantizedMXFP4(w)
    #expect(bytes(mxfp4.wq) == bytes(try quantized(w, mode: .mxfp4).wq))
    let mxfp8 = try quantizedMXFP8(w)
    #expect(bytes(mxfp8.wq) == bytes(try quantized(w, mode: .mxfp8).wq))
    let scale = try Tensor([2], shape: [])
    let nvfp4 = try quantizedNVFP4(w, globalScale: scale)
    #expect(
      bytes(nvfp4.scales) == bytes(try quantized(w, mode: .nvfp4, globalScale: scale).scales))
  }

  @Test func refusesPartsThatDoNotFit() throws {
    let (wq, scales, biases) = try quantizedAffine(try weight(4, 128))
    let mx = try quantizedMXFP4(try weight(4, 128))
    func broken(
      packed: Tensor? = nil, scales: Tensor? = nil, biases: Tensor?, groupSize: Int? = nil,
      bits: Int? = nil, mode: QuantizationMode = .affine, globalScale: Tensor? = nil
    ) -> String? {
      rule {
        try QuantizedTensor(
          packed: packed ?? wq, scales: scales ?? affineScales, biases: biases,
          groupSize: groupSize, bits: bits, mode: mode, globalScale: globalScale)
      }
    }
    let affineScales = scales
    let one = try Tensor([1], shape: [])
    #expect(broken(biases: biases) == nil)
    #expect(broken(biases: nil) == "quantized_tensor.biases.required")
    #expect(broken(biases: biases, groupSize: 48) == "quantized_tensor.group_size.choice")
    #expect(broken(biases: biases, groupSize: 0) == "quantized_tensor.group_size.choice")
    #expect(broken(biases: biases, bits: 7) == "quantized_tensor.bits.choice")
    #expect(broken(biases: biases, bits: 0) == "quantized_tensor.bits.choice")
    #expect(broken(biases: biases, bits: 8) == "quantized_tensor.scales.shape")
    #expect(broken(biases: biases, groupSize: 32) == "quantized_tensor.scales.shape")
    #expect(broken(packed: scales, biases: biases) == "quantized_tensor.w.dtype")
    #expect(broken(scales: mx.scales, biases: biases) == "quantized_tensor.scales.dtype")
    #expect(broken(biases: one) == "quantized_tensor.biases.rank")
    #expect(broken(biases: mx.scales) == "quantized_tensor.biases.dtype")
    #expect(broken(biases: biases, globalScale: one) == "quantized_tensor.global_scale.forbidden")
    #expect(
      broken(packed: mx.wq, scales: mx.scales, biases: biases, mode: .mxfp4)
        == "quantized_tensor.biases.forbidden")
    #expect(
      broken(packed: try Tensor([UInt32(1)], shape: [1]), biases: biases)
        == "quantized_tensor.w.rank")
  }

  @Test func anExpertMayHaveItsOwnGlobalScale() throws {
    let w = try Tensor((0..<3 * 2 * 16).map { Float($0 % 7) - 3 }, shape: [3, 2, 16])
    let (wq, scales) = try quantizedNVFP4(w)
    func shape(_ scale: Tensor) throws -> [Int] {
      try QuantizedTensor(packed: wq, scales: scales, biases: nil, mode: .nvfp4, globalScale: scale)
        .shape
    }
    #expect(try shape(try Tensor([1, 2, 3], shape: [3])) == [3, 2, 16])
    #expect(try shape(try Tensor([1], shape: [1])) == [3, 2, 16])
    #expect(
      rule { try shape(try Tensor([1, 2], shape: [2])) } == "quantized_tensor.global_scale.shape")
    #expect(
      rule { try shape(try Tensor([UInt8](0...2), shape: [3])) }
        == "quantized_tensor.global_scale.dtype")
  }

  @Test func namesTheModesThatStrangeScalesBelongTo() throws {
    let (wq, _, biases) = try quantizedAffine(try weight(4, 128))
    let scales = try quantizedMXFP4(try weight(4, 128)).scales
    let error = #expect(throws: ThinbitError.self) {
      try QuantizedTensor(packed: wq, scales: scales, biases: biases)
    }
    #expect(error?.op == "quantized_tensor")
    #expect(error?.message.hasPrefix("quantized_tensor: scales") == true)
    #expect(error?.message.contains("mxfp4, mxfp8 or nvfp4") == true)
  }
}
