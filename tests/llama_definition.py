"""A Llama's logits by their definition, in float64, without a cache and without layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from exact_values import exact_values
from thinbit import QuantizedTensor, nn

F64 = npt.NDArray[np.float64]


def plain_logits(weights: nn.Weights, tokens: list[int]) -> F64:
    """(tokens, vocabulary): products of the real weights, embeddings as dequantize rounds them."""
    config: Any = weights.config
    head, heads, shared = (
        config[key] for key in ("head_dim", "num_attention_heads", "num_key_value_heads")
    )
    n = len(tokens)

    def w(name: str) -> F64:
        value = weights.read(f"{name}.weight")
        if isinstance(value, QuantizedTensor):
            return exact_values(value)
        return np.asarray(value, np.float64)

    def norm(x: F64, name: str) -> F64:
        mean = (x**2).mean(-1, keepdims=True)
        normal: F64 = x / np.sqrt(mean + config["rms_norm_eps"]) * w(name)
        return normal

    def rotated(x: F64) -> F64:
        # As a product of complex numbers, whose parts are half a head apart.
        wavelengths = config["rope_theta"] ** (-np.arange(head // 2) * 2 / head)
        turns = np.exp(1j * np.outer(np.arange(n), wavelengths))
        pairs = (x[..., : head // 2] + 1j * x[..., head // 2 :]) * turns[:, None]
        return np.concatenate([pairs.real, pairs.imag], -1)

    table = weights.read("model.embed_tokens.weight")
    if isinstance(table, QuantizedTensor):
        table = table.dequantize("float32")
    x = np.asarray(table, np.float64)[tokens]
    for i in range(config["num_hidden_layers"]):
        block = f"model.layers.{i}"
        h = norm(x, f"{block}.input_layernorm")
        q = rotated((h @ w(f"{block}.self_attn.q_proj").T).reshape(n, heads, head))
        k = rotated((h @ w(f"{block}.self_attn.k_proj").T).reshape(n, shared, head))
        v = (h @ w(f"{block}.self_attn.v_proj").T).reshape(n, shared, head)
        mixed = np.zeros((n, heads, head))
        for index in range(heads):
            group = index // (heads // shared)
            for t in range(n):
                scores = np.array([q[t, index] @ k[s, group] for s in range(t + 1)]) / head**0.5
                part = np.exp(scores - scores.max())
                part /= part.sum()
                mixed[t, index] = sum(p * v[s, group] for s, p in enumerate(part))
        x = x + mixed.reshape(n, -1) @ w(f"{block}.self_attn.o_proj").T
        h = norm(x, f"{block}.post_attention_layernorm")
        gate = h @ w(f"{block}.mlp.gate_proj").T
        gated = gate / (1 + np.exp(-gate)) * (h @ w(f"{block}.mlp.up_proj").T)
        x = x + gated @ w(f"{block}.mlp.down_proj").T
    logits: F64 = norm(x, "model.norm") @ w("model.embed_tokens").T
    return logits
