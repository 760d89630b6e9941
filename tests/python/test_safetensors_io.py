"""Files that thinbit writes hold what was given, and other libraries read them so."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest
import safetensors
import safetensors.numpy

import thinbit
from thinbit._generated.modes import MODES
from thinbit.io import (
    Checkpoint,
    CheckpointError,
    QuantizationSpec,
    SafetensorsReader,
    SafetensorsWriter,
    TensorDeclaration,
    quantize_file,
    save_checkpoint,
    write_safetensors,
)
from thinbit.io.safetensors_header import DTYPE_BITS, NUMPY_DTYPES

mx: Any = None
try:
    mx = importlib.import_module("mlx.core")
except ImportError:
    if os.environ.get("CI"):
        raise

needs_mlx = pytest.mark.skipif(mx is None, reason="mlx is not installed")

Array = npt.NDArray[Any]
BF16 = np.dtype(ml_dtypes.bfloat16)
SPECS = [
    QuantizationSpec(mode.name, bits, group_size)
    for mode in MODES.values()
    for bits in mode.bits
    for group_size in mode.group_sizes
]


def example(dtype: npt.DTypeLike = np.float32) -> dict[str, Array]:
    """A model in small: two matrices, one of which no group divides, and what is not a matrix."""
    random = np.random.default_rng(7)
    return {
        "embed.weight": random.standard_normal((40, 256)).astype(dtype),
        "layer.0.proj.weight": (0.02 * random.standard_normal((24, 128))).astype(dtype),
        "layer.0.proj.bias": random.standard_normal(24).astype(dtype),
        "layer.0.odd.weight": random.standard_normal((6, 40)).astype(dtype),
        "layer.0.norm.weight": np.ones(128, dtype),
        "zeros.weight": np.zeros((4, 128), dtype),
        "ids": np.arange(5),
    }


def as_bytes(array: object) -> bytes:
    return np.ascontiguousarray(np.asarray(array)).tobytes()


@pytest.mark.parametrize("code", NUMPY_DTYPES)
def test_every_dtype_is_written_as_the_safetensors_library_writes_it(
    tmp_path: Path, code: str
) -> None:
    array = np.arange(12).reshape(3, 4).astype(NUMPY_DTYPES[code])
    tensors = {
        "b": array,
        "a": array[:1],
        "wide": np.zeros(3, np.float64),
        "byte": np.zeros(3, np.int8),
    }
    path = tmp_path / "model.safetensors"
    write_safetensors(path, tensors, {"format": "pt"})
    assert path.read_bytes() == safetensors.numpy.save(tensors, {"format": "pt"})
    with SafetensorsReader(path) as reader:
        for name, expected in tensors.items():
            found = reader.read(name)
            assert found.dtype == expected.dtype and found.shape == expected.shape
            assert as_bytes(found) == as_bytes(expected)


def test_scalars_empty_tensors_and_odd_names_round_trip(tmp_path: Path) -> None:
    tensors: dict[str, Array] = {
        "": np.array(3, np.float32),
        'a "quoted"\n name': np.zeros((0, 7), np.float16),
        "gewöhnlich/重み": np.ones((2, 1, 3), BF16),
    }
    path = tmp_path / "model.safetensors"
    write_safetensors(path, tensors)
    assert path.read_bytes() == safetensors.numpy.save(tensors)
    with SafetensorsReader(path) as reader:
        assert set(reader.tensors) == set(tensors)
        for name, expected in tensors.items():
            assert as_bytes(reader.read(name)) == as_bytes(expected)


def test_dtypes_that_numpy_lacks_are_copied_byte_for_byte(tmp_path: Path) -> None:
    lacking = [code for code in DTYPE_BITS if code not in NUMPY_DTYPES]
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    declared = [TensorDeclaration(code, code, (2, 4)) for code in lacking]
    declared.append(TensorDeclaration("a.weight", "F32", (2, 32)))
    with SafetensorsWriter(source, declared) as writer:
        for code in lacking:
            writer.copy(code, [os.urandom(DTYPE_BITS[code])])
        writer.write("a.weight", np.ones((2, 32), np.float32))
    quantize_file(source, target, QuantizationSpec.parse("mxfp4"))
    with SafetensorsReader(source) as before, SafetensorsReader(target) as after:
        for code in lacking:
            assert list(before.chunks(code)) == list(after.chunks(code))
            assert before.tensors[code].dtype == after.tensors[code].dtype
        with pytest.raises(
            CheckpointError, match=f"is {lacking[0]}, for which there is no type to read it as"
        ):
            after.read(lacking[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float16, BF16])
@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_quantized_file_holds_what_the_api_gives(
    tmp_path: Path, spec: QuantizationSpec, dtype: npt.DTypeLike
) -> None:
    tensors = example(dtype)
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    write_safetensors(source, tensors, {"format": "pt", "licence": "MIT"})
    report = quantize_file(source, target, spec)
    stored = safetensors.numpy.load_file(target)

    quantized = {r.step.tensor.name for r in report.quantized}
    assert quantized == {
        name
        for name, array in tensors.items()
        if array.ndim == 2 and array.shape[1] % spec.group_size == 0
    }
    for name, array in tensors.items():
        if name not in quantized:
            assert stored.pop(name).dtype == array.dtype
            continue
        expected = thinbit.QuantizedTensor.quantize(
            array, mode=spec.mode, bits=spec.bits, group_size=spec.group_size
        )
        module = name.removesuffix(".weight")
        parts = {
            "weight": expected.packed,
            "scales": expected.scales,
            "biases": expected.biases,
            "global_scale": expected.global_scale,
        }
        if spec.has_global_scale and not array.any():
            parts["global_scale"] = np.array(1, np.float32)
        for part, value in parts.items():
            if value is not None:
                assert as_bytes(stored.pop(f"{module}.{part}")) == as_bytes(value), (name, part)
    assert not stored
    with Checkpoint(target) as checkpoint:
        assert checkpoint.metadata["format"] == "mlx"
        assert checkpoint.metadata["licence"] == "MIT"
        said = json.loads(checkpoint.metadata["quantization"])
        assert said.pop("layer.0.odd") is False
        assert said == spec.to_json()
        weight = checkpoint.quantized("embed")
        assert (weight.mode, weight.bits, weight.group_size) == (
            spec.mode,
            spec.bits,
            spec.group_size,
        )


def test_kept_tensors_are_the_same_bytes(tmp_path: Path) -> None:
    tensors = example()
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    write_safetensors(source, tensors)
    quantize_file(source, target, QuantizationSpec.parse("affine:4"))
    stored = safetensors.numpy.load_file(target)
    for name in ("layer.0.proj.bias", "layer.0.odd.weight", "layer.0.norm.weight", "ids"):
        assert as_bytes(stored[name]) == as_bytes(tensors[name])


def test_the_reported_error_is_that_of_the_values(tmp_path: Path) -> None:
    tensors = example()
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    write_safetensors(source, tensors)
    report = quantize_file(source, target, QuantizationSpec.parse("nvfp4"))
    total_error = total_weights = 0.0
    with Checkpoint(target) as checkpoint:
        for tensor in report.quantized:
            name = tensor.step.tensor.name
            values = np.asarray(checkpoint.quantized(name.removesuffix(".weight")).dequantize())
            exact = tensors[name].astype(np.float64)
            error, weights = ((values - exact) ** 2).sum(), (exact**2).sum()
            expected = np.sqrt(error / weights) if weights else 0.0
            assert tensor.relative_rms_error == pytest.approx(expected, rel=1e-12)
            total_error, total_weights = total_error + error, total_weights + weights
    assert report.relative_rms_error == pytest.approx(np.sqrt(total_error / total_weights))
    # 4 bits, 8 for each 16 elements, and one float32 for each of the three tensors
    elements = (40 * 256, 24 * 128, 4 * 128)
    assert report.quantized_bits_per_weight == pytest.approx(4.5 + 3 * 32 / sum(elements))
    assert report.bytes_out == target.stat().st_size
    assert report.bytes_in == source.stat().st_size


@needs_mlx
@pytest.mark.parametrize("dtype", [np.float32, np.float16, BF16])
@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_mlx_reads_the_same_values(
    tmp_path: Path, spec: QuantizationSpec, dtype: npt.DTypeLike
) -> None:
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    write_safetensors(source, example(dtype))
    quantize_file(source, target, spec)
    arrays, metadata = mx.load(str(target), return_metadata=True)
    said = json.loads(metadata["quantization"])
    settings = {key: said[key] for key in ("group_size", "bits", "mode")}
    # MLX gives float32 wherever there is a global scale; its other dtypes are asked for.
    float32 = {} if spec.mode == "affine" else {"dtype": mx.float32}
    with Checkpoint(target) as checkpoint:
        for module in checkpoint.modules:
            theirs = mx.dequantize(
                arrays[f"{module}.weight"],
                arrays[f"{module}.scales"],
                arrays.get(f"{module}.biases"),
                global_scale=arrays.get(f"{module}.global_scale"),
                **settings,
                **float32,
            )
            ours = np.asarray(checkpoint.quantized(module).dequantize())
            if ours.dtype == BF16:
                assert theirs.dtype == mx.bfloat16
                np.testing.assert_array_equal(
                    np.array(theirs.view(mx.uint16)), ours.view(np.uint16)
                )
            else:
                np.testing.assert_array_equal(np.array(theirs), ours)


@needs_mlx
def test_what_mlx_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mlx.safetensors"
    w = mx.random.normal((8, 128))
    for mode, module in (("affine", "a"), ("mxfp4", "b"), ("mxfp8", "c"), ("nvfp4", "d")):
        parts = mx.quantize(w, mode=mode)
        names = ("weight", "scales", "biases")
        arrays = {f"{module}.{part}": array for part, array in zip(names, parts, strict=False)}
        mx.save_safetensors(str(path), arrays, metadata={"format": "mlx"})
        with Checkpoint(path) as checkpoint:
            found = checkpoint.modules[module]
            if mode == "affine":
                assert found.spec is None
                assert QuantizationSpec("affine", 4, 64) in found.candidates
                with pytest.raises(CheckpointError, match=r"affine:2:g128 or .*says which"):
                    checkpoint.quantized(module)
            else:
                assert found.spec is not None and found.spec.mode == mode
                theirs = mx.dequantize(*parts, mode=mode, dtype=mx.float32)
                ours = np.asarray(checkpoint.quantized(module).dequantize())
                np.testing.assert_array_equal(np.array(theirs), ours)
    (tmp_path / "config.json").write_text('{"quantization": {"group_size": 64, "bits": 4}}')
    mx.save_safetensors(
        str(path), dict(zip(("weight", "scales", "biases"), mx.quantize(w), strict=True))
    )
    with Checkpoint(path) as checkpoint:
        assert checkpoint.modules[""].spec == QuantizationSpec("affine", 4, 64)


def test_quantized_tensors_are_saved_with_their_own_specs(tmp_path: Path) -> None:
    w = example()["embed.weight"]
    saved = {f"{mode}.weight": thinbit.QuantizedTensor.quantize(w, mode=mode) for mode in MODES}
    save_checkpoint(tmp_path / "x.safetensors", {**saved, "bias": np.ones(3, np.float32)})
    with Checkpoint(tmp_path / "x.safetensors") as checkpoint:
        assert list(checkpoint.plain) == ["bias"]
        for mode in MODES:
            found = checkpoint.quantized(mode)
            assert found.mode == mode
            expected = saved[f"{mode}.weight"].dequantize()
            np.testing.assert_array_equal(np.asarray(found.dequantize()), np.asarray(expected))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t.pop("x.biases"), "module 'x': affine needs biases, and there are none"),
        (
            lambda t: t.update({"x.biases": np.zeros((4, 2), np.float16)}),
            r"the biases are F16 \[4, 2\], the scales F32 \[4, 2\]; they must be alike",
        ),
        (
            lambda t: t.update({"x.scales": np.zeros((4, 2), np.uint8)}),
            "it is said to be affine:4:g64, which does not fit .*U8 scales",
        ),
        (
            lambda t: t.update({"x.scales": np.zeros((3, 2), np.float32)}),
            r"weight \[4, 16\] and F32 scales \[3, 2\] belong to no mode",
        ),
        (
            lambda t: t.update({"x.global_scale": np.array(1, np.float32)}),
            "there is a global_scale, which affine does not have",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    tmp_path: Path, change: Callable[[dict[str, Array]], object], problem: str
) -> None:
    wq, scales, biases = thinbit.quantize(np.ones((4, 128), np.float32))
    tensors = {
        "x.weight": np.asarray(wq),
        "x.scales": np.asarray(scales),
        "x.biases": np.asarray(biases),
    }
    change(tensors)
    said = json.dumps(QuantizationSpec("affine", 4, 64).to_json())
    path = tmp_path / "x.safetensors"
    write_safetensors(path, tensors, {"quantization": said})
    with pytest.raises(CheckpointError, match=problem) as caught:
        Checkpoint(path)
    assert caught.value.path == str(path) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{", "quantization is wrong"),
        ("[]", "is no quantization"),
        ('{"mode": "int3"}', "the mode is 'int3'; there are affine"),
        ('{"mode": "mxfp4", "bits": 8}', "mxfp4 has 4 bits, not 8"),
        ('{"bits": true}', "bits is true; it must be an integer"),
        ('{"mode": "affine", "x": {"group_size": 7}}', "groups of 32, 64 or 128 elements, not 7"),
        ("[" * 100_000, "quantization is wrong"),
    ],
)
def test_a_quantization_that_cannot_be_is_refused(tmp_path: Path, said: str, problem: str) -> None:
    path = tmp_path / "x.safetensors"
    write_safetensors(path, {"a": np.ones(2, np.float32)}, {"quantization": said})
    with pytest.raises(CheckpointError, match=problem):
        Checkpoint(path)
