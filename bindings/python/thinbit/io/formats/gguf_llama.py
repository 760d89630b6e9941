"""GGUF's llama architecture under the names, the order of rows and the config of Hugging Face.

llama.cpp rotates neighbouring pairs of a head's elements, Hugging Face (and mlx-lm) pairs that are
half a head apart; the rows of the query and key projections are in the other order accordingly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import QuantizedTensor
from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.source import SourceTensor

from .gguf_reader import GgufReader

_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_NAME = re.compile(r"(?:blk\.(?P<block>[0-9]{1,4})\.)?(?P<module>[a-z_]+)\.(?P<part>weight|bias)")


@dataclass(frozen=True, slots=True)
class LlamaModel:
    """What the keys say: the config, and how many heads the rows of `q` and `k` belong to."""

    path: str
    config: dict[str, Any]

    def adapt(self, tensor: SourceTensor) -> SourceTensor:
        """The tensor under its Hugging Face name, its rows in that order; others as they are."""
        match = _NAME.fullmatch(tensor.name)
        if match is None or match["module"] not in _NAMES:
            return tensor
        prefix = f"model.layers.{int(match['block'])}." if match["block"] else ""
        named = replace(tensor, name=f"{prefix}{_NAMES[match['module']]}.{match['part']}")
        heads = {
            "attn_q": self.config["num_attention_heads"],
            "attn_k": self.config["num_key_value_heads"],
        }.get(match["module"])
        return named if heads is None else self._reordered(named, heads)

    def _reordered(self, tensor: SourceTensor, heads: int) -> SourceTensor:
        rows = tensor.shape[0] if tensor.shape else 0
        if not rows or rows % (2 * heads):
            raise CheckpointError(
                self.path,
                f"tensor {quoted(tensor.name)} has {rows} rows, which {heads} heads do not divide"
                " into pairs",
            )
        order = np.arange(rows).reshape(heads, -1, 2).swapaxes(1, 2).reshape(-1)
        return replace(tensor, read=lambda: _take_rows(tensor.read(), order), chunks=None)


def llama_model(reader: GgufReader) -> LlamaModel:
    """What a file with the architecture llama says; CheckpointError where a key is missing."""

    def number(key: str, kind: type = int, default: Any = None) -> Any:
        value = reader.field(f"llama.{key}", kind)
        if value is None:
            value = default
        if value is None or not 0 < value < 2**31:
            raise CheckpointError(
                reader.path, f"the key {quoted(f'llama.{key}')} is {value}; it must be positive"
            )
        return value

    heads = number("attention.head_count")
    width = number("embedding_length")
    vocabulary = reader.tensors.get("token_embd.weight")
    config: dict[str, Any] = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": width,
        "intermediate_size": number("feed_forward_length"),
        "num_hidden_layers": number("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": number("attention.head_count_kv", default=heads),
        "head_dim": number("attention.key_length", default=width // heads),
        "max_position_embeddings": number("context_length"),
        "rms_norm_eps": _shortest(number("attention.layer_norm_rms_epsilon", float)),
        "rope_theta": _shortest(number("rope.freq_base", float, 10000.0)),
        "vocab_size": vocabulary.shape[0] if vocabulary and vocabulary.shape else None,
        "tie_word_embeddings": "output.weight" not in reader.tensors,
    }
    for name, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding")):
        token = reader.field(f"tokenizer.ggml.{key}_token_id", int)
        if token is not None:
            config[f"{name}_token_id"] = token
    return LlamaModel(reader.path, config)


def _shortest(value: float) -> float:
    """The shortest decimal that is the same float32: 1e-05 for 9.99999974e-06."""
    return float(str(np.float32(value)))


def _take_rows(
    value: npt.NDArray[Any] | QuantizedTensor, order: npt.NDArray[np.int64]
) -> npt.NDArray[Any] | QuantizedTensor:
    if not isinstance(value, QuantizedTensor):
        return value[order]
    return QuantizedTensor(
        value.packed[order],
        value.scales[order],
        None if value.biases is None else value.biases[order],
        global_scale=value.global_scale,
        mode=value.mode,
        group_size=value.group_size,
        bits=value.bits,
    )
