import Foundation
import Thinbit
import ThinbitNN

/// Multiplies with one quantized layer of a safetensors file, and writes the product's bytes.
@main struct LayerDemo {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("LayerDemo: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(_ arguments: [String]) throws {
    guard arguments.count == 4 else {
      throw Usage(text: "usage: LayerDemo WEIGHTS.safetensors LAYER INPUT.safetensors OUTPUT")
    }
    let weights = try SafetensorsFile(path: arguments[0])
    let w = try weights.quantizedTensor(arguments[1])
    let x = try SafetensorsFile(path: arguments[2]).tensor("x")
    let y = try quantizedMM(x, w)
    let bytes = y.withUnsafeBytes { Data($0) }
    try bytes.write(to: URL(fileURLWithPath: arguments[3]), options: .atomic)
    print("\(arguments[1]): \(w)")
    print("\(x) @ w^T = \(y), \(bytes.count) bytes in \(arguments[3])")
  }
}

struct Usage: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
