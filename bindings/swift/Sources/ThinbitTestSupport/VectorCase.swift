public import Thinbit

/// One call of a vector file with what is expected of it.
public struct VectorCase: Sendable {
  /// What the case is about; unique in its file.
  public let name: String
  /// The op, by its name in the schema.
  public let op: String
  /// The arguments that are given, by flat name.
  public let arguments: [String: VectorValue]
  /// What has to come of it.
  public let expectation: VectorExpectation
}

/// The value of an argument.
public enum VectorValue: Sendable {
  case tensor(VectorTensor)
  case integer(Int64)
  case number(Double)
  case name(String)
  case flag(Bool)
}

/// A tensor as a file holds it: memory, and where the elements lie in it.
public struct VectorTensor: Sendable {
  public let dtype: DType
  public let shape: [Int]
  public let strides: [Int]?
  public let byteOffset: Int
  public let bytes: [UInt8]
}

/// What a call has to give.
public enum VectorExpectation: Sendable {
  case results([ExpectedResult])
  case error(status: String, rule: String, argument: String)
}

/// What one result has to be; no dtype: it has to be absent.
public struct ExpectedResult: Sendable {
  public let name: String
  public let dtype: DType?
  public let shape: [Int]
  public let values: ExpectedValues
}

/// Which values a result may have.
public enum ExpectedValues: Sendable {
  /// None: the result is absent.
  case absent
  /// These bytes, row-major.
  case exact([UInt8])
  /// Within `relative * |reference| + ofMagnitude * magnitude` of the reference, element by
  /// element.
  case bounded(relative: Double, ofMagnitude: Double, reference: [Double], magnitude: [Double])
}

/// A result of a call.
public struct VectorOutput: Sendable {
  public let name: String
  public let tensor: Tensor?

  init(_ name: String, _ tensor: Tensor?) {
    self.name = name
    self.tensor = tensor
  }
}
