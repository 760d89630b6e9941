// generated from codegen/schema/thinbit.yaml: do not edit

/// How a layer is cut into one for each rank.
public enum Sharding: String, CaseIterable, Codable, Sendable {
  /// The input is whole on every rank, and each has a part of the output: rows of the weight are
  /// cut.
  case allToSharded = "all-to-sharded"
  /// Each rank has a part of the input, and the output is whole on every one, by a sum: columns of
  /// the weight are cut.
  case shardedToAll = "sharded-to-all"

  /// The layers that can be cut.
  static let layers = ["Linear", "QuantizedLinear", "QQLinear"]
}
