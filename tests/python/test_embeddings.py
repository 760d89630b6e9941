"""The example encoder against a plain forward pass of the same weights, written out anew."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from thinbit import nn
from thinbit.io import save_checkpoint

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "embeddings"
sys.path.insert(0, str(EXAMPLE))

from bert import Bert  # noqa: E402

WIDTH, FORWARD, HEADS, WORDS, PLACES = 32, 64, 4, 50, 16
CONFIG = {
    "hidden_size": WIDTH,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": PLACES,
}
BLOCK = "encoder.layer.0"
SHAPES = {
    "embeddings.word_embeddings.weight": (WORDS, WIDTH),
    "embeddings.position_embeddings.weight": (PLACES, WIDTH),
    "embeddings.token_type_embeddings.weight": (2, WIDTH),
    "embeddings.LayerNorm": (WIDTH,),
    f"{BLOCK}.attention.self.query": (WIDTH, WIDTH),
    f"{BLOCK}.attention.self.key": (WIDTH, WIDTH),
    f"{BLOCK}.attention.self.value": (WIDTH, WIDTH),
    f"{BLOCK}.attention.output.dense": (WIDTH, WIDTH),
    f"{BLOCK}.attention.output.LayerNorm": (WIDTH,),
    f"{BLOCK}.intermediate.dense": (FORWARD, WIDTH),
    f"{BLOCK}.output.dense": (WIDTH, FORWARD),
    f"{BLOCK}.output.LayerNorm": (WIDTH,),
}
TOKENS = [3, 17, 3, 44, 9]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(5)
    tensors: dict[str, npt.NDArray[np.float32]] = {}
    for name, shape in SHAPES.items():
        if name.endswith(".weight"):
            tensors[name] = random.standard_normal(shape).astype(np.float32)
            continue
        tensors[f"{name}.weight"] = (random.standard_normal(shape) / shape[-1] ** 0.5).astype("f4")
        tensors[f"{name}.bias"] = random.standard_normal(shape[0]).astype(np.float32)
    path = tmp_path_factory.mktemp("bert")
    save_checkpoint(path / "model.safetensors", tensors)
    (path / "config.json").write_text(json.dumps(CONFIG))
    return path


def plain_embedding(weights: nn.Weights) -> npt.NDArray[np.float64]:
    def w(name: str) -> npt.NDArray[np.float64]:
        return weights.array(name).astype(np.float64)

    def linear(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        return np.asarray(x @ w(f"{BLOCK}.{name}.weight").T + w(f"{BLOCK}.{name}.bias"))

    def norm(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        z = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
        return np.asarray(z * w(f"{name}.weight") + w(f"{name}.bias"))

    x = w("embeddings.word_embeddings.weight")[TOKENS]
    x = x + w("embeddings.position_embeddings.weight")[: len(TOKENS)]
    x = norm(x + w("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm")
    q, k, v = (linear(x, f"attention.self.{part}") for part in ("query", "key", "value"))
    mixed = np.zeros_like(x)
    size = WIDTH // HEADS
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        powers = np.exp(q[:, part] @ k[:, part].T / math.sqrt(size))
        mixed[:, part] = powers / powers.sum(-1, keepdims=True) @ v[:, part]
    h = norm(x + linear(mixed, "attention.output.dense"), f"{BLOCK}.attention.output.LayerNorm")
    inner = linear(h, "intermediate.dense")
    active = inner * np.vectorize(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)))(inner)
    y = norm(h + linear(active, "output.dense"), f"{BLOCK}.output.LayerNorm").mean(0)
    return np.asarray(y / np.linalg.norm(y))


def test_the_embedding_is_that_of_the_definition(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        embedding = Bert(weights)(TOKENS)
        expected = plain_embedding(weights)
    np.testing.assert_allclose(embedding, expected, atol=1e-5)
    assert abs(float(np.linalg.norm(embedding)) - 1) < 1e-6


def test_a_quantized_encoder_is_near_it_and_not_it(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        exact = Bert(weights)(TOKENS)
        model = Bert(weights)
    nn.quantize(model, group_size=32, bits=4)
    cosine = float(exact @ model(TOKENS))
    assert 0.99 < cosine < 0.99999
