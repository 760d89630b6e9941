import Testing
import Thinbit

@Suite struct CallTests {
  private let w: Tensor

  init() throws {
    w = try Tensor((0..<256).map { Float($0 % 17) - 8 }, shape: [4, 64])
  }

  @Test func anExplicitZeroIsNoDefault() throws {
    #expect(rule { try quantized(w, groupSize: 0) } == "quantize.group_size.choice")
    #expect(rule { try quantized(w, bits: 0) } == "quantize.bits.choice")
    #expect(rule { try quantized(w, groupSize: .max) } == "quantize.group_size.choice")
    let error = #expect(throws: ThinbitError.self) { try quantized(w, bits: 0) }
    #expect(error?.status == .invalidArgument)
    #expect(error?.op == "quantize")
    #expect(error?.argument == "bits")
    #expect(
      error?.message
        == "quantize: bits is 0, and must be 1, 2, 3, 4, 5, 6 or 8, or nil for the default")
  }

  @Test func errorsCarryWhatTheLibrarySays() throws {
    let odd = try Tensor([Float](repeating: 1, count: 2 * 576), shape: [2, 576])
    let error = #expect(throws: ThinbitError.self) { try quantized(odd, groupSize: 128) }
    #expect(error?.status == .invalidArgument)
    #expect(error?.op == "quantize")
    #expect(error?.argument == "w")
    #expect(error?.rule == "quantize.w.multiple")
    #expect(
      error?.message.hasPrefix(
        "quantize: the last axis of w has 576 elements, which group_size 128 does not divide; of "
      ) == true)
    #expect(error?.description == error?.message)
  }

  @Test func infinityIsNonFinite() throws {
    let infinite = try Tensor([Float](repeating: .infinity, count: 64), shape: [1, 64])
    let error = #expect(throws: ThinbitError.self) { try quantized(infinite) }
    #expect(error?.status == .nonFinite)
  }

  @Test func transposedViewsAreReadAsTheyAre() throws {
    let q = try QuantizedTensor.quantize(w)
    let x = try Tensor((0..<192).map { Float($0) / 64 }, shape: [64, 3])
    let contiguous = try Tensor(x.transposed().array(as: Float.self), shape: [3, 64])
    let viaView = try quantizedMM(try x.transposed(), q).array(as: Float.self)
    #expect(viaView == (try quantizedMM(contiguous, q).array(as: Float.self)))
  }

  @Test func contextsDoNotChangeResults() throws {
    let q = try QuantizedTensor.quantize(w)
    let x = try Tensor((0..<64).map { Float($0) }, shape: [64])
    let expected = try quantizedMM(x, q).array(as: Float.self)
    for threads in [1, 2, 3] {
      let context = try Context(threads: threads)
      #expect(try quantizedMM(x, q, context: context).array(as: Float.self) == expected)
      try context.synchronize()
    }
  }

  @Test func contextsSayWhatIsWrong() {
    #expect(rule { try Context(threads: 0) } == "context_create.num_threads.range")
    #expect(rule { try Context(threads: -1) } == "context_create.num_threads.range")
    #expect(rule { try Context(threads: .max) } == "context_create.num_threads.range")
    #expect(rule { try Context(deviceIndex: 1) } == "context_create.device_id.range")
  }

  #if os(Linux)
    @Test func metalIsUnsupportedWhereThereIsNone() {
      do {
        _ = try Context(backend: .metal)
        Issue.record("a context was made")
      } catch {
        #expect(error.status == .unsupported)
        #expect(error.rule == "context_create.backend.unsupported")
        #expect(error.message.contains("Metal is Apple's"))
      }
    }
  #endif

  @Test func manyTasksShareTheHiddenContexts() async throws {
    let q = try QuantizedTensor.quantize(w)
    let x = try Tensor((0..<64).map { Float($0) }, shape: [64])
    let expected = try quantizedMM(x, q).array(as: Float.self)
    let shared = try Context(threads: 2)
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for index in 0..<64 {
        group.addTask {
          try quantizedMM(x, q, context: index.isMultiple(of: 2) ? nil : shared)
            .array(as: Float.self)
        }
      }
      for try await result in group { #expect(result == expected) }
    }
  }

  @Test func modesKnowTheirNames() {
    #expect(QuantizationMode(rawValue: "affine") == .affine)
    #expect(QuantizationMode(rawValue: "int4") == nil)
    #expect(QuantizationMode.allCases.map(\.rawValue) == ["affine", "mxfp4", "mxfp8", "nvfp4"])
    for mode in QuantizationMode.allCases {
      #expect(mode.allowedBits.contains(mode.defaultBits))
      #expect(mode.allowedGroupSizes.contains(mode.defaultGroupSize))
    }
  }
}
