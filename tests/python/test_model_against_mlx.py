"""The reference model against MLX's CPU backend: equal bytes, but for differences that have a name.

The sweeps compare everything and leave out exactly what a test named `test_differs_...` below them
shows to differ, and how. MLX 0.32.4 is meant; the extra is `mlx[cpu]==0.32.4`.
"""

from __future__ import annotations

import os
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
from reference_model import datasets
from reference_model.quantize import Elements

try:
    from reference_model.mlx_oracle import (
        ARGMIN_TIES_FROM,
        E2M1_TIES_TO_ZERO,
        mlx_e2m1,
        mlx_quantize,
        subnormal_quotients,
        subnormal_sixths,
        without_subnormals,
        wrapped_groups,
    )
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("mlx is not installed", allow_module_level=True)

Array = npt.NDArray[Any]
BF16 = ml_dtypes.bfloat16
DTYPES = [np.float32, np.float16, BF16]
SETTINGS = model.ALL_SETTINGS
AFFINE = [setting[1:] for setting in SETTINGS if setting[0] == "affine"]


def assert_same_bytes(ours: Array | None, theirs: Array) -> None:
    assert ours is not None
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


# Quantize


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", datasets.names())
@pytest.mark.parametrize(("group_size", "bits"), AFFINE)
def test_affine_quantizes_to_the_bytes_of_mlx(
    group_size: int, bits: int, name: str, dtype: npt.DTypeLike
) -> None:
    w = datasets.make(name, dtype)
    theirs = mlx_quantize(without_subnormals(w), "affine", group_size, bits)
    for ours, other in zip(model.quantize(w, "affine", group_size, bits), theirs, strict=True):
        assert_same_bytes(ours, other)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", datasets.names())
def test_mxfp8_quantizes_to_the_bytes_of_mlx(name: str, dtype: npt.DTypeLike) -> None:
    w = without_subnormals(datasets.make(name, dtype))
    wq, scales, _ = model.quantize(w, "mxfp8")
    other_wq, other_scales = mlx_quantize(model.to_float32(w), "mxfp8", 32, 8)
    keep = ~wrapped_groups(w, 448)
    np.testing.assert_array_equal(scales[keep], other_scales[keep])
    codes, other = (model.unpack(q, 8).reshape(*keep.shape, 32) for q in (wq, other_wq))
    np.testing.assert_array_equal(codes[keep], other[keep])
    assert keep.all() or name in ("tiny", "float32_subnormals")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", datasets.names())
@pytest.mark.parametrize("relative_global_scale", [None, 1.0, 0.37, 5.0])
def test_fp4_quantizes_to_the_bytes_of_mlx(
    relative_global_scale: float | None, name: str, dtype: npt.DTypeLike
) -> None:
    """float16 and bfloat16 data are compared as float32: MLX rounds half types in between."""
    w = without_subnormals(datasets.make(name, dtype))
    amax = float(np.abs(model.to_float32(w)).max()) or 1.0
    # A smaller scale has no finite 2688/scale.
    smallest = float(np.float32(2.0**-116))
    settings: list[tuple[str, int, float | None]] = [("nvfp4", 16, None), ("mxfp4", 32, None)]
    if relative_global_scale is not None:
        settings = [("nvfp4", 16, float(np.float32(max(amax * relative_global_scale, smallest))))]
    for mode, group_size, global_scale in settings:
        ours = model.quantized_elements(w, mode, global_scale=global_scale)
        wq, scales = mlx_quantize(model.to_float32(w), mode, group_size, 4, global_scale)
        keep = np.ones(scales.shape, dtype=bool)
        if mode == "mxfp4":
            keep = ~wrapped_groups(w, 6)
        elif global_scale is not None:
            keep = ~subnormal_sixths(w)
        np.testing.assert_array_equal(ours.scales[keep], scales[keep])
        if mode == "nvfp4":
            zero = (ours.scales == 0).repeat(group_size, axis=-1)
            assert not model.unpack(wq, 4)[zero & keep.repeat(group_size, axis=-1)].any()
            assert not ours.codes[zero].any()
            keep &= ours.scales != 0
        keep_elements = keep.repeat(group_size, axis=-1)
        if mode == "nvfp4":
            keep_elements &= ~subnormal_quotients(w, ours.scales)
            assert keep_elements.all() or name in ("tiny", "float32_subnormals") or zero.any()
        compare_e2m1(ours, model.unpack(wq, 4), keep_elements, name)
        if dtype == np.float32 and name in ("normal_unit", "normal_weights", "uniform_unit"):
            assert np.isin(np.abs(ours.scaled), E2M1_TIES_TO_ZERO).mean() < 0.002
            assert (ours.codes == 8).mean() < 0.15


def compare_e2m1(ours: Elements, theirs: Array, keep: npt.NDArray[np.bool_], name: str) -> None:
    """Where kept, codes differ exactly at ties and at -0, and there as MLX's rule says."""
    x = ours.scaled
    huge = np.abs(x) >= ARGMIN_TIES_FROM
    tie = np.isin(np.abs(x), E2M1_TIES_TO_ZERO)
    negative_zero = ours.codes == 8
    explained = (tie | negative_zero) & ~huge
    np.testing.assert_array_equal((ours.codes != theirs)[keep & ~huge], explained[keep & ~huge])
    np.testing.assert_array_equal(theirs[keep & explained], mlx_e2m1(x)[keep & explained])
    assert name == "huge" or not huge.any()


def test_mxfp_exponents_agree_at_every_power_of_two_boundary() -> None:
    """M * 2^n and both float32 neighbours, for every n that neither side clamps or wraps."""
    for mode, largest, bits in (("mxfp4", 1.5, 4), ("mxfp8", 1.75, 8)):
        exponents = np.arange(-117, 127)
        edge = np.ldexp(largest, exponents).astype(np.float32)
        around = np.stack([edge, *(np.nextafter(edge, np.float32(f * np.inf)) for f in (-1, 1))])
        w = np.zeros((around.size, 32), dtype=np.float32)
        w[:, 3] = around.ravel()
        assert_same_bytes(model.quantize(w, mode)[1], mlx_quantize(w, mode, 32, bits)[1])


def test_batched_and_empty_inputs_quantize_like_mlx() -> None:
    w = datasets.normal(21, (2, 3, 4, 128)).astype(np.float32)
    for batch in (w, w[:0], w[:, :0]):
        for ours, other in zip(
            model.quantize(batch), mlx_quantize(batch, "affine", 64, 4), strict=True
        ):
            assert_same_bytes(ours, other)
    wq, scales = mlx_quantize(w, "mxfp8", 32, 8)
    assert_same_bytes(model.quantize(w, "mxfp8")[0], wq)
    assert_same_bytes(model.quantize(w, "mxfp8")[1], scales)


# Quantize: the named differences


@pytest.mark.parametrize("mode", ["mxfp4", "nvfp4"])
def test_differs_in_e2m1_ties(mode: str) -> None:
    w = np.zeros((2, 32), dtype=np.float32)
    w[:, :8] = [6, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5]
    w[:, 16] = 6
    w[1] *= -1
    ours = model.quantized_elements(w, mode).codes
    theirs = model.unpack(mlx_quantize(w, mode, 32 if mode == "mxfp4" else 16, 4)[0], 4)
    np.testing.assert_array_equal(ours[0, :8], [7, 0, 2, 2, 4, 4, 6, 6])
    np.testing.assert_array_equal(theirs[0, :8], [7, 0, 1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(ours[1, :8], [15, 8, 10, 10, 12, 12, 14, 14])
    np.testing.assert_array_equal(theirs[1, :8], [15, 0, 9, 10, 11, 12, 13, 14])


@pytest.mark.parametrize("mode", ["mxfp4", "nvfp4"])
def test_differs_in_the_sign_of_e2m1_zero(mode: str) -> None:
    w = np.full((1, 32), -0.1, dtype=np.float32)
    w[0, ::16] = 6
    w[0, 1] = -0.0
    theirs = model.unpack(mlx_quantize(w, mode, 32 if mode == "mxfp4" else 16, 4)[0], 4)
    ours = model.quantized_elements(w, mode).codes
    assert set(ours[0, 1:16]) == {8}
    assert set(theirs[0, 1:16]) == {0}


@pytest.mark.parametrize(("mode", "bits"), [("mxfp4", 4), ("mxfp8", 8)])
def test_differs_in_clamping_the_exponent_of_tiny_groups(mode: str, bits: int) -> None:
    w = np.full((1, 32), 2.0**-126, dtype=np.float32)
    wq, scales, _ = model.quantize(w, mode)
    assert scales[0, 0] == 0
    np.testing.assert_array_equal(model.dequantize(wq, scales, None, mode), w)
    other = mlx_quantize(w, mode, 32, bits)
    assert other[1][0, 0] >= 249  # n + 127 modulo 256
    assert not np.array_equal(model.dequantize(other[0], other[1], None, mode), w)


def test_differs_in_float32_subnormals_which_count_as_zero() -> None:
    w = np.full((1, 32), 2.0**-130, dtype=np.float32)
    bias = model.quantize(w, "affine", 32, 1)[2]
    assert bias is not None
    assert bias[0, 0] == 0
    assert mlx_quantize(w, "affine", 32, 1)[2][0, 0] == np.float32(2.0**-130)
    for mode, bits in (("mxfp4", 4), ("mxfp8", 8)):
        wq, scales, _ = model.quantize(w, mode)
        assert scales[0, 0] == 127
        assert not wq.any()
        assert mlx_quantize(w, mode, 32, bits)[1][0, 0] != 127
    # The bounds are zeros, so affine takes the negative branch; MLX sees |lo| > |hi| and does not.
    negative = -w
    assert model.quantize(negative, "affine", 32, 4)[1][0, 0] < 0
    negative[0, 0] = 0
    assert mlx_quantize(negative, "affine", 32, 4)[1][0, 0] > 0


def test_differs_in_subnormal_quotients_of_nvfp4() -> None:
    """amax/6, or w/d, is subnormal, and a small global scale multiplies it back into range."""
    tiny = np.full((1, 32), 2.0**-126, dtype=np.float32)
    assert not model.quantize(tiny, "nvfp4", global_scale=2.0**-116)[1].any()
    assert mlx_quantize(tiny, "nvfp4", 16, 4, 2.0**-116)[1].all()
    w = np.full((1, 32), 2.0**-118, dtype=np.float32)
    w[:, ::16] = 2.0**-112
    global_scale = 2.0**-116
    ours = model.quantized_elements(w, "nvfp4", global_scale=global_scale)
    wq, scales = mlx_quantize(w, "nvfp4", 16, 4, global_scale)
    np.testing.assert_array_equal(ours.scales, scales)
    assert ours.scales[0, 0] == 0x7E
    assert set(ours.codes[0, 1:16]) == {0}
    assert set(model.unpack(wq, 4)[0, 1:16]) == {int(mlx_e2m1(exact_nvfp4(w, global_scale))[0, 1])}
    assert model.unpack(wq, 4)[0, 1] != 0


def exact_nvfp4(w: Array, global_scale: float) -> npt.NDArray[np.float64]:
    return np.asarray(w.astype(np.float64) / 448 * (2688 / global_scale))


def test_differs_in_huge_nvfp4_elements() -> None:
    """MLX's nearest element is lost in float32's distances from about 1e10; ours saturates."""
    w = np.zeros((1, 32), dtype=np.float32)
    w[0, ::16], w[0, 1] = 1e12, -1e12
    ours = model.quantized_elements(w, "nvfp4").codes
    assert (ours[0, 0], ours[0, 1]) == (7, 15)
    theirs = model.unpack(mlx_quantize(w, "nvfp4", 16, 4)[0], 4)
    assert (theirs[0, 0], theirs[0, 1]) == (0, 0)


@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_differs_in_refusing_non_finite_input(
    value: float, mode: str, group_size: int, bits: int
) -> None:
    w = np.ones((2, 128), dtype=np.float32)
    w[1, 5] = value
    with pytest.raises(model.NonFinite) as error:
        model.quantize(w, mode, group_size, bits)
    assert error.value.first_index == 133
    mlx_quantize(w, mode, group_size, bits)


def test_differs_in_refusing_a_scale_that_overflows() -> None:
    w = np.zeros((1, 32), dtype=np.float16)
    w[0, :2] = 60000, -60000
    with pytest.raises(model.NonFinite):
        model.quantize(w, "affine", 32, 1)
    assert np.isinf(mlx_quantize(w, "affine", 32, 1)[1][0, 0])


def test_differs_in_element_counts_that_32_does_not_divide() -> None:
    w = np.ones((3, 16), dtype=np.float32)
    assert model.quantize(w, "nvfp4")[0].shape == (3, 2)
    with pytest.raises(ValueError, match="reshape"):
        mlx_quantize(w, "nvfp4", 16, 4)


def test_differs_in_fp4_without_rows() -> None:
    w = np.ones((0, 32), dtype=np.float32)
    assert model.quantize(w, "nvfp4")[1].shape == (0, 2)
    with pytest.raises(ValueError, match="zero size"):
        mlx_quantize(w, "nvfp4", 16, 4)


@pytest.mark.parametrize("dtype", [np.float16, BF16])
def test_differs_in_half_types_which_mlx_rounds_in_between(dtype: npt.DTypeLike) -> None:
    """amax/6 and w/d are rounded to the half type, then scaled: with a global scale that shows."""
    w = datasets.make("normal_unit", dtype, rows=256)
    ours = model.quantize(w, "nvfp4", global_scale=3.3)[1].astype(int)
    theirs = mlx_quantize(w, "nvfp4", 16, 4, 3.3)[1].astype(int)
    as_float32 = mlx_quantize(model.to_float32(w), "nvfp4", 16, 4, 3.3)[1].astype(int)
    np.testing.assert_array_equal(ours, as_float32)
    assert np.abs(ours - theirs).max() == 1
    assert (ours != theirs).mean() < 0.02


@pytest.mark.parametrize("dtype", [np.float16, BF16])
@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS[-3:])
def test_half_types_agree_without_a_global_scale(
    mode: str, group_size: int, bits: int, dtype: npt.DTypeLike
) -> None:
    w = datasets.make("normal_unit", dtype, rows=64)
    ours = model.quantized_elements(w, mode)
    wq, scales = mlx_quantize(w, mode, group_size, bits)
    assert_same_bytes(ours.scales, scales)
    codes = model.unpack(wq, bits)
    if mode == "mxfp8":
        np.testing.assert_array_equal(ours.codes, codes)
    else:
        compare_e2m1(ours, codes, np.ones(w.shape, dtype=bool), "normal_unit")


def test_differs_in_float16_groups_that_underflow() -> None:
    w = np.full((1, 32), 2.0**-20, dtype=np.float16)
    wq, scales, _ = model.quantize(w, "mxfp8")
    np.testing.assert_array_equal(model.dequantize(wq, scales, None, "mxfp8"), w)
    assert mlx_quantize(w, "mxfp8", 32, 8)[1][0, 0] == 127
