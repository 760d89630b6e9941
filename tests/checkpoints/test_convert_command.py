"""thinbit convert, run as users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGMLQuantizationType as Type

from checkpoints.commands import refused, run, succeeded
from checkpoints.gguf_files import random_blocks, write_gguf
from thinbit.io import Checkpoint

LLAMA = {
    "llama.block_count": 1,
    "llama.context_length": 64,
    "llama.embedding_length": 64,
    "llama.feed_forward_length": 128,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.tokens": ["<|end|>", "a", "b", "ab"],
    "tokenizer.ggml.token_type": [3, 1, 1, 1],
    "tokenizer.ggml.merges": ["a b"],
    "tokenizer.ggml.eos_token_id": 0,
}


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    source = np.random.default_rng(11)

    def matrix(kind: Type, *shape: int) -> tuple[npt.NDArray[np.uint8], Type]:
        return random_blocks(source, kind, shape), kind

    tensors: dict[str, tuple[npt.NDArray[Any], Type]] = {
        "token_embd.weight": matrix(Type.Q8_0, 4, 64),
        "blk.0.attn_q.weight": matrix(Type.Q4_1, 64, 64),
        "blk.0.attn_k.weight": matrix(Type.Q4_0, 32, 64),
        "blk.0.ffn_down.weight": matrix(Type.Q5_0, 64, 128),
        "output_norm.weight": (source.standard_normal(64).astype(np.float32), Type.F32),
    }
    return write_gguf(tmp_path / "llama.gguf", tensors, "llama", LLAMA)


def test_a_llama_gets_the_names_of_hugging_face_and_its_files(llama: Path) -> None:
    out = llama.with_name("out")
    words = succeeded(run("convert", llama, out))
    assert "lossless: every value is what it was" in words
    assert "1 Q5_0 become affine:5:g32" in words and "1 F32 stay as they are" in words
    with Checkpoint(out) as checkpoint:
        assert checkpoint.config is not None
        assert checkpoint.config["model_type"] == "llama"
        assert checkpoint.config["rms_norm_eps"] == 1e-5
        assert checkpoint.config["num_key_value_heads"] == 2
        assert checkpoint.config["tie_word_embeddings"] is True
        assert checkpoint.config["quantization"]["model.embed_tokens"]["bits"] == 8
        assert set(checkpoint.modules) == {
            "model.embed_tokens",
            "model.layers.0.self_attn.q_proj",
            "model.layers.0.self_attn.k_proj",
            "model.layers.0.mlp.down_proj",
        }
        assert list(checkpoint.plain) == ["model.norm.weight"]
    tokenizer = json.loads((out / "tokenizer.json").read_text())
    assert tokenizer["model"]["vocab"] == {"<|end|>": 0, "a": 1, "b": 2, "ab": 3}
    assert tokenizer["model"]["merges"] == ["a b"]
    assert [token["content"] for token in tokenizer["added_tokens"]] == ["<|end|>"]


def test_the_rows_of_queries_and_keys_are_in_hugging_faces_order(llama: Path) -> None:
    """A head's rows 0, 1, 2, 3, ... there are 0, half, 1, half + 1, ... in GGUF."""
    out, own = llama.with_name("out"), llama.with_name("own.safetensors")
    succeeded(run("convert", llama, out))
    succeeded(run("convert", llama, own, "--gguf-names"))
    with Checkpoint(out) as theirs, Checkpoint(own) as ours:
        for module, name, heads in (("q_proj", "attn_q", 4), ("k_proj", "attn_k", 2)):
            hugging_face = theirs.quantized(f"model.layers.0.self_attn.{module}")
            gguf = ours.quantized(f"blk.0.{name}")
            per_head = hugging_face.shape[0] // heads
            for row in range(per_head):
                pair, second = divmod(row, 2)
                place = pair + second * per_head // 2
                for part in ("packed", "scales", "biases"):
                    a, b = getattr(hugging_face, part), getattr(gguf, part)
                    np.testing.assert_array_equal(a[place::per_head], b[row::per_head])


def test_what_is_lost_is_said(tmp_path: Path) -> None:
    source = np.random.default_rng(12)
    path = write_gguf(
        tmp_path / "x.gguf",
        {
            "a.weight": (random_blocks(source, Type.Q6_K, (2, 256)), Type.Q6_K),
            "b.weight": (random_blocks(source, Type.Q4_0, (2, 64)), Type.Q4_0),
        },
    )
    out = tmp_path / "out.safetensors"
    refused(run("convert", path, out), 1, r"'a\.weight' is Q6_K, which has no exact form")
    assert not out.exists()
    words = succeeded(run("convert", path, out, "--decode", "bfloat16"))
    assert "not lossless in 1 of 2 tensors:" in words
    assert "Q6_K was decoded to BF16: a.weight" in words
    done = run("convert", path, tmp_path / "2.safetensors", "--decode", "bfloat16", "--json")
    report = json.loads(succeeded(done))
    assert report["lossless"] is False and report["format"] == "GGUF"
    losses = {tensor["name"]: tensor["loss"] for tensor in report["tensors"]}
    assert losses == {"a.weight": "Q6_K was decoded to BF16", "b.weight": None}


def test_nothing_is_overwritten_and_nothing_half_written(llama: Path) -> None:
    out = llama.with_name("out")
    succeeded(run("convert", llama, out))
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    refused(run("convert", llama, out), 1, "the folder exists already; --force overwrites it")
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    broken = llama.with_name("broken.gguf")
    data = bytearray(llama.read_bytes())
    place = bytes(data).index(b"tokenizer.ggml.pre")
    data[place : place + 4] = b"tok\xff"
    broken.write_bytes(bytes(data))
    refused(run("convert", broken, out, "--force"), 1, "is not UTF-8")
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    succeeded(run("convert", llama, out, "--force"))
    assert {path.name for path in out.iterdir()} == set(before)
    assert not [path for path in llama.parent.iterdir() if path.name.startswith(".")]


def test_a_name_of_another_format_is_refused(llama: Path) -> None:
    out = llama.with_name("out.gguf")
    refused(run("convert", llama, out), 1, r"a file whose name ends in \.safetensors")
    assert not out.exists()


WITHOUT_GGUF = "import sys; sys.modules['gguf'] = None; import thinbit.cli as cli; "


def test_without_the_package_gguf_the_error_says_what_to_install(llama: Path) -> None:
    code = WITHOUT_GGUF + "sys.exit(cli.main(['convert', *sys.argv[1:]]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(llama), str(llama.with_name("out"))],
        capture_output=True,
        text=True,
    )
    refused(done, 1, r'need the package gguf: pip install "thinbit\[gguf\]"')


def test_an_error_while_writing_leaves_no_folder(tmp_path: Path) -> None:
    """The scale is found to be too large when the tensor is read, with the folder begun."""
    data = random_blocks(np.random.default_rng(13), Type.Q8_0, (2, 64))
    data[1, :2] = np.array([1000], "<f2").view(np.uint8)
    path = write_gguf(tmp_path / "x.gguf", {"x.weight": (data, Type.Q8_0)})
    refused(run("convert", path, tmp_path / "out"), 1, "has no exact float16 value")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.gguf"]
