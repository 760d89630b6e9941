import Testing
import Thinbit

@Suite struct TensorTests {
  @Test func holdsItsValuesInOrder() throws {
    let tensor = try Tensor([1, 2.5, -3, 4, 5, 6], shape: [2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(tensor.dtype == .float32)
    #expect(tensor.count == 6)
    #expect(tensor.nbytes == 24)
    #expect(try tensor.array(as: Float.self) == [1, 2.5, -3, 4, 5, 6])
    #expect(tensor.description == "Tensor(float32, [2, 3])")
  }

  @Test func takesEveryElementType() throws {
    #expect(try Tensor([UInt8](0...5), shape: [6]).array(as: UInt8.self) == [0, 1, 2, 3, 4, 5])
    #expect(try Tensor([UInt32.max], shape: []).array(as: UInt32.self) == [UInt32.max])
    #expect(try Tensor([Int32.min], shape: [1]).array(as: Int32.self) == [Int32.min])
    #expect(try Tensor([Int64.min], shape: [1, 1]).array(as: Int64.self) == [Int64.min])
    let halves = [BFloat16(1.5), BFloat16(-2)]
    #expect(try Tensor(halves, shape: [2]).array(as: BFloat16.self) == halves)
  }

  @Test func widensHalfTypesExactly() throws {
    let bfloat16 = try Tensor([BFloat16(1.5), BFloat16(-0.25)], shape: [2])
    #expect(try bfloat16.array(as: Float.self) == [1.5, -0.25])
    // 1, the smallest subnormal, the largest subnormal, the largest number, minus infinity
    let bits: [UInt8] = [0x00, 0x3C, 0x01, 0x00, 0xFF, 0x03, 0xFF, 0x7B, 0x00, 0xFC]
    let float16 = try Tensor(bytes: bits, dtype: .float16, shape: [5])
    #expect(
      try float16.array(as: Float.self) == [1, 0x1p-24, 1023 * 0x1p-24, 65504, -.infinity])
  }

  @Test func everyHalfIsWidenedAsTheStandardLibraryDoes() throws {
    #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
      let all = (0...UInt16.max).map { Float16(bitPattern: $0) }
      let widened = try Tensor(all, shape: [all.count]).array(as: Float.self)
      for (half, float) in zip(all, widened) {
        #expect(half.isNaN ? float.isNaN : float == Float(half))
      }
    #endif
  }

  @Test func bfloat16RoundsHalvesToEven() {
    #expect(BFloat16(Float(bitPattern: 0x3F80_8000)).bitPattern == 0x3F80)
    #expect(BFloat16(Float(bitPattern: 0x3F81_8000)).bitPattern == 0x3F82)
    #expect(BFloat16(Float(bitPattern: 0x3F80_8001)).bitPattern == 0x3F81)
    #expect(Float(BFloat16(.greatestFiniteMagnitude)) == .infinity)
    #expect(Float(BFloat16(Float(bitPattern: 0x7F80_0001))).isNaN)
    #expect(BFloat16(-0.0).bitPattern == 0x8000)
  }

  @Test func takesSpans() throws {
    guard #available(macOS 26, iOS 26, tvOS 26, visionOS 26, *) else { return }
    let values: [Float] = [1, 2, 3]
    let tensor = try Tensor(values.span, shape: [3])
    #expect(try tensor.array(as: Float.self) == values)
    let words = [UInt32(7), 8]
    let view = try unsafe Tensor(bytes: words.span.bytes, dtype: .uint32, shape: [2])
    #expect(try view.array(as: UInt32.self) == words)
  }

  @Test func isFilledInPlace() throws {
    let tensor = try unsafe Tensor(.uint8, shape: [4]) { target in
      for index in 0..<4 { unsafe target[index] = UInt8(index * index) }
    }
    #expect(try tensor.array(as: UInt8.self) == [0, 1, 4, 9])
  }

  @Test func transposesWithoutACopy() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed()
    #expect(tensor.shape == [3, 2])
    #expect(tensor.strides == [1, 3])
    #expect(try tensor.array(as: Float.self) == [1, 4, 2, 5, 3, 6])
    #expect(try tensor.transposed().array(as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(rule { try Tensor([1], shape: [1]).transposed() } == "tensor.shape.rank")
  }

  @Test func viewsMayBroadcastAndRunBackwards() throws {
    let bytes = [UInt8](0..<12)
    let backwards = try Tensor(
      bytes: bytes, dtype: .uint8, shape: [2, 3], strides: [-4, -1], byteOffset: 11)
    #expect(try backwards.array(as: UInt8.self) == [11, 10, 9, 7, 6, 5])
    let broadcast = try Tensor(
      bytes: bytes, dtype: .uint8, shape: [2, 2], strides: [0, 3], byteOffset: 1)
    #expect(try broadcast.array(as: UInt8.self) == [1, 4, 1, 4])
  }

  @Test func theStrideOfOneElementMayBeAnything() throws {
    let view = try Tensor(
      bytes: [UInt8](0..<16), dtype: .uint32, shape: [1, 2], strides: [.max, 2])
    #expect(try view.array(as: UInt32.self) == [0x0302_0100, 0x0B0A_0908])
  }

  @Test func mayBeEmpty() throws {
    let tensor = try Tensor([Float](), shape: [0, 3])
    #expect(tensor.count == 0)
    #expect(try tensor.array(as: Float.self) == [])
    #expect(try Tensor([Float](), shape: [Int.max, 0, Int.max]).count == 0)
  }

  @Test func refusesWhatDoesNotFit() {
    #expect(rule { try Tensor([1, 2], shape: [3]) } == "tensor.values.shape")
    #expect(rule { try Tensor([1, 2], shape: [-2]) } == "tensor.shape.layout")
    #expect(rule { try Tensor([1], shape: [Int.max, 2]) } == "tensor.shape.layout")
    #expect(rule { try Tensor([1], shape: [1 << 62]) } == "tensor.shape.layout")
    let bytes = [UInt8](repeating: 0, count: 8)
    func view(_ shape: [Int], _ strides: [Int]?, _ byteOffset: Int) -> String? {
      rule {
        try Tensor(
          bytes: bytes, dtype: .float32, shape: shape, strides: strides, byteOffset: byteOffset)
      }
    }
    #expect(view([2], nil, 0) == nil)
    #expect(view([1], nil, 0) == "tensor.bytes.layout")
    #expect(view([1], nil, 4) == nil)
    #expect(view([1], nil, 5) == "tensor.bytes.layout")
    #expect(view([1], nil, -1) == "tensor.bytes.layout")
    #expect(view([0], nil, 9) == "tensor.bytes.layout")
    #expect(view([2], [2], 0) == "tensor.bytes.layout")
    #expect(view([2], [-1], 0) == "tensor.bytes.layout")
    #expect(view([2], [Int.max], 0) == "tensor.bytes.layout")
    #expect(view([2, 2], [Int.max / 4, Int.max / 4], 0) == "tensor.bytes.layout")
    #expect(view([2], [Int.min], 4) == "tensor.bytes.layout")
    #expect(view([2], [1, 1], 0) == "tensor.strides.layout")
    #expect(view([1], [Int.max], Int.max) == "tensor.bytes.layout")
  }

  @Test func saysWhenThereIsNotEnoughMemory() throws {
    let error = #expect(throws: ThinbitError.self) {
      try unsafe Tensor(.float32, shape: [1 << 58]) { _ in }
    }
    #expect(error?.status == .outOfMemory)
  }

  @Test func refusesToBeReadAsSomethingElse() throws {
    let tensor = try Tensor([1], shape: [1])
    let error = #expect(throws: ThinbitError.self) { try tensor.array(as: UInt32.self) }
    #expect(error?.rule == "tensor.as.dtype")
    #expect(
      error?.message == "tensor: the elements are float32, which cannot be read as uint32")
  }
}
