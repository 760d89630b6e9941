import Bert
import Foundation
import Thinbit
import ThinbitNN

/// Embeds sentences with a BERT-shaped model that is quantized in several ways.
///
/// The output is a safetensors file: for each spec the embeddings `[sentences, width]` under its name,
/// and the token ids of all sentences, one after the other, as `tokens`.
@main struct Embed {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("Embed: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(_ arguments: [String]) throws {
    guard arguments.count >= 4 else {
      throw Usage(text: "usage: Embed FOLDER SENTENCES.json OUTPUT.safetensors SPEC...")
    }
    let checkpoint = try Checkpoint(path: arguments[0], mapped: true)
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(arguments[0])/tokenizer.json"))
    let tokenizer = try WordPiece(json: json)
    let text = try Data(contentsOf: URL(fileURLWithPath: arguments[1]))
    let sentences = try JSONDecoder().decode([String].self, from: text)
    let tokens = sentences.map { tokenizer.encode($0) }
    let all = tokens.flatMap { $0 }.map { Int32($0) }
    var tensors = ["tokens": try Tensor(all, shape: [all.count])]
    for name in arguments[3...] {
      let model = try Bert(checkpoint)
      try quantizeLinears(of: model, as: name)
      let rows = try tokens.map { try model($0) }
      tensors[name] = try Tensor(
        rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
    }
    try writeSafetensors(path: arguments[2], tensors: tensors, overwrite: true)
  }

  /// `float`, `MODE`, `affine:BITS:gGROUP`, or `MODE+inputs`, which quantizes the inputs too.
  static func quantizeLinears(of model: Bert, as name: String) throws {
    if name == "float" { return }
    let withInputs = name.hasSuffix("+inputs")
    let parts = name.replacingOccurrences(of: "+inputs", with: "").split(separator: ":")
    guard let mode = parts.first.flatMap({ QuantizationMode(rawValue: String($0)) }),
      parts.count == 1 || parts.count == 3
    else { throw Usage(text: "\(name) is no spec, such as nvfp4 or affine:4:g64") }
    try quantize(
      model: model, groupSize: parts.count == 3 ? Int(parts[2].dropFirst()) : nil,
      bits: parts.count == 3 ? Int(parts[1]) : nil, mode: mode, quantizeInput: withInputs
    ) { _, layer in layer is any UnaryLayer }
  }
}

struct Usage: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
