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
    import mlx.core as mx

    from reference_model.mlx_oracle import (
        ARGMIN_TIES_FROM,
        E2M1_TIES_TO_ZERO,
        Packed,
        from_mlx,
        mlx_dequantize,
        mlx_e2m1,
        mlx_quantize,
        parts_to_mlx,
        subnormal_quotients,
        subnormal_sixths,
        to_mlx,
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
SETTINGS = [
    (mode.name, group_size, bits)
    for mode in model.MODES.values()
    for group_size in mode.group_sizes
    for bits in mode.bit_widths
]
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
    theirs = mlx_quantize(w, mode, group_size, bits)
    as_float32 = mlx_quantize(model.to_float32(w), mode, group_size, bits)
    for part, other in zip(theirs, as_float32, strict=True):
        assert_same_bytes(part, other)


def test_differs_in_float16_groups_that_underflow() -> None:
    w = np.full((1, 32), 2.0**-20, dtype=np.float16)
    wq, scales, _ = model.quantize(w, "mxfp8")
    np.testing.assert_array_equal(model.dequantize(wq, scales, None, "mxfp8"), w)
    assert mlx_quantize(w, "mxfp8", 32, 8)[1][0, 0] == 127


# Dequantize


def random_operands(
    mode: str, group_size: int, bits: int, dtype: npt.DTypeLike, block_scales: tuple[int, int]
) -> Packed:
    """Random words; scales and biases of dtype, or scale bytes from a range."""
    words = np.random.RandomState(31).randint(0, 1 << 32, size=(16, 128 * bits // 32), dtype="<u4")
    groups = (16, 128 // group_size)
    if mode == "affine":
        scales, biases = (datasets.normal(seed, groups).astype(dtype) for seed in (32, 33))
        return words, scales, biases
    low, high = block_scales
    return words, np.resize(np.arange(low, high, dtype=np.uint8), groups), None


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("settings", SETTINGS[:-3])
def test_affine_dequantizes_to_the_values_of_mlx(
    settings: tuple[str, int, int], dtype: npt.DTypeLike
) -> None:
    operands = random_operands(*settings, dtype, (0, 0))
    assert_same_bytes(model.dequantize(*operands, *settings), mlx_dequantize(operands, settings))
    wide = model.dequantize(*operands, *settings, dtype=np.float32)
    assert_same_bytes(wide, mlx_dequantize(operands, settings, dtype=mx.float32))


@pytest.mark.parametrize(
    ("dtype", "mlx_dtype", "block_scales"),
    [
        (np.float32, mx.float32, {"mxfp4": (2, 252), "mxfp8": (10, 246), "nvfp4": (0, 127)}),
        (BF16, mx.bfloat16, {"mxfp4": (2, 252), "mxfp8": (10, 246), "nvfp4": (128, 255)}),
        (np.float16, mx.float16, {"mxfp4": (103, 140), "mxfp8": (103, 134), "nvfp4": (0, 127)}),
    ],
)
@pytest.mark.parametrize("settings", SETTINGS[-3:])
def test_fp_modes_dequantize_to_the_values_of_mlx(
    settings: tuple[str, int, int],
    dtype: npt.DTypeLike,
    mlx_dtype: mx.Dtype,
    block_scales: dict[str, tuple[int, int]],
) -> None:
    """All scale bytes for which neither the scale nor a product leaves the dtype's range."""
    operands = random_operands(*settings, dtype, block_scales[settings[0]])
    ours = model.dequantize(*operands, *settings, dtype=dtype)
    theirs = mlx_dequantize(operands, settings, dtype=mlx_dtype)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    keep = ~np.isnan(ours)
    assert ours[keep].tobytes() == theirs[keep].tobytes()


def test_nvfp4_dequantizes_with_a_global_scale_to_the_values_of_mlx() -> None:
    settings = SETTINGS[-1]
    operands = random_operands(*settings, np.float32, (0, 127))
    for global_scale in (1.0, 0.0137, 2688.0, 71.9):
        factor = float(np.float32(global_scale))
        ours = model.dequantize(*operands, *settings, global_scale=factor)
        assert_same_bytes(ours, mlx_dequantize(operands, settings, factor))


def test_differs_in_the_e8m0_byte_255_which_is_nan() -> None:
    for settings in SETTINGS[-3:-1]:
        wq = np.full((1, settings[2]), 0x33333333, dtype=np.uint32)
        scales = np.full((1, 1), 255, dtype=np.uint8)
        assert np.isnan(model.dequantize(wq, scales, None, *settings)).all()
        assert np.isinf(mlx_dequantize((wq, scales, None), settings, dtype=mx.float32)).all()


def test_differs_in_subnormal_results_which_count_as_zero() -> None:
    wq, scales = np.full((1, 4), 0x99999999, dtype=np.uint32), np.zeros((1, 1), dtype=np.uint8)
    ours = model.dequantize(wq, scales, None, "mxfp4")
    assert not ours.any()
    assert np.signbit(ours).all()
    theirs = mlx_dequantize((wq, scales, None), SETTINGS[-3], dtype=mx.float32)
    assert set(theirs[0]) == {np.float32(-(2.0**-128))}


def test_differs_in_float16_results_of_large_scales() -> None:
    """2^16 is infinite in float16, half of it is not: MLX rounds the scale first."""
    wq, scales = np.full((1, 4), 0x11111111, dtype=np.uint32), np.full((1, 1), 143, np.uint8)
    ours = model.dequantize(wq, scales, None, "mxfp4", dtype=np.float16)
    assert set(ours[0]) == {np.float16(32768)}
    assert np.isinf(mlx_dequantize((wq, scales, None), SETTINGS[-3], dtype=mx.float16)).all()


def test_differs_in_the_default_dtype_of_fp_modes() -> None:
    for settings in SETTINGS[-3:]:
        operands = random_operands(*settings, np.float32, (64, 65))
        assert model.dequantize(*operands, *settings).dtype == np.float32
        assert mlx_dequantize(operands, settings).dtype == BF16


def test_differs_in_honouring_dtype_beside_a_global_scale() -> None:
    settings = SETTINGS[-1]
    operands = random_operands(*settings, np.float32, (64, 65))
    ours = model.dequantize(*operands, *settings, global_scale=1.0, dtype=np.float16)
    assert ours.dtype == np.float16
    assert mlx_dequantize(operands, settings, 1.0, mx.float16).dtype == np.float32


# fp8


@pytest.mark.parametrize("dtype", DTYPES)
def test_to_fp8_agrees_on_every_16_bit_float_and_differs_in_nan(dtype: npt.DTypeLike) -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    # float32: bfloat16's values, and their neighbours, half a bfloat16 step and a ulp away.
    x = bits.view(dtype) if dtype != np.float32 else float32_patterns(bits)
    ours, theirs = model.to_fp8(x), np.array(mx.to_fp8(to_mlx(x)))
    nan = np.isnan(model.to_float32(x))
    np.testing.assert_array_equal(ours[~nan], theirs[~nan])
    assert set(ours[nan]) == {0x7F}
    assert set(theirs[nan]) == {0x7E, 0xFE}


def float32_patterns(bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    high = bits.astype(np.uint32) << 16
    return np.concatenate([high, high | 1, high | 0x7FFF, high | 0x8000, high | 0xFFFF]).view("<f4")


def test_from_fp8_agrees_on_every_byte() -> None:
    codes = np.arange(256, dtype=np.uint8)
    for dtype, mlx_dtype in zip(DTYPES, (mx.float32, mx.float16, mx.bfloat16), strict=True):
        theirs = from_mlx(mx.from_fp8(mx.array(codes), mlx_dtype))
        ours = model.from_fp8(codes, dtype)
        np.testing.assert_array_equal(ours.astype(np.float32), theirs.astype(np.float32))
        np.testing.assert_array_equal(np.signbit(ours)[:127], np.signbit(theirs)[:127])


# Products


def assert_within(
    result: Array, reference: tuple[Array, Array], bounds: tuple[float, float]
) -> None:
    ref, magnitude = reference
    assert result.shape == ref.shape
    relative, of_magnitude = bounds
    allowed = relative * np.abs(ref) + of_magnitude * magnitude
    assert (np.abs(result.astype(np.float64) - ref) <= allowed).all()


def operand(seed: int, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return datasets.normal(seed, shape).astype(np.float32)


@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS)
def test_float32_products_of_mlx_are_within_the_bound(
    mode: str, group_size: int, bits: int, transpose: bool
) -> None:
    x, w = operand(41, (2, 3, 128)), operand(42, (128, 128))
    parts = model.quantize(w, mode, group_size, bits)
    reference = model.quantized_matmul(
        x, *parts, transpose=transpose, mode=mode, group_size=group_size, bits=bits
    )
    theirs = mx.quantized_matmul(to_mlx(x), *parts_to_mlx(parts), transpose, group_size, bits, mode)
    assert_within(np.array(theirs), reference, model.bound(np.float32))


@pytest.mark.parametrize(
    ("lhs", "rhs"), [(None, [[2, 0], [1, 1]]), ([1, 0, 1], [2, 2, 0]), ([0], None), (None, None)]
)
@pytest.mark.parametrize(("mode", "group_size", "bits"), [SETTINGS[3], *SETTINGS[-3:]])
def test_gathered_products_of_mlx_are_within_the_bound(
    mode: str, group_size: int, bits: int, lhs: list[int] | None, rhs: list[int] | None
) -> None:
    x, w = operand(43, (2, 1, 2, 64)), operand(44, (3, 5, 64))
    parts = model.quantize(w, mode, group_size, bits)
    lhs_indices, rhs_indices = (
        None if index is None else np.array(index, dtype=np.uint32) for index in (lhs, rhs)
    )
    reference = model.gather_qmm(
        x,
        *parts,
        lhs_indices=lhs_indices,
        rhs_indices=rhs_indices,
        mode=mode,
        group_size=group_size,
        bits=bits,
    )
    theirs = mx.gather_qmm(
        to_mlx(x),
        *parts_to_mlx(parts),
        None if lhs_indices is None else to_mlx(lhs_indices),
        None if rhs_indices is None else to_mlx(rhs_indices),
        True,
        group_size,
        bits,
        mode,
    )
    assert_within(np.array(theirs), reference, model.bound(np.float32))


@pytest.mark.parametrize("mode", ["nvfp4", "mxfp8", "mxfp4"])
def test_one_row_of_qqmm_is_within_the_bound(mode: str) -> None:
    x, w = operand(45, (1, 256)), operand(46, (24, 256))
    wq, scales, _ = model.quantize(w, mode)
    theirs = mx.qqmm(to_mlx(x), to_mlx(wq), to_mlx(scales), mode=mode)
    reference = model.qqmm(x, wq, scales, mode=mode)
    assert_within(np.array(theirs), reference, model.qq_bound(np.float32))


def test_differs_in_using_every_batch_of_w_for_a_2d_x() -> None:
    x, w = operand(47, (2, 64)), operand(48, (3, 5, 64))
    parts = model.quantize(w)
    reference = model.quantized_matmul(x, *parts)
    theirs = np.array(mx.quantized_matmul(to_mlx(x), *parts_to_mlx(parts)))
    assert reference.ref.shape == (3, 2, 5)
    assert theirs.size == 2 * 5
    first = (reference.ref[0], reference.R[0])
    assert_within(theirs.reshape(2, 5), first, model.bound(np.float32))


def test_differs_in_the_accuracy_of_half_types() -> None:
    """MLX accumulates in bfloat16, far outside the bound."""
    x, w = operand(49, (1, 4096)).astype(BF16), operand(50, (8, 4096)).astype(BF16)
    parts = model.quantize(w)
    reference = model.quantized_matmul(x, *parts)
    theirs = from_mlx(mx.quantized_matmul(to_mlx(x), *parts_to_mlx(parts)))
    error = theirs.astype(np.float64) - reference.ref
    assert np.sqrt((error**2).mean() / (reference.ref**2).mean()) > model.rms_bound(BF16)


def test_differs_in_the_output_dtype() -> None:
    """Ours is the dtype of x, so the reference has no dtype of its own; MLX promotes."""
    x, w = operand(51, (1, 64)).astype(np.float16), operand(52, (5, 64))
    parts = parts_to_mlx(model.quantize(w))
    assert mx.quantized_matmul(to_mlx(x), *parts).dtype == mx.float32
