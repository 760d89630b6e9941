import Testing
import Thinbit
import ThinbitTestSupport

/// Every language runs the same vectors: what they expect comes from an independent model.
@Suite struct VectorTests {
  @Test(arguments: vectorOps) func givesWhatTheVectorsExpect(of op: String) throws {
    let cases = try readVectors(of: op)
    #expect(cases.contains { if case .results = $0.expectation { true } else { false } })
    #expect(cases.contains { if case .error = $0.expectation { true } else { false } })
    #expect(Set(cases.map(\.name)).count == cases.count, "names are unique")
    for vector in cases {
      #expect(vector.op == op)
      let problem = verdict(on: vector)
      #expect(problem == nil, "\(vector.name)")
    }
  }

  /// What is wrong with the outcome of a case; nil where nothing is.
  private func verdict(on vector: VectorCase) -> String? {
    let arguments = VectorArguments(vector.arguments)
    switch (vector.expectation, outcome { try callFlat(vector.op, arguments) }) {
    case (.results(let expected), .results(let outputs)):
      if !arguments.unused.isEmpty { return "nothing asked for \(arguments.unused.sorted())" }
      return difference(outputs, from: expected) ?? wholeTensorVerdict(on: vector, expected)
    case (.error(let status, let rule, let argument), .failure(let error)):
      let found = (error.status.rawValue, error.rule, error.argument)
      return found == (status, rule, argument) ? nil : "gave \(found): \(error.message)"
    case (.error(_, let rule, _), .inexpressible(let reason)):
      let same = rule == "\(vector.op).\(reason.argument).\(reason.kind)"
      return same ? nil : "Swift cannot express it (\(reason)), expected \(rule)"
    case (_, let outcome):
      return "gave \(outcome), expected \(vector.expectation)"
    }
  }

  /// The same call with a `QuantizedTensor` in place of the flat operands has to give the same.
  private func wholeTensorVerdict(on vector: VectorCase, _ expected: [ExpectedResult]) -> String? {
    let arguments = VectorArguments(vector.arguments)
    switch outcome({ try callWithQuantizedTensor(vector.op, arguments) }) {
    case .results(let outputs):
      return difference(outputs, from: expected).map { "with a QuantizedTensor: \($0)" }
    case .unknownOp:
      return vector.arguments["scales"] == nil ? nil : "there is no overload for QuantizedTensor"
    case .inexpressible(.missing("scales")):
      return nil  // a float weight, which is no QuantizedTensor
    case let other:
      return "with a QuantizedTensor: \(other)"
    }
  }

  private enum Outcome {
    case results([VectorOutput])
    case failure(ThinbitError)
    case inexpressible(Inexpressible)
    case unknownOp
    case broken(String)
  }

  private func outcome(_ call: () throws -> [VectorOutput]?) -> Outcome {
    do {
      return try call().map { .results($0) } ?? .unknownOp
    } catch let error as ThinbitError {
      return .failure(error)
    } catch let error as Inexpressible {
      return .inexpressible(error)
    } catch {
      return .broken("\(error)")
    }
  }
}
