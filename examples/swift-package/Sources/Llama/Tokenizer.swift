import Foundation

/// A byte-level BPE tokenizer, read from Hugging Face's tokenizer.json: text to token ids and back.
///
/// Texts are split as GPT-2 does, every digit on its own; the bytes of each piece are then joined by
/// the merges, the earliest in the list first. Names of special tokens in a text become their ids.
public struct Tokenizer {
  private let ids: [String: Int]
  private let tokens: [Int: String]
  private let ranks: [Pair: Int]
  private let special: [String: Int]

  private struct Pair: Hashable {
    let left: String
    let right: String
  }

  /// Reads the content of a tokenizer.json. Its splitting has to be the one above.
  public init(json: Data) throws {
    let file = try JSONDecoder().decode(TokenizerFile.self, from: json)
    guard file.model.type == "BPE",
      file.preTokenizer.pretokenizers?.map(\.type) == ["Digits", "ByteLevel"]
    else { throw LlamaError("the tokenizer is no byte-level BPE with single digits") }
    ids = file.model.vocab
    var ranks: [Pair: Int] = [:]
    for (rank, merge) in file.model.merges.enumerated() {
      ranks[Pair(left: merge.left, right: merge.right)] = rank
    }
    self.ranks = ranks
    special = Dictionary(
      file.addedTokens.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
    tokens = Dictionary(
      (ids.map { ($1, $0) }) + special.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The token ids of a text.
  public func encode(_ text: String) throws -> [Int] {
    var found: [Int] = []
    var rest = text[...]
    while !rest.isEmpty {
      let next = special.keys.compactMap { name in rest.range(of: name).map { (name, $0) } }
        .min { ($0.1.lowerBound, -$0.0.count) < ($1.1.lowerBound, -$1.0.count) }
      let plain = rest[..<(next?.1.lowerBound ?? rest.endIndex)]
      for piece in pieces(of: String(plain)) { found += try merged(piece) }
      guard let (name, range) = next else { break }
      special[name].map { found.append($0) }
      rest = rest[range.upperBound...]
    }
    return found
  }

  /// The text of token ids; special tokens are left out.
  public func decode(_ tokenIDs: [Int]) -> String {
    let names = Set(special.values)
    let letters = tokenIDs.filter { !names.contains($0) }.compactMap { tokens[$0] }.joined()
    let bytes = letters.unicodeScalars.compactMap { ByteLetters.bytes[$0] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The id of a special token; nil where there is none of that name.
  public func id(of name: String) -> Int? { special[name] }

  /// The tokens of one piece.
  private func merged(_ piece: String) throws -> [Int] {
    var parts = piece.utf8.map { String(ByteLetters.letters[Int($0)]) }
    while parts.count > 1 {
      var best: (rank: Int, index: Int)?
      for index in 0..<parts.count - 1 {
        let pair = Pair(left: parts[index], right: parts[index + 1])
        if let rank = ranks[pair], rank < best?.rank ?? .max { best = (rank, index) }
      }
      guard let best else { break }
      parts[best.index] += parts[best.index + 1]
      parts.remove(at: best.index + 1)
    }
    return try parts.map { part in
      guard let id = ids[part] else { throw LlamaError("the vocabulary lacks \(part)") }
      return id
    }
  }
}

private struct TokenizerFile: Decodable {
  struct Added: Decodable {
    let id: Int
    let content: String
  }
  struct Model: Decodable {
    let type: String
    let vocab: [String: Int]
    let merges: [Merge]
  }
  /// `"a b"` in older files, `["a", "b"]` in newer ones.
  struct Merge: Decodable {
    let left: String
    let right: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      let parts =
        try (try? value.decode([String].self))
        ?? value.decode(String.self).split(separator: " ", omittingEmptySubsequences: false)
        .map(String.init)
      guard parts.count == 2 else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "a merge is no pair")
      }
      (left, right) = (parts[0], parts[1])
    }
  }
  struct Splitting: Decodable {
    struct Step: Decodable { let type: String }
    let pretokenizers: [Step]?
  }
  enum CodingKeys: String, CodingKey {
    case addedTokens = "added_tokens"
    case preTokenizer = "pre_tokenizer"
    case model
  }

  let addedTokens: [Added]
  let preTokenizer: Splitting
  let model: Model
}

/// The letter that stands for each byte in the vocabulary: itself where it can be seen, else one of
/// the letters from U+0100 on.
private enum ByteLetters {
  static let letters: [Unicode.Scalar] = {
    var hidden: UInt32 = 0
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        hidden += 1
        return Unicode.Scalar(0xFF + hidden) ?? "?"
      }
    }
  }()

  static let bytes = Dictionary(
    uniqueKeysWithValues: letters.enumerated().map { ($1, UInt8($0)) })
}
