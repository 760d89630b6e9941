"""A sentence encoder in the shape of BERT, on thinbit's layers: all-MiniLM-L6-v2.

What lies between the products with weights is computed in float64 and rounded to float32 once, as
in the decoder beside this folder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import nn

Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BertConfig:
    """The shape of a model, as Hugging Face's config.json has it.

    Attributes:
        hidden_size: The width of the hidden states.
        num_hidden_layers: How many blocks there are.
        num_attention_heads: Heads in each block.
        layer_norm_eps: Added to the variance before its root.
        max_position_embeddings: The most tokens of a text.
    """

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    layer_norm_eps: float
    max_position_embeddings: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> BertConfig:
        """Take the values from a config.json; KeyError for one that is missing."""
        return cls(**{name: config[name] for name in cls.__dataclass_fields__})


class LayerNorm(nn.Module):
    """Rows with mean 0 and variance 1, times a weight, plus a bias."""

    def __init__(self, weights: nn.Weights, path: str, config: BertConfig) -> None:
        """Read weight and bias."""
        self.weight = weights.array(f"{path}.weight")
        self.bias = weights.array(f"{path}.bias")
        self._eps = config.layer_norm_eps

    def __call__(self, x: Wide) -> Floats:
        """Norm each row of x."""
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = 1 / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._eps)
        return (centred * scale * self.weight + self.bias).astype(np.float32)


class Block(nn.Module):
    """Attention and feed-forward, each added to its input and normed."""

    def __init__(self, weights: nn.Weights, path: str, config: BertConfig) -> None:
        """Read the parts."""
        self.query = weights.linear(f"{path}.attention.self.query")
        self.key = weights.linear(f"{path}.attention.self.key")
        self.value = weights.linear(f"{path}.attention.self.value")
        self.attention = weights.linear(f"{path}.attention.output.dense")
        self.attention_norm = LayerNorm(weights, f"{path}.attention.output.LayerNorm", config)
        self.intermediate = weights.linear(f"{path}.intermediate.dense")
        self.output = weights.linear(f"{path}.output.dense")
        self.output_norm = LayerNorm(weights, f"{path}.output.LayerNorm", config)
        self._heads = config.num_attention_heads

    def __call__(self, x: Floats) -> Floats:
        """The hidden states after this block."""
        query, key, value = (self._split(layer(x)) for layer in (self.query, self.key, self.value))
        scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (powers / powers.sum(axis=-1, keepdims=True)) @ value
        joined = mixed.swapaxes(0, 1).reshape(x.shape).astype(np.float32)
        h = self.attention_norm(x.astype(np.float64) + self.attention(joined))
        inner = _gelu(self.intermediate(h).astype(np.float64)).astype(np.float32)
        return self.output_norm(h.astype(np.float64) + self.output(inner))

    def _split(self, x: Floats) -> Wide:
        """(tokens, width) as (heads, tokens, width / heads)."""
        return x.astype(np.float64).reshape(len(x), self._heads, -1).swapaxes(0, 1)


class Bert(nn.Module):
    """The whole encoder; its layers are quantized or float as the checkpoint has them."""

    def __init__(self, weights: nn.Weights) -> None:
        """Read the model of a checkpoint with Hugging Face's names."""
        self.config = BertConfig.of(weights.config)
        self.words = weights.embedding("embeddings.word_embeddings", dtype="float32")
        self.positions = weights.array("embeddings.position_embeddings.weight")
        self.kinds = weights.array("embeddings.token_type_embeddings.weight")
        self.norm = LayerNorm(weights, "embeddings.LayerNorm", self.config)
        self.blocks = [
            Block(weights, f"encoder.layer.{index}", self.config)
            for index in range(self.config.num_hidden_layers)
        ]

    def __call__(self, tokens: list[int]) -> Floats:
        """The embedding of a text: the mean of its tokens' states, of length 1."""
        words = self.words(np.array(tokens, np.int32)).astype(np.float64)
        x = self.norm(words + self.positions[: len(tokens)] + self.kinds[0])
        for block in self.blocks:
            x = block(x)
        mean = x.astype(np.float64).mean(axis=0)
        return (mean / np.sqrt((mean * mean).sum())).astype(np.float32)  # type: ignore[no-any-return]


def _gelu(x: Wide) -> Wide:
    erf = np.frompyfunc(math.erf, 1, 1)
    return x * (0.5 * (1 + erf(x * math.sqrt(0.5)).astype(np.float64)))  # type: ignore[no-any-return]
