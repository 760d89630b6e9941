import Thinbit
import ThinbitNN

/// What a model remembers of the tokens that it has seen.
public struct LlamaCache {
  var blocks: [BlockCache]
}

/// A decoder in the shape of Llama: normalized blocks of attention and a gated feed-forward part.
public final class Llama: Module {
  @Child var model: Trunk
  @Child var lmHead: (any UnaryLayer)?
  /// The shape.
  public let config: LlamaConfig

  /// The model of a checkpoint with Hugging Face's names, or this rank's part of it; its layers are
  /// quantized or float as the checkpoint has them.
  public init(_ checkpoint: Checkpoint, group: DistributedGroup? = nil) throws {
    guard let text = checkpoint.config else {
      throw LlamaError("the checkpoint has no config.json")
    }
    config = try LlamaConfig(json: text)
    model = try Trunk(checkpoint, config, group)
    lmHead = config.tieWordEmbeddings ? nil : try checkpoint.linear("lm_head")
  }

  /// An empty memory.
  public func cache() -> LlamaCache {
    LlamaCache(blocks: model.layers.map { _ in BlockCache() })
  }

  /// What follows tokens, which follow those of the cache: the logits `[vocabulary]` after the last.
  public func callAsFunction(_ tokens: [Int], _ cache: inout LlamaCache) throws -> [Float] {
    let ids = try Tensor(tokens.map { Int32($0) }, shape: [tokens.count])
    var x = try model.embedTokens(ids).array(as: Float.self)
    for (index, block) in model.layers.enumerated() {
      x = try block(x, &cache.blocks[index])
    }
    let last = model.norm(x.suffix(config.hiddenSize))
    let hidden = try Tensor(last, shape: [1, config.hiddenSize])
    let logits = try lmHead.map { try $0(hidden) } ?? model.embedTokens.asLinear(hidden)
    return try logits.array(as: Float.self)
  }
}

/// All but the output layer.
final class Trunk: Module {
  @Child var embedTokens: any EmbeddingLayer
  @Child var layers: [Block]
  @Child var norm: RMSNorm

  init(_ checkpoint: Checkpoint, _ config: LlamaConfig, _ group: DistributedGroup?) throws {
    embedTokens = try checkpoint.embedding("model.embed_tokens", dtype: .float32)
    layers = try (0..<config.numHiddenLayers).map { index in
      try Block(checkpoint, "model.layers.\(index)", config, group)
    }
    norm = try RMSNorm(checkpoint, "model.norm", config)
  }
}

/// One block: attention and feed-forward, each beside a path that skips it.
final class Block: Module {
  @Child var selfAttn: Attention
  @Child var mlp: FeedForward
  @Child var inputLayernorm: RMSNorm
  @Child var postAttentionLayernorm: RMSNorm
  private let width: Int

  init(
    _ checkpoint: Checkpoint, _ path: String, _ config: LlamaConfig, _ group: DistributedGroup?
  ) throws {
    selfAttn = try Attention(checkpoint, "\(path).self_attn", config, group)
    mlp = try FeedForward(checkpoint, "\(path).mlp", group)
    inputLayernorm = try RMSNorm(checkpoint, "\(path).input_layernorm", config)
    postAttentionLayernorm = try RMSNorm(checkpoint, "\(path).post_attention_layernorm", config)
    width = config.hiddenSize
  }

  func callAsFunction(_ x: [Float], _ cache: inout BlockCache) throws -> [Float] {
    let shape = [x.count / width, width]
    let normal = try Tensor(inputLayernorm(x[...]), shape: shape)
    let h = sum(x, try selfAttn(normal, &cache).array(as: Float.self))
    let mixed = try Tensor(postAttentionLayernorm(h[...]), shape: shape)
    return sum(h, try mlp(mixed).array(as: Float.self))
  }
}

/// down(silu(gate(x)) * up(x)).
final class FeedForward: Module {
  @Child var gateProj: any UnaryLayer
  @Child var upProj: any UnaryLayer
  @Child var downProj: any UnaryLayer

  init(_ checkpoint: Checkpoint, _ path: String, _ group: DistributedGroup?) throws {
    gateProj = try checkpoint.linear("\(path).gate_proj", .allToSharded, group)
    upProj = try checkpoint.linear("\(path).up_proj", .allToSharded, group)
    downProj = try checkpoint.linear("\(path).down_proj", .shardedToAll, group)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let gate = try gateProj(x)
    let values = gated(try gate.array(as: Float.self), try upProj(x).array(as: Float.self))
    return try downProj(Tensor(values, shape: gate.shape))
  }
}

/// Rows divided by the root of their mean square, times a weight.
final class RMSNorm: Module {
  let weight: Tensor
  private let factors: [Float]
  private let eps: Double

  init(_ checkpoint: Checkpoint, _ path: String, _ config: LlamaConfig) throws {
    weight = try checkpoint.tensor("\(path).weight")
    factors = try weight.array(as: Float.self)
    eps = config.rmsNormEps
  }

  func callAsFunction(_ x: ArraySlice<Float>) -> [Float] {
    stride(from: x.startIndex, to: x.endIndex, by: factors.count).flatMap { start in
      rmsNorm(x[start..<start + factors.count], weight: factors, eps: eps)
    }
  }
}

/// A model or tokenizer that cannot be used.
public struct LlamaError: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
