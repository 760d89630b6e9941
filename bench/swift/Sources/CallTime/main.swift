// Prints the seconds of so many calls with a trivial matrix, once for each line that it reads:
// with five operands for the line "parts", else with a QuantizedTensor.
import Thinbit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

let calls = 2000
let x = try Tensor([Float](repeating: 1, count: 64), shape: [1, 64])
let values = (0..<32 * 64).map { Float($0 % 17) / 17 - 0.5 }
let w = try QuantizedTensor.quantize(Tensor(values, shape: [32, 64]))
let clock = ContinuousClock()

func seconds(_ call: () throws -> Tensor) rethrows -> Double {
  let elapsed = try clock.measure {
    for _ in 0..<calls { _ = try call() }
  }
  return elapsed / .seconds(1)
}

while let way = readLine() {
  switch way {
  case "parts":
    print(try seconds { try quantizedMM(x, w.packed, scales: w.scales, biases: w.biases) })
  default:
    print(try seconds { try quantizedMM(x, w) })
  }
  fflush(nil)  // a pipe would keep the line
}
