import Foundation

/// What a model answered, and what that took.
public struct Answer: Encodable, Sendable {
  /// The tokens of the prompt.
  public let prompt: [Int]
  /// The tokens of the answer, without the one that ends it.
  public let tokens: [Int]
  /// The answer.
  public let text: String
  /// From the first token of the prompt to the first of the answer.
  public let promptSeconds: Double
  /// From the first token of the answer to the last.
  public let answerSeconds: Double
}

/// A question in the form that SmolLM2 was trained on, with its own system message.
public func chatPrompt(_ question: String) -> String {
  """
  <|im_start|>system
  You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
  <|im_start|>user
  \(question)<|im_end|>
  <|im_start|>assistant

  """
}

/// The answer to a question: always the most likely token, until the model ends or `most` tokens.
public func answer(
  _ question: String, _ model: Llama, _ tokenizer: Tokenizer, most: Int
) throws -> Answer {
  guard let end = tokenizer.id(of: "<|im_end|>") else {
    throw LlamaError("the tokenizer has no <|im_end|>, which ends an answer")
  }
  let clock = ContinuousClock()
  let prompt = try tokenizer.encode(chatPrompt(question))
  var cache = model.cache()
  var tokens: [Int] = []
  let start = clock.now
  var next = indexOfLargest(try model(prompt, &cache)[...])
  let first = clock.now
  while next != end, tokens.count < most {
    tokens.append(next)
    if tokens.count == most { break }
    next = indexOfLargest(try model([next], &cache)[...])
  }
  return Answer(
    prompt: prompt, tokens: tokens, text: tokenizer.decode(tokens),
    promptSeconds: (first - start) / .seconds(1), answerSeconds: (clock.now - first) / .seconds(1))
}
