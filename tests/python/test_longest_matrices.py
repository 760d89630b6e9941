"""The library against the model and float64, on more data and larger shapes than the vectors."""

from __future__ import annotations

import itertools
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
import thinbit
from reference_model import datasets

pytestmark = pytest.mark.full

Array = npt.NDArray[Any]
FLOATS = [np.dtype(np.float32), np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)]
SETTINGS = model.ALL_SETTINGS
QQ_SETTINGS = [settings for settings in SETTINGS if settings[0] != "affine"]
ODD_SHAPES = [
    (1, 1, 1),
    (1, 33, 3),
    (2, 130, 2),
    (5, 7, 9),
    (17, 65, 1),
    (31, 129, 5),
    (64, 257, 2),
]
"""(M, N, groups in K)."""


def random_bits(dtype: np.dtype[Any], shape: tuple[int, int]) -> Array:
    """Every exponent, subnormals and both zeros among them, to a quarter of the largest number."""
    words = np.random.RandomState(7).randint(0, 1 << 16, size=(*shape, dtype.itemsize // 2))
    values = words.astype(np.uint16).view(dtype)[..., 0]
    limit = ml_dtypes.finfo(dtype).max / 4
    with np.errstate(invalid="ignore"):
        small = np.abs(values.astype(np.float64)) <= float(limit)
    return np.where(small, values, dtype.type(0.5))


def weights(name: str, dtype: np.dtype[Any]) -> Array:
    if name == "random_bits":
        return random_bits(dtype, (96, 1024))
    return datasets.make(name, dtype, rows=96, columns=1024)


def assert_same_bytes(ours: Array | None, expected: Array | None) -> None:
    if ours is None or expected is None:
        assert ours is expected
        return
    assert (ours.dtype, ours.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(ours.view(np.uint8), expected.view(np.uint8))


def call_settings(settings: tuple[str, int, int]) -> dict[str, Any]:
    return dict(zip(("mode", "group_size", "bits"), settings, strict=True))


def assert_within(out: Array, reference: Array, total: Array, bound: tuple[float, float]) -> None:
    relative, of_total = bound
    error = np.abs(out.astype(np.float64) - reference)
    assert (error <= relative * np.abs(reference) + of_total * total).all()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", [*datasets.names(), "random_bits"])
def test_quantize_and_dequantize_give_the_bytes_of_the_model(
    name: str, dtype: np.dtype[Any]
) -> None:
    w = weights(name, dtype)
    for settings in SETTINGS:
        parts = thinbit.quantize(w, **call_settings(settings))
        for ours, expected in zip(parts, model.quantize(w, *settings), strict=True):
            assert_same_bytes(ours, expected)
        for out_dtype in FLOATS:
            ours = thinbit.dequantize(*parts, **call_settings(settings), dtype=out_dtype)
            assert_same_bytes(ours, model.dequantize(*parts, *settings, dtype=out_dtype))


@pytest.mark.parametrize("relative", [1.0, 0.37, 5.0])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", ["normal_unit", "normal_scales", "e2m1_ties", "single_outlier"])
def test_a_global_scale_gives_the_bytes_of_the_model(
    name: str, dtype: np.dtype[Any], relative: float
) -> None:
    w = weights(name, dtype)
    scale = np.array(np.abs(model.to_float32(w)).max() * np.float32(relative))
    parts = thinbit.quantize(w, mode="nvfp4", global_scale=scale)
    for ours, expected in zip(
        parts, model.quantize(w, "nvfp4", global_scale=scale[()]), strict=True
    ):
        assert_same_bytes(ours, expected)
    ours = thinbit.dequantize(*parts, mode="nvfp4", global_scale=scale)
    expected = model.dequantize(*parts, "nvfp4", global_scale=scale[()], dtype=np.float32)
    assert_same_bytes(ours, expected)


@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_products_keep_the_bound(
    settings: tuple[str, int, int], dtype: np.dtype[Any], transpose: bool
) -> None:
    for m, n, groups in ODD_SHAPES:
        packed_axis = groups * settings[1]
        shape = (n, packed_axis) if transpose else (packed_axis + 3, packed_axis)
        w = model.round_float32(datasets.normal(21, shape).astype(np.float32), dtype)
        parts = thinbit.quantize(w, **call_settings(settings))
        real = model.real_weights(*parts, *settings)
        real = real.T if transpose else real
        x = model.round_float32(datasets.normal(22, (m, len(real))).astype(np.float32), dtype)
        out = thinbit.quantized_matmul(x, *parts, transpose=transpose, **call_settings(settings))
        wide = x.astype(np.float64)
        assert_within(out, wide @ real, np.abs(wide) @ np.abs(real), model.bound(dtype))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_large_product_keeps_the_rms_bound_with_any_threads(
    settings: tuple[str, int, int], dtype: np.dtype[Any]
) -> None:
    w = model.round_float32(datasets.normal(23, (768, 2048)).astype(np.float32), dtype)
    x = model.round_float32(datasets.normal(24, (24, 2048)).astype(np.float32), dtype)
    parts = thinbit.quantize(w, **call_settings(settings))
    outs = []
    for threads in (1, 2, 5):
        context = thinbit.Context(threads=threads)
        outs.append(thinbit.quantized_matmul(x, *parts, **call_settings(settings), context=context))
    for out in outs[1:]:
        assert_same_bytes(out, outs[0])
    reference = x.astype(np.float64) @ model.real_weights(*parts, *settings).T
    error = outs[0].astype(np.float64) - reference
    assert np.sqrt((error**2).mean() / (reference**2).mean()) <= model.rms_bound(dtype)


@pytest.mark.parametrize("float_weight", [True, False])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("settings", QQ_SETTINGS, ids=str)
def test_products_of_two_quantized_sides_keep_the_bound(
    settings: tuple[str, int, int], dtype: np.dtype[Any], float_weight: bool
) -> None:
    for m, n, groups in ODD_SHAPES:
        columns = groups * settings[1]
        w = model.round_float32(datasets.normal(25, (n, columns)).astype(np.float32), dtype)
        x = model.round_float32(datasets.normal(26, (m, columns)).astype(np.float32), dtype)
        packed, scales, _ = thinbit.quantize(w, **call_settings(settings))
        operands = (w,) if float_weight else (packed, scales)
        out = thinbit.qqmm(x, *operands, **call_settings(settings))
        real_x = model.real_weights(*model.quantize(x, *settings), *settings)
        real_w = model.real_weights(packed, scales, None, *settings).T
        assert_within(out, real_x @ real_w, np.abs(real_x) @ np.abs(real_w), model.qq_bound(dtype))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_gathered_products_are_those_of_the_picked_matrices(settings: tuple[str, int, int]) -> None:
    w = datasets.normal(27, (4, 3, 37, settings[1] * 3)).astype(np.float32)
    x = datasets.normal(28, (5, 2, settings[1] * 3)).astype(np.float32)
    parts = thinbit.quantize(w, **call_settings(settings))
    random = np.random.RandomState(29)
    left, right = random.randint(0, 5, (6, 1)), random.randint(0, 12, (1, 7))
    out = thinbit.gather_qmm(x, *parts, left, right, **call_settings(settings))
    assert out.shape == (6, 7, 2, 37)
    flat = [None if part is None else part.reshape(12, *part.shape[2:]) for part in parts]
    for i, j in itertools.product(range(6), range(7)):
        one = [None if part is None else part[right[0, j]] for part in flat]
        alone = thinbit.quantized_matmul(x[left[i, 0]], *one, **call_settings(settings))
        assert_same_bytes(out[i, j], alone)
