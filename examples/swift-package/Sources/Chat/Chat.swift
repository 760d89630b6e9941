import Foundation
import Llama
import Thinbit
import ThinbitNN

/// Answers questions with a Llama-shaped checkpoint, and prints the answers, or JSON; or reads a
/// checkpoint and writes it again. Under `mpiexec -n N` each of N ranks has a part of every layer, and the
/// first one prints.
@main struct Chat {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("Chat: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(_ given: [String]) throws {
    let asJSON = given.contains("--json")
    let isFloat = given.contains("--float")
    if given.count == 3, given[0] == "--copy" {
      let checkpoint = try Checkpoint(path: given[2])
      return try save(Llama(checkpoint), to: given[1], config: checkpoint.config)
    }
    let arguments = given.filter { !["--json", "--float"].contains($0) }
    guard arguments.count >= 3, let most = Int(arguments[1]), most > 0 else {
      throw Usage(
        text: """
          usage: Chat [--json] [--float] FOLDER MOST_TOKENS QUESTION...
                 Chat --copy OUTPUT FOLDER
          """)
    }
    let checkpoint = try Checkpoint(path: arguments[0], mapped: true)
    let group = try DistributedGroup.world()
    guard !isFloat || group.size == 1 else { throw Usage(text: "--float is for one process") }
    let model = try Llama(checkpoint, group: group.size > 1 ? group : nil)
    if isFloat { try dequantize(model) }
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(arguments[0])/tokenizer.json"))
    let tokenizer = try Tokenizer(json: json)
    var answers: [Answer] = []
    for question in arguments[2...] {
      let answer = try answer(question, model, tokenizer, most: most)
      answers.append(answer)
      if !asJSON && group.rank == 0 { print("> \(question)\n\(answer.text)\n") }
    }
    if asJSON && group.rank == 0 {
      let report = Report(
        parameterBytes: bytes(of: model), peakBytes: peakBytes(), answers: answers)
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
  }

  /// Puts the float weights in the place of the quantized ones that stand for them.
  static func dequantize(_ model: Llama) throws {
    var layers: [String: any Module] = [:]
    for (path, module) in model.namedModules {
      if let layer = module as? QuantizedLinear {
        let weight = try layer.weight.dequantized(dtype: .float32)
        layers[path] = try Linear(weight: weight, bias: layer.bias)
      } else if let layer = module as? QuantizedEmbedding {
        layers[path] = try Embedding(weight: layer.weight.dequantized(dtype: .float32))
      }
    }
    try model.replace(layers)
  }

  static func bytes(of model: Llama) -> Int {
    model.parameters.reduce(0) { total, parameter in
      switch parameter.value {
      case .tensor(let tensor): total + tensor.nbytes
      case .quantized(let weight): total + weight.nbytes
      }
    }
  }
}

/// The most memory that this process has held.
func peakBytes() -> Int {
  var usage = rusage()
  guard getrusage(whose, &usage) == 0 else { return 0 }
  #if canImport(Darwin)
    return Int(usage.ru_maxrss)
  #else
    return 1024 * Int(usage.ru_maxrss)
  #endif
}

#if canImport(Darwin)
  private let whose = RUSAGE_SELF
#else
  private let whose = __rusage_who_t(RUSAGE_SELF.rawValue)
#endif

struct Report: Encodable {
  let parameterBytes: Int
  let peakBytes: Int
  let answers: [Answer]
}

struct Usage: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
