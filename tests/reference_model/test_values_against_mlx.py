"""Dequantized values, fp8 and products of the reference model against MLX's CPU backend.

Like the comparison of quantized bytes: whatever differs has a test named `test_differs_...`.
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

try:
    import mlx.core as mx

    from reference_model.mlx_oracle import (
        Packed,
        from_mlx,
        mlx_dequantize,
        parts_to_mlx,
        to_mlx,
    )
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("mlx is not installed", allow_module_level=True)

Array = npt.NDArray[Any]
BF16 = ml_dtypes.bfloat16
DTYPES = [np.float32, np.float16, BF16]
SETTINGS = model.ALL_SETTINGS


def assert_same_bytes(ours: Array, theirs: Array) -> None:
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


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
