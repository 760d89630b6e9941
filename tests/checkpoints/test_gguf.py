"""GGUF, against the gguf package's own reader and dequantizer, and MLX's own loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGMLQuantizationType as Type

from checkpoints.gguf_files import random_blocks, write_gguf
from exact_values import exact_values
from thinbit import QuantizedTensor
from thinbit.io import Checkpoint, CheckpointError, convert, open_source
from thinbit.io.formats.gguf_blocks import BLOCK_FORMATS
from thinbit.io.formats.gguf_reader import GgufReader

mx = pytest.importorskip("mlx.core")

SHAPE = (6, 512)
# The package knows Q1_0's size, and has no dequantizer of it.
OWNED = [kind for kind in BLOCK_FORMATS if kind != Type.Q1_0]


def read(path: Path, name: str = "x.weight") -> QuantizedTensor:
    with open_source(path) as source:
        tensor = source.tensors[name].read()
    assert isinstance(tensor, QuantizedTensor)
    return tensor


@pytest.mark.parametrize("kind", OWNED, ids=lambda kind: kind.name)
def test_every_block_type_has_the_values_of_ggufs_own_dequantizer(
    tmp_path: Path, kind: Type
) -> None:
    data = random_blocks(np.random.default_rng(int(kind)), kind, SHAPE)
    path = write_gguf(tmp_path / "x.gguf", {"x.weight": (data, kind)})
    expected = gguf.dequantize(data, kind)
    assert np.isfinite(expected).all() and (expected != 0).mean() > 0.5
    np.testing.assert_array_equal(exact_values(read(path)).astype(np.float32), expected)
    with open_source(path) as source:
        assert source.tensors["x.weight"].loss is None
        report = convert(source, tmp_path / "x.safetensors")
    assert not report.lossy
    with Checkpoint(tmp_path / "x.safetensors") as checkpoint:
        assert checkpoint.quantized("x") == read(path)


@pytest.mark.parametrize("kind", [Type.Q4_0, Type.MXFP4], ids=lambda kind: kind.name)
def test_experts_keep_their_leading_axis(tmp_path: Path, kind: Type) -> None:
    data = random_blocks(np.random.default_rng(1), kind, (3, 4, 64))
    tensor = read(write_gguf(tmp_path / "x.gguf", {"x.weight": (data, kind)}))
    assert tensor.shape == (3, 4, 64)
    np.testing.assert_array_equal(
        exact_values(tensor).astype(np.float32), gguf.dequantize(data, kind)
    )


def test_q1_0_is_plus_or_minus_its_scale(tmp_path: Path) -> None:
    data = random_blocks(np.random.default_rng(2), Type.Q1_0, (2, 256))
    tensor = read(write_gguf(tmp_path / "x.gguf", {"x.weight": (data, Type.Q1_0)}))
    blocks = data.reshape(2, 2, 18)
    d = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float64)
    bits = np.unpackbits(blocks[..., 2:], axis=-1, bitorder="little")
    np.testing.assert_array_equal(exact_values(tensor), np.where(bits, d, -d).reshape(2, 256))
    assert (tensor.bits, tensor.group_size) == (1, 128)


@pytest.mark.parametrize("factor", [0.5, 1.9])
def test_the_factor_of_nvfp4_becomes_the_global_scale(tmp_path: Path, factor: float) -> None:
    data = random_blocks(np.random.default_rng(3), Type.NVFP4, (4, 128))
    scale = np.array([factor], np.float32)
    path = write_gguf(
        tmp_path / "x.gguf",
        {"x.weight": (data, Type.NVFP4), "x.scale": (scale, Type.F32)},
    )
    tensor = read(path)
    assert tensor.global_scale is not None
    exact = gguf.dequantize(data, Type.NVFP4).astype(np.float64) * scale
    np.testing.assert_allclose(exact_values(tensor), exact, rtol=4e-7)
    with open_source(path) as source:
        assert set(source.tensors) == {"x.weight"}
        # 0.5 comes back from 2688 * 0.5 in float32, 1.9 does not.
        assert (source.tensors["x.weight"].loss is None) == (factor == 0.5)


@pytest.mark.parametrize("factor", [0.0, -1.0, np.nan, 1e36, 1e-44])
def test_a_factor_that_is_no_global_scale_is_refused(tmp_path: Path, factor: float) -> None:
    data = random_blocks(np.random.default_rng(10), Type.NVFP4, (4, 128))
    scale = np.array([factor], np.float32)
    path = write_gguf(
        tmp_path / "x.gguf", {"x.weight": (data, Type.NVFP4), "x.scale": (scale, Type.F32)}
    )
    with pytest.raises(
        CheckpointError, match=r"'x.scale' is \[.*\]; it must be positive and finite"
    ):
        open_source(path)


def test_types_without_an_exact_form_are_refused_or_decoded(tmp_path: Path) -> None:
    data = random_blocks(np.random.default_rng(4), Type.Q6_K, SHAPE)
    path = write_gguf(tmp_path / "x.gguf", {"x.weight": (data, Type.Q6_K)})
    with pytest.raises(CheckpointError, match=r"'x.weight' is Q6_K, which has no exact form"):
        open_source(path)
    with open_source(path, decode="F32") as source:
        array = source.tensors["x.weight"].read()
        assert source.tensors["x.weight"].loss == "Q6_K was decoded to F32"
    np.testing.assert_array_equal(array, gguf.dequantize(data, Type.Q6_K))


def test_quantized_tensors_that_are_no_weights_are_refused(tmp_path: Path) -> None:
    data = random_blocks(np.random.default_rng(9), Type.Q4_0, (2, 64))
    path = write_gguf(tmp_path / "x.gguf", {"x.table": (data, Type.Q4_0)})
    with pytest.raises(CheckpointError, match=r"'x.table' is Q4_0, of shape \[2, 64\]; only an X"):
        open_source(path)
    with open_source(path, decode="F32") as source:
        assert source.tensors["x.table"].read().shape == (2, 64)


def test_a_scale_that_float16_cannot_hold_is_an_error(tmp_path: Path) -> None:
    data = random_blocks(np.random.default_rng(5), Type.Q8_0, (1, 32))
    data[0, :2] = np.array([1000], "<f2").view(np.uint8)
    path = write_gguf(tmp_path / "x.gguf", {"x.weight": (data, Type.Q8_0)})
    with pytest.raises(CheckpointError, match=r"'x.weight': a bias, its scale times -128"):
        read(path)


def test_the_header_is_read_as_ggufs_own_reader_reads_it(tmp_path: Path) -> None:
    fields = {
        "a.text": "héllo\n",
        "a.count": 7,
        "a.part": 0.5,
        "a.yes": True,
        "a.words": ["", "x", "ÿ" * 300],
        "a.numbers": [3, -1, 2],
    }
    source = np.random.default_rng(6)
    tensors: dict[str, tuple[npt.NDArray[Any], Type]] = {
        "f.weight": (source.standard_normal((3, 5)).astype(np.float32), Type.F32),
        "h.weight": (source.standard_normal((2, 2, 4)).astype(np.float16), Type.F16),
        "q.weight": (random_blocks(source, Type.Q5_1, (2, 64)), Type.Q5_1),
    }
    path = write_gguf(tmp_path / "x.gguf", tensors, fields=fields)
    theirs = gguf.GGUFReader(path)
    ours = GgufReader(path)
    for key, value in fields.items():
        assert ours.field(key, type(value)) == theirs.fields[key].contents() == value
    assert list(ours.tensors) == [tensor.name for tensor in theirs.tensors]
    for tensor in theirs.tensors:
        info = ours.tensors[tensor.name]
        assert info.type == tensor.tensor_type
        assert info.shape == tuple(int(size) for size in reversed(tensor.shape))
        assert ours.data(tensor.name).tobytes() == tensor.data.tobytes()
    ours.close()


def test_mlx_loads_the_same_bytes_from_a_gguf_file(tmp_path: Path) -> None:
    source = np.random.default_rng(7)
    kinds = (Type.Q4_0, Type.Q4_1, Type.Q8_0)
    tensors = {f"{k.name}.weight": (random_blocks(source, k, SHAPE), k) for k in kinds}
    path = write_gguf(tmp_path / "x.gguf", tensors)
    theirs = mx.load(str(path))
    for kind in kinds:
        tensor = read(path, f"{kind.name}.weight")
        for part, array in (
            ("weight", tensor.packed),
            ("scales", tensor.scales),
            ("biases", tensor.biases),
        ):
            expected = np.array(theirs[f"{kind.name}.{part}"])
            assert array is not None
            assert array.dtype == expected.dtype and array.tobytes() == expected.tobytes()


def test_a_part_of_a_split_file_is_refused(tmp_path: Path) -> None:
    data = random_blocks(np.random.default_rng(8), Type.Q4_0, (2, 64))
    tensors = {"x.weight": (data, Type.Q4_0)}
    path = write_gguf(tmp_path / "x.gguf", tensors, fields={"split.count": 3})
    with pytest.raises(CheckpointError, match="this is one of 3 parts"):
        open_source(path)
    open_source(write_gguf(tmp_path / "y.gguf", tensors, fields={"split.count": 1})).close()
