"""The example decoder against a plain forward pass of the same weights, written out anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from small_llama import BLOCKS, HEAD, HEADS, SHARED, small_llama
from thinbit import QuantizedTensor, nn

pytest.importorskip("tokenizers")
CHAT = Path(__file__).resolve().parents[2] / "examples" / "chat"
sys.path.insert(0, str(CHAT))

from llama import Llama  # noqa: E402

TOKENS = [5, 17, 80, 2, 2, 41, 9]
F64 = npt.NDArray[np.float64]


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
    return small_llama(tmp_path_factory.mktemp("chat"))


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
    # 81,920 weights of 4 bytes, or of 10 bits; and 320 norms of 4 bytes.
    for option in ([], ["--float"]):
        done = subprocess.run(
            [sys.executable, str(CHAT / "chat.py"), "--json", *option, str(folder), "4", "why?"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert 0 < len(result["answers"][0]["tokens"]) <= 4
        assert result["parameter_bytes"] == (328_960 if option else 103_680)


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAT / "chat.py"), str(tmp_path), "4", "why?"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no .safetensors file" in done.stderr and "Traceback" not in done.stderr
