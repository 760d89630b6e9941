public import Thinbit

/// This rank's part of a linear layer, which stays as it is.
///
/// Cut a pair of layers, the first `.allToSharded`, the second `.shardedToAll`, and what is between them
/// needs no exchange; the results are those of the whole layers.
///
/// - Parameters:
///   - module: A ``Linear``, ``QuantizedLinear`` or ``QQLinear``, the same on every rank. A quantized
///     weight is cut as one value, with its mode, and in whole groups.
///   - sharding: `.allToSharded` cuts rows of the weight and the bias: the input is whole on every rank,
///     and each has a part of the output. `.shardedToAll` cuts columns: each rank has a part of the
///     input, the results are summed over the ranks, and the bias is added once.
///   - segments: How many parts along the cut axis are projections of their own, such as the 3 of a
///     fused query, key and value: each of them is cut.
///   - group: The ranks; `nil` is all of the job.
/// - Throws: ``ThinbitError`` of the op `shard_linear`, where the layer is of no type that can be cut, or
///   not evenly; the text says what would fit.
public func shardLinear(
  module: any Module, sharding: Sharding, segments: Int = 1, group: DistributedGroup? = nil
) throws(ThinbitError) -> any UnaryLayer {
  guard let layer = module as? any Shardable else {
    throw ThinbitError(
      ShardCut.op, "module", "type",
      ShardText.moduleType(type: "\(Swift.type(of: module))", choices: listing(Sharding.layers)))
  }
  return try layer.toSharded(sharding, segments: segments, group: group)
}
