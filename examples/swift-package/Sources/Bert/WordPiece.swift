import Foundation

/// BERT's tokenizer without case, read from Hugging Face's tokenizer.json: text to token ids.
///
/// A text is cleaned, its accents and its case are dropped, and it is split at spaces and around
/// punctuation and Chinese characters. Each word is then the longest tokens that make it up.
public struct WordPiece {
  private let ids: [String: Int]
  private let start: Int
  private let end: Int
  private let unknown: Int
  private let longest: Int

  /// Reads the content of a tokenizer.json of this kind.
  public init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let file = try decoder.decode(File.self, from: json)
    guard file.model.type == "WordPiece", file.normalizer.type == "BertNormalizer",
      file.normalizer.lowercase
    else { throw BertError("the tokenizer is no WordPiece without case") }
    ids = file.model.vocab
    longest = file.model.maxInputCharsPerWord
    func id(_ name: String) throws -> Int {
      guard let id = file.model.vocab[name] else {
        throw BertError("the vocabulary lacks \(name)")
      }
      return id
    }
    (start, end, unknown) = (try id("[CLS]"), try id("[SEP]"), try id("[UNK]"))
  }

  /// The token ids of a text, between those of its start and its end.
  public func encode(_ text: String) -> [Int] {
    [start] + words(of: text).flatMap { pieces(of: $0) } + [end]
  }

  private func pieces(of word: [Unicode.Scalar]) -> [Int] {
    guard word.count <= longest else { return [unknown] }
    var found: [Int] = []
    var first = 0
    while first < word.count {
      let match = (first + 1...word.count).reversed().lazy.compactMap { last in
        ids[(first > 0 ? "##" : "") + string(word[first..<last])].map { (last, $0) }
      }.first
      guard let (last, id) = match else { return [unknown] }
      found.append(id)
      first = last
    }
    return found
  }

  private struct File: Decodable {
    struct Normalizer: Decodable {
      let type: String
      let lowercase: Bool
    }
    struct Model: Decodable {
      let type: String
      let vocab: [String: Int]
      let maxInputCharsPerWord: Int
    }
    let normalizer: Normalizer
    let model: Model
  }
}

private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
  var view = String.UnicodeScalarView()
  view.append(contentsOf: scalars)
  return String(view)
}

private func words(of text: String) -> [[Unicode.Scalar]] {
  let plain = text.decomposedStringWithCanonicalMapping.unicodeScalars
    .filter { $0.properties.generalCategory != .nonspacingMark }
  var found: [[Unicode.Scalar]] = []
  var word: [Unicode.Scalar] = []
  func finish() {
    if !word.isEmpty { found.append(word) }
    word = []
  }
  for scalar in plain.flatMap({ $0.properties.lowercaseMapping.unicodeScalars }) {
    if isSpace(scalar) {
      finish()
    } else if isPunctuation(scalar) || isChinese(scalar) {
      finish()
      found.append([scalar])
    } else if !isControl(scalar) {
      word.append(scalar)
    }
  }
  finish()
  return found
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned: true
  default: scalar.value == 0xFFFD
  }
}

private func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  // Not punctuation for Unicode, but for BERT: $ + < = > ^ ` | ~.
  case 33...47, 58...64, 91...96, 123...126: return true
  default: break
  }
  switch scalar.properties.generalCategory {
  case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
    .initialPunctuation, .finalPunctuation, .otherPunctuation:
    return true
  default: return false
  }
}

private func isChinese(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
    0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
    true
  default: false
  }
}
