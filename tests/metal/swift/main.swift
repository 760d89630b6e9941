// Every way from Swift to the Metal backend: contexts, calls, errors and `synchronize`. Prints a line
// for each promise that holds.

import Thinbit

@_silgen_name("metal_emulation_fail_next")
func failNext(_ reason: UnsafePointer<CChar>, _ count: CInt)

let metal = try Context(backend: .metal)
let w = try Tensor((0..<1536).map { Float($0 % 37) - 18.5 }, shape: [24, 64])
let x = try Tensor((0..<192).map { Float($0 % 11) - 5 }, shape: [3, 64])

for mode in QuantizationMode.allCases {
  let onMetal = try QuantizedTensor.quantize(w, mode: mode, context: metal)
  let onCPU = try QuantizedTensor.quantize(w, mode: mode)
  let values = try onMetal.dequantized(context: metal).array(as: Float.self)
  let expectedValues = try onCPU.dequantized().array(as: Float.self)
  let same =
    onMetal.packed.withUnsafeBytes { Array($0) } == onCPU.packed.withUnsafeBytes { Array($0) }
    && onMetal.scales.withUnsafeBytes { Array($0) } == onCPU.scales.withUnsafeBytes { Array($0) }
    && values == expectedValues
  print(mode.rawValue, "bytes of the CPU", same)

  let product = try quantizedMM(x, onMetal, context: metal).array(as: Float.self)
  let expected = try quantizedMM(x, onCPU).array(as: Float.self)
  let near = zip(product, expected).allSatisfy { abs($0 - $1) <= 1e-5 * (1 + abs($1)) }
  print(mode.rawValue, "product of the CPU", near && product.contains { $0 != 0 })
}

func report(_ call: () throws -> Void) {
  do {
    try call()
    print("fine")
  } catch let error as ThinbitError {
    print(error.rule)
  } catch {
    print("\(error)")
  }
}

unsafe "the GPU was reset".withCString { reason in
  unsafe failNext(reason, 1)
  report { _ = try QuantizedTensor.quantize(w, context: metal) }
}
report { try metal.synchronize() }
report { try metal.synchronize() }
