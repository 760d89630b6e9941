/// The pieces of a text that BPE looks at alone: GPT-2's, with every number character on its own.
///
/// They are those of the pattern `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/// between the number characters. (Foundation's regular expressions would do, but their speed on long
/// texts would not.)
func pieces(of text: String) -> [String] {
  var found: [String] = []
  var run: [Unicode.Scalar] = []
  for scalar in text.unicodeScalars {
    guard kind(scalar) == .number else {
      run.append(scalar)
      continue
    }
    found += words(of: run)
    run = []
    found.append(String(scalar))
  }
  return found + words(of: run)
}

private enum Kind {
  case letter, number, space, other
}

private func kind(_ scalar: Unicode.Scalar) -> Kind {
  if scalar.properties.isWhitespace { return .space }
  switch scalar.properties.generalCategory {
  case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
    return .letter
  case .decimalNumber, .letterNumber, .otherNumber: return .number
  default: return .other
  }
}

private let endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }

private func words(of text: [Unicode.Scalar]) -> [String] {
  var found: [String] = []
  var start = 0
  while start < text.count {
    let end = end(of: text, from: start)
    var word = String.UnicodeScalarView()
    word.append(contentsOf: text[start..<end])
    found.append(String(word))
    start = end
  }
  return found
}

/// Where the word that starts here ends.
private func end(of text: [Unicode.Scalar], from start: Int) -> Int {
  if let ending = endings.first(where: { text[start...].starts(with: $0) }) {
    return start + ending.count
  }
  func run(_ kinds: Kind, from first: Int) -> Int {
    text[first...].firstIndex { kind($0) != kinds } ?? text.count
  }
  let first = text[start] == " " && start + 1 < text.count ? start + 1 : start
  let leading = kind(text[first])
  if leading != .space { return run(leading, from: first) }
  // Spaces: the last of them belongs to the word that follows, where one does.
  let end = run(.space, from: start)
  return end < text.count && end - start > 1 ? end - 1 : end
}
