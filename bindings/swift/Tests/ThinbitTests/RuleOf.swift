import Thinbit

/// The rule that a call breaks; nil where it succeeds.
func rule<Result>(_ call: () throws -> Result) -> String? {
  do {
    _ = try call()
    return nil
  } catch let error as ThinbitError {
    return error.rule
  } catch {
    return "\(error)"
  }
}
