"""A decoder in the shape of Llama, on thinbit's layers.

What lies between the products with weights is computed in float64 and rounded to float32 once. So
another program that does the same, whatever its library of functions, gets the same floats:
the Swift package beside this folder gives the same tokens.

On several ranks each has a part of every linear layer. Heads are split where the ranks divide them;
else the ranks exchange queries, keys and values, and each computes all heads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import nn
from thinbit.distributed import Group

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LlamaConfig:
    """The shape of a model, as Hugging Face's config.json has it.

    Attributes:
        hidden_size: The width of the hidden states.
        num_hidden_layers: How many blocks there are.
        num_attention_heads: Query heads in each block.
        num_key_value_heads: Key and value heads in each block: each serves as many query heads.
        head_dim: Elements of one head.
        rms_norm_eps: Added to the mean of squares before its root.
        rope_theta: The base of the rotary embedding's wavelengths.
        tie_word_embeddings: Whether the output layer is the table of embeddings.
    """

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rms_norm_eps: float
    rope_theta: float
    tie_word_embeddings: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> LlamaConfig:
        """Take the values from a config.json; KeyError for one that is missing."""
        return cls(**{name: config[name] for name in cls.__dataclass_fields__})


class BlockCache:
    """The keys and values of one block, (heads, tokens, head_dim), of all tokens so far."""

    def __init__(self, heads: int, head_dim: int) -> None:
        """An empty memory."""
        empty = np.zeros((heads, 0, head_dim), np.float32)
        self.keys, self.values = empty, empty

    @property
    def tokens(self) -> int:
        """How many tokens are remembered."""
        return int(self.keys.shape[1])

    def append(self, keys: Floats, values: Floats) -> None:
        """Remember more tokens."""
        self.keys = np.concatenate([self.keys, keys], axis=1)
        self.values = np.concatenate([self.values, values], axis=1)


class RMSNorm(nn.Module):
    """Rows divided by the root of their mean square, times a weight."""

    def __init__(self, weights: nn.Weights, path: str, config: LlamaConfig) -> None:
        """Read the weight."""
        self.weight = weights.array(f"{path}.weight")
        self._eps = config.rms_norm_eps

    def __call__(self, x: Floats) -> Floats:
        """Norm each row of x."""
        wide = x.astype(np.float64)
        scale = 1 / np.sqrt(np.mean(wide * wide, axis=-1, keepdims=True) + self._eps)
        normal: Floats = (wide * scale * self.weight).astype(np.float32)
        return normal


class Attention(nn.Module):
    """Causal attention with rotary embeddings; several query heads share a key and value head."""

    def __init__(
        self, weights: nn.Weights, path: str, config: LlamaConfig, group: Group | None
    ) -> None:
        """Read the four projections, or this rank's part of them."""
        self.q_proj = _split(weights, f"{path}.q_proj", "all-to-sharded", group)
        self.k_proj = _split(weights, f"{path}.k_proj", "all-to-sharded", group)
        self.v_proj = _split(weights, f"{path}.v_proj", "all-to-sharded", group)
        self.o_proj = _split(weights, f"{path}.o_proj", "sharded-to-all", group)
        self._config = config
        ranks = 1 if group is None else group.size
        splits_heads = config.num_key_value_heads % ranks == 0
        self._exchange = None if splits_heads else group
        self._cached_heads = config.num_key_value_heads // (ranks if splits_heads else 1)
        pairs = np.arange(config.head_dim // 2)
        self._frequencies = config.rope_theta ** (-2.0 * pairs / config.head_dim)

    def cache(self) -> BlockCache:
        """An empty memory."""
        return BlockCache(self._cached_heads, self._config.head_dim)

    def __call__(self, x: Floats, cache: BlockCache) -> Floats:
        """What the tokens of x, which follow those of the cache, take from all before them."""
        config, before, rows = self._config, cache.tokens, len(x)
        queries = self._rotated(self._heads(self.q_proj(x)), before)
        keys = self._rotated(self._heads(self.k_proj(x)), before)
        cache.append(keys, self._heads(self.v_proj(x)))
        shared = config.num_attention_heads // config.num_key_value_heads
        wide_keys = np.repeat(cache.keys, shared, axis=0).astype(np.float64)
        wide_values = np.repeat(cache.values, shared, axis=0).astype(np.float64)
        scores = queries.astype(np.float64) @ wide_keys.swapaxes(1, 2) / np.sqrt(config.head_dim)
        later = np.arange(before + rows) > before + np.arange(rows)[:, None]
        scores[:, later] = -np.inf
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (powers / powers.sum(axis=-1, keepdims=True)) @ wide_values
        joined = mixed.astype(np.float32).swapaxes(0, 1).reshape(rows, -1)
        if self._exchange is not None:
            joined = np.split(joined, self._exchange.size, axis=-1)[self._exchange.rank]
        return self.o_proj(joined)  # type: ignore[no-any-return]

    def _heads(self, x: Floats) -> Floats:
        """Split (tokens, heads * head_dim) into (heads, tokens, head_dim)."""
        if self._exchange is not None:
            parts = np.split(self._exchange.all_gather(x), self._exchange.size)
            x = np.concatenate(parts, axis=-1)
        return x.reshape(len(x), -1, self._config.head_dim).swapaxes(0, 1)

    def _rotated(self, x: Floats, first: int) -> Floats:
        """Turn pairs of elements, half a head apart, by angles that grow with the position."""
        angles = (first + np.arange(x.shape[1]))[:, None] * self._frequencies
        cosines, sines = np.cos(angles), np.sin(angles)
        a, b = np.split(x.astype(np.float64), 2, axis=-1)
        turned = np.concatenate([a * cosines - b * sines, b * cosines + a * sines], axis=-1)
        return turned.astype(np.float32)


class FeedForward(nn.Module):
    """down(silu(gate(x)) * up(x))."""

    def __init__(self, weights: nn.Weights, path: str, group: Group | None) -> None:
        """Read the three projections, or this rank's part of them."""
        self.gate_proj = _split(weights, f"{path}.gate_proj", "all-to-sharded", group)
        self.up_proj = _split(weights, f"{path}.up_proj", "all-to-sharded", group)
        self.down_proj = _split(weights, f"{path}.down_proj", "sharded-to-all", group)

    def __call__(self, x: Floats) -> Floats:
        """The rows of x, each on its own."""
        gate = self.gate_proj(x).astype(np.float64)
        gated = gate / (1 + np.exp(-gate)) * self.up_proj(x)
        return self.down_proj(gated.astype(np.float32))  # type: ignore[no-any-return]


class Block(nn.Module):
    """Attention and feed-forward, each beside a path that skips it."""

    def __init__(
        self, weights: nn.Weights, path: str, config: LlamaConfig, group: Group | None
    ) -> None:
        """Read the parts."""
        self.self_attn = Attention(weights, f"{path}.self_attn", config, group)
        self.mlp = FeedForward(weights, f"{path}.mlp", group)
        self.input_layernorm = RMSNorm(weights, f"{path}.input_layernorm", config)
        self.post_attention_layernorm = RMSNorm(weights, f"{path}.post_attention_layernorm", config)

    def __call__(self, x: Floats, cache: BlockCache) -> Floats:
        """The hidden states after this block."""
        h = x + self.self_attn(self.input_layernorm(x), cache)
        return h + self.mlp(self.post_attention_layernorm(h))


class Trunk(nn.Module):
    """All but the output layer."""

    def __init__(self, weights: nn.Weights, config: LlamaConfig, group: Group | None) -> None:
        """Read the parts."""
        self.embed_tokens = weights.embedding("model.embed_tokens", dtype="float32")
        self.layers = [
            Block(weights, f"model.layers.{index}", config, group)
            for index in range(config.num_hidden_layers)
        ]
        self.norm = RMSNorm(weights, "model.norm", config)


class Llama(nn.Module):
    """The whole model; its layers are quantized or float as the checkpoint has them."""

    def __init__(self, weights: nn.Weights, group: Group | None = None) -> None:
        """Read the model of a checkpoint with Hugging Face's names, or this rank's part of it."""
        self.config = LlamaConfig.of(weights.config)
        self.model = Trunk(weights, self.config, group)
        if not self.config.tie_word_embeddings:
            self.lm_head = weights.linear("lm_head")

    def cache(self) -> list[BlockCache]:
        """An empty memory."""
        return [block.self_attn.cache() for block in self.model.layers]

    def __call__(self, tokens: list[int], cache: list[BlockCache]) -> Floats:
        """Logits (tokens, vocabulary) after each of the tokens, which follow those of the cache."""
        return self._logits(self._states(tokens, cache))

    def last(self, tokens: list[int], cache: list[BlockCache]) -> Floats:
        """Logits (vocabulary,) after the last of the tokens."""
        return self._logits(self._states(tokens, cache)[-1:])[0]  # type: ignore[no-any-return]

    def _states(self, tokens: list[int], cache: list[BlockCache]) -> Floats:
        x = self.model.embed_tokens(np.array(tokens, np.int32))
        for block, memory in zip(self.model.layers, cache, strict=True):
            x = block(x, memory)
        return x  # type: ignore[no-any-return]

    def _logits(self, states: Floats) -> Floats:
        normal = self.model.norm(states)
        if self.config.tie_word_embeddings:
            return self.model.embed_tokens.as_linear(normal)  # type: ignore[no-any-return]
        return self.lm_head(normal)  # type: ignore[no-any-return]


def _split(weights: nn.Weights, path: str, sharding: nn.Sharding, group: Group | None) -> Any:
    """The linear layer of a path, or this rank's part of it."""
    layer = weights.linear(path)
    return layer if group is None else nn.shard_linear(layer, sharding, group=group)
