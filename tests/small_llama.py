"""A small Llama-shaped checkpoint of random weights, with a tokenizer of single bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thinbit import QuantizedTensor
from thinbit.io import QuantizationSpec, save_checkpoint

WIDTH, FORWARD, HEADS, SHARED, HEAD, WORDS, BLOCKS = 64, 96, 4, 2, 16, 320, 2
CONFIG = {
    "hidden_size": WIDTH,
    "num_hidden_layers": BLOCKS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": SHARED,
    "head_dim": HEAD,
    "rms_norm_eps": 1e-5,
    "rope_theta": 100.0,
    "tie_word_embeddings": True,
}


def small_llama(
    folder: Path, specs: Sequence[str] = ("affine:8:g32",), forward: int = FORWARD
) -> Path:
    """Write everything that the chat needs; the matrices take the specs in turn."""
    random = np.random.default_rng(7)
    count = 0

    def quantized(rows: int, columns: int) -> QuantizedTensor:
        nonlocal count
        spec = QuantizationSpec.parse(specs[count % len(specs)])
        count += 1
        w = (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)
        return QuantizedTensor.quantize(
            w, mode=spec.mode, bits=spec.bits, group_size=spec.group_size
        )

    tensors: dict[str, Any] = {"model.embed_tokens.weight": quantized(WORDS, WIDTH)}
    for i in range(BLOCKS):
        block = f"model.layers.{i}"
        shapes = {
            "self_attn.q_proj": (HEADS * HEAD, WIDTH),
            "self_attn.k_proj": (SHARED * HEAD, WIDTH),
            "self_attn.v_proj": (SHARED * HEAD, WIDTH),
            "self_attn.o_proj": (WIDTH, HEADS * HEAD),
            "mlp.gate_proj": (forward, WIDTH),
            "mlp.up_proj": (forward, WIDTH),
            "mlp.down_proj": (WIDTH, forward),
        }
        for name, shape in shapes.items():
            tensors[f"{block}.{name}.weight"] = quantized(*shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{block}.{name}.weight"] = 1 + 0.1 * random.standard_normal(WIDTH).astype("f4")
    tensors["model.norm.weight"] = 1 + 0.1 * random.standard_normal(WIDTH).astype("f4")
    folder.mkdir(exist_ok=True)
    save_checkpoint(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    _write_tokenizer(folder / "tokenizer.json")
    return folder


def _write_tokenizer(path: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: i for i, letter in enumerate([*letters, "th", "the", "wh"])}
    merges = [("t", "h"), ("th", "e"), ("w", "h")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    tokenizer.add_special_tokens([AddedToken("<|im_start|>"), AddedToken("<|im_end|>")])
    tokenizer.save(str(path))
