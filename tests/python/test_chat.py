"""The example decoder against a plain forward pass of the same weights, written out anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from thinbit import QuantizedTensor, nn
from thinbit.io import save_checkpoint

pytest.importorskip("tokenizers")
CHAT = Path(__file__).resolve().parents[2] / "examples" / "chat"
sys.path.insert(0, str(CHAT))

from llama import Llama  # noqa: E402

WIDTH, FORWARD, HEADS, SHARED, HEAD, WORDS, BLOCKS = 64, 96, 4, 2, 16, 96, 2
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
TOKENS = [5, 17, 80, 2, 2, 41, 9]
F64 = npt.NDArray[np.float64]


def random_model(folder: Path) -> Path:
    """A quantized checkpoint with everything that the chat needs."""
    random = np.random.default_rng(7)

    def quantized(rows: int, columns: int) -> QuantizedTensor:
        w = (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)
        return QuantizedTensor.quantize(w, group_size=32, bits=8)

    tensors: dict[str, Any] = {"model.embed_tokens.weight": quantized(WORDS, WIDTH)}
    for i in range(BLOCKS):
        block = f"model.layers.{i}"
        shapes = {
            "self_attn.q_proj": (HEADS * HEAD, WIDTH),
            "self_attn.k_proj": (SHARED * HEAD, WIDTH),
            "self_attn.v_proj": (SHARED * HEAD, WIDTH),
            "self_attn.o_proj": (WIDTH, HEADS * HEAD),
            "mlp.gate_proj": (FORWARD, WIDTH),
            "mlp.up_proj": (FORWARD, WIDTH),
            "mlp.down_proj": (WIDTH, FORWARD),
        }
        for name, shape in shapes.items():
            tensors[f"{block}.{name}.weight"] = quantized(*shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{block}.{name}.weight"] = 1 + 0.1 * random.standard_normal(WIDTH).astype("f4")
    tensors["model.norm.weight"] = 1 + 0.1 * random.standard_normal(WIDTH).astype("f4")
    folder.mkdir(exist_ok=True)
    save_checkpoint(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return folder


def plain_logits(weights: nn.Weights, tokens: list[int]) -> F64:
    """The definition of the model, in float64, without a cache and without layers."""

    def w(name: str) -> F64:
        value = weights.read(f"{name}.weight")
        floats = value.dequantize() if isinstance(value, QuantizedTensor) else value
        return np.asarray(floats, np.float64)

    def norm(x: F64, name: str) -> F64:
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * w(name)

    def rotated(x: F64) -> F64:
        # As a product of complex numbers, whose parts are half a head apart.
        turns = np.exp(
            1j * np.outer(np.arange(len(x)), 100.0 ** (-np.arange(HEAD // 2) * 2 / HEAD))
        )
        pairs = (x[..., : HEAD // 2] + 1j * x[..., HEAD // 2 :]) * turns[:, None]
        return np.concatenate([pairs.real, pairs.imag], -1)

    x = w("model.embed_tokens")[tokens]
    n = len(tokens)
    for i in range(BLOCKS):
        block = f"model.layers.{i}"
        h = norm(x, f"{block}.input_layernorm")
        q = rotated((h @ w(f"{block}.self_attn.q_proj").T).reshape(n, HEADS, HEAD))
        k = rotated((h @ w(f"{block}.self_attn.k_proj").T).reshape(n, SHARED, HEAD))
        v = (h @ w(f"{block}.self_attn.v_proj").T).reshape(n, SHARED, HEAD)
        mixed = np.zeros((n, HEADS, HEAD))
        for head in range(HEADS):
            group = head // (HEADS // SHARED)
            for t in range(n):
                scores = np.array([q[t, head] @ k[s, group] for s in range(t + 1)]) / HEAD**0.5
                part = np.exp(scores) / np.exp(scores).sum()
                mixed[t, head] = sum(p * v[s, group] for s, p in enumerate(part))
        x = x + mixed.reshape(n, -1) @ w(f"{block}.self_attn.o_proj").T
        h = norm(x, f"{block}.post_attention_layernorm")
        gate = h @ w(f"{block}.mlp.gate_proj").T
        gated = gate / (1 + np.exp(-gate)) * (h @ w(f"{block}.mlp.up_proj").T)
        x = x + gated @ w(f"{block}.mlp.down_proj").T
    return norm(x, "model.norm") @ w("model.embed_tokens").T


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_model(tmp_path_factory.mktemp("chat"))


def test_the_logits_are_those_of_the_definition(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        model = Llama(weights)
        expected = plain_logits(weights, TOKENS)
    logits = model(TOKENS, model.cache())
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_token_by_token_is_the_same_as_all_at_once(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        model = Llama(weights)
    whole = model(TOKENS, model.cache())
    cache = model.cache()
    steps = [model.last([token], cache) for token in TOKENS]
    np.testing.assert_allclose(steps, whole, atol=1e-5)


def test_the_command_answers(folder: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = pre_tokenizers.ByteLevel.alphabet()[: WORDS - 2]
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|im_start|>"), AddedToken("<|im_end|>")])
    tokenizer.save(str(folder / "tokenizer.json"))
    # 67,584 weights of 4 bytes, or of 10 bits; and 320 norms of 4 bytes.
    for option in ([], ["--float"]):
        done = subprocess.run(
            [sys.executable, str(CHAT / "chat.py"), "--json", *option, str(folder), "4", "why?"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert 0 < len(result["answers"][0]["tokens"]) <= 4
        assert result["parameter_bytes"] == (271_616 if option else 85_760)


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAT / "chat.py"), str(tmp_path), "4", "why?"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no .safetensors file" in done.stderr and "Traceback" not in done.stderr
