/// What went wrong, with the names that every language shares.
///
/// `rule` is stable and made for programs: `<op>.<argument>.<kind>`, for example
/// `quantize.w.multiple`. `message` is made for people: what is wrong, what was given, and what
/// would be right.
public struct ThinbitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure this is.
  public let status: ThinbitStatus
  /// The op, by its name in the schema, such as `quantized_matmul`; for values made in Swift
  /// `tensor`, `quantized_tensor` or `context_create`.
  public let op: String
  /// The argument that is wrong, by its flat name, such as `global_scale`; empty where there is
  /// none.
  public let argument: String
  /// The rule that was broken.
  public let rule: String
  /// The sentence for people; it begins with the op.
  public let message: String

  public var description: String { message }

  package init(
    _ status: ThinbitStatus = .invalidArgument, op: String, argument: String, rule: String,
    message: String
  ) {
    self.status = status
    self.op = op
    self.argument = argument
    self.rule = rule
    self.message = message
  }

  /// An argument that breaks the rule `<op>.<argument>.<kind>`.
  package init(_ op: String, _ argument: String, _ kind: String, _ problem: String) {
    self.init(
      op: op, argument: argument, rule: "\(op).\(argument).\(kind)", message: "\(op): \(problem)")
  }

  /// The same error as that of another op.
  func renamed(_ other: String) -> ThinbitError {
    func renamed(_ text: String) -> String {
      text.hasPrefix(op) ? other + text.dropFirst(op.count) : text
    }
    return ThinbitError(
      status, op: other, argument: argument, rule: renamed(rule), message: renamed(message))
  }

  /// Memory that the system would not give.
  init(outOfMemoryIn op: String, byteCount: Int) {
    self.init(
      .outOfMemory, op: op, argument: "", rule: "\(op).out_of_memory",
      message: "\(op): there is not enough memory for \(byteCount) bytes")
  }

  /// Something that only a defect of thinbit explains.
  init(defectIn op: String, _ problem: String) {
    self.init(
      .internal, op: op, argument: "", rule: "\(op).internal", message: "\(op): \(problem)")
  }
}
