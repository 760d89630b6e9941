"""10,000 damaged files: an error that names the file, or what can still be read. Never a crash, a
hang, or memory beyond a small multiple of the file.
"""

from __future__ import annotations

import contextlib
import json
import random
import struct
import time
import tracemalloc
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type

from checkpoints.gguf_files import random_blocks, write_gguf
from checkpoints.mutations import damage_bytes, damage_json
from thinbit import QuantizedTensor
from thinbit.cli.inspect_rows import checkpoint_rows, source_rows, totals
from thinbit.io import Checkpoint, CheckpointError, SafetensorsFiles, open_source, save_checkpoint

OWNERS = Path(__file__).parent / "owners"
FOREIGN = ("pack-quantized", "nvfp4-pack-quantized", "mxfp8-quantized", "modelopt", "gpt-oss")
SEEDS = 10
FILES = 1000  # for each seed: 400 safetensors, 400 GGUF, 200 configs
SECONDS = 5.0
# Of what Python allocates for a file of a few kilobytes: its header as objects, codes as bytes.
MEMORY = 400_000


class Tally:
    """How many files were read, and how many refused."""

    def __init__(self) -> None:
        self.read = self.refused = 0

    def __call__(self, path: Path) -> None:
        """Read all of it that can be read, within the limits."""
        tracemalloc.start()
        began = time.perf_counter()
        try:
            _read_all(path)
            self.read += 1
        except CheckpointError as error:
            assert str(path) in str(error) and str(error).isprintable()
            assert len(str(error)) < 1500
            self.refused += 1
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert time.perf_counter() - began < SECONDS
        assert peak < MEMORY, f"{peak} bytes"


def _read_all(path: Path) -> None:
    with open_source(path, decode="F32") as source:
        totals(source_rows(source))
        for tensor in source.tensors.values():
            value = tensor.read()
            assert tuple(value.shape) == tensor.shape
            if isinstance(value, QuantizedTensor):
                assert tensor.spec is not None and value.mode == tensor.spec.mode


@pytest.fixture(scope="module", autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is imported and made once counts for no file."""
    path = write_gguf(
        tmp_path_factory.mktemp("warm") / "x.gguf",
        {"x.weight": (random_blocks(np.random.default_rng(1), Type.Q6_K, (2, 256)), Type.Q6_K)},
    )
    _read_all(path)
    for kind, (_, block_bytes) in gguf.GGML_QUANT_SIZES.items():
        with contextlib.suppress(NotImplementedError):  # the package makes tables on first use
            gguf.dequantize(np.zeros((1, block_bytes), np.uint8), kind)
    for name in FOREIGN:
        _read_all(OWNERS / name)


def safetensors_file(header: Any, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def split(path: Path) -> tuple[Any, bytes]:
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_safetensors(tmp_path: Path, seed: int) -> None:
    """Of MLX's layout, and of each other tool: the header as JSON, and the bytes as bytes."""
    source, tally = random.Random(seed), Tally()
    mlx = tmp_path / "mlx.safetensors"
    w = np.random.default_rng(seed).standard_normal((4, 64)).astype(np.float32)
    save_checkpoint(mlx, {"a.weight": QuantizedTensor.quantize(w, mode="nvfp4"), "b.weight": w})
    files = [mlx, *(OWNERS / name / "model.safetensors" for name in FOREIGN)]
    damaged = tmp_path / "x.safetensors"
    for turn in range(FILES * 4 // 10):
        good = files[turn % len(files)]
        if turn % 2:
            damaged.write_bytes(damage_bytes(source, good.read_bytes(), 600))
        else:
            header, data = split(good)
            damaged.write_bytes(safetensors_file(damage_json(source, header), data))
        tally(damaged)
    assert tally.read > 5 and tally.refused > 200


@pytest.mark.parametrize("seed", range(SEEDS))
def test_gguf(tmp_path: Path, seed: int) -> None:
    """A model of the architecture llama with a tokenizer, and quantized tensors of all kinds."""
    source, tally = random.Random(seed), Tally()
    random_source = np.random.default_rng(seed)
    kinds = (Type.Q4_0, Type.Q4_K, Type.NVFP4, Type.Q6_K, Type.Q1_0)
    tensors = {
        f"blk.0.{name}.weight": (random_blocks(random_source, kind, (8, 256)), kind)
        for name, kind in zip(("attn_q", "attn_k", "x", "y", "z"), kinds, strict=True)
    }
    fields = {
        "llama.block_count": 1,
        "llama.context_length": 64,
        "llama.embedding_length": 256,
        "llama.feed_forward_length": 256,
        "llama.attention.head_count": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["a", "b", "ab"],
        "tokenizer.ggml.merges": ["a b"],
    }
    good = write_gguf(tmp_path / "good.gguf", tensors, "llama", fields).read_bytes()
    damaged = tmp_path / "x.gguf"
    for _ in range(FILES * 4 // 10):
        damaged.write_bytes(damage_bytes(source, good, 1200))
        tally(damaged)
    assert tally.read > 5 and tally.refused > 200


@pytest.mark.parametrize("seed", range(SEEDS))
def test_configs_and_indexes(tmp_path: Path, seed: int) -> None:
    """The config.json of a model, the table in metadata, and the index of shards."""
    source, tally = random.Random(seed), Tally()
    w = np.random.default_rng(seed).standard_normal((4, 64)).astype(np.float32)
    config = {
        "model_type": "x",
        "quantization": {
            "group_size": 32,
            "bits": 4,
            "mode": "mxfp4",
            "b": {"group_size": 64, "bits": 4, "mode": "affine"},
            "c": False,
        },
    }
    model = tmp_path / "model.safetensors"
    save_checkpoint(
        model,
        {
            "a.weight": QuantizedTensor.quantize(w, mode="mxfp4"),
            "b.weight": QuantizedTensor.quantize(w, mode="affine"),
            "c.weight": w,
        },
    )
    header, data = split(model)
    header.pop("__metadata__")
    model.write_bytes(safetensors_file(header, data))
    files = dict.fromkeys(header, "model.safetensors")
    index = {"metadata": {"total_size": len(data)}, "weight_map": files}
    said = json.dumps(config["quantization"])

    def write(name: str, value: Any) -> None:
        (tmp_path / name).write_text(json.dumps(value))

    for turn in range(FILES * 2 // 10):
        write("config.json", config)
        write("model.safetensors.index.json", index)
        model.write_bytes(safetensors_file(header, data))
        match turn % 4:
            case 0:
                write("config.json", damage_json(source, config))
            case 1:
                good = json.dumps(config).encode()
                (tmp_path / "config.json").write_bytes(damage_bytes(source, good, len(good)))
            case 2:
                write("model.safetensors.index.json", damage_json(source, index))
            case 3:
                metadata = {
                    "quantization": damage_bytes(source, said.encode(), 200).decode("latin1")
                }
                model.write_bytes(safetensors_file({"__metadata__": metadata, **header}, data))
        tally(tmp_path)
    assert tally.read > 5 and tally.refused > 20


def test_the_files_that_are_damaged_are_good(tmp_path: Path) -> None:
    """Else every error above would be the wrong one."""
    for name in FOREIGN:
        with open_source(OWNERS / name) as source, SafetensorsFiles(OWNERS / name) as files:
            assert source.tensors and files.tensors
        with Checkpoint(OWNERS / name / "model.safetensors") as checkpoint:
            assert checkpoint_rows(checkpoint)


def test_counts_beyond_the_file_are_refused_at_once(tmp_path: Path) -> None:
    """What the gguf package's own reader follows for ever: an array of 2^60 bytes."""
    key = b"a.numbers"
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", len(key)) + key
    path = tmp_path / "x.gguf"
    for kind in (0, 8, 9):
        path.write_bytes(header + struct.pack("<IIQ", 9, kind, 2**60))
        began = time.perf_counter()
        with pytest.raises(CheckpointError, match=r"cut short|array of arrays"):
            open_source(path)
        assert time.perf_counter() - began < SECONDS
