"""Products of many rows: the contract's bound and the same bytes through panels of weights."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
import thinbit

Array = npt.NDArray[Any]
FLOATS = [np.dtype(np.float32), np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)]
SETTINGS = model.ALL_SETTINGS
ROWS = [
    12,
    13,
    41,
    530,
]  # a tile, two, where every level has its panels, more than are taken at once


def normal(shape: tuple[int, ...], dtype: np.dtype[Any], seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32).astype(dtype)


def quantized(w: Array, settings: tuple[str, int, int]) -> thinbit.QuantizedTensor:
    mode, group_size, bits = settings
    return thinbit.QuantizedTensor(
        *thinbit.quantize(w, mode=mode, group_size=group_size, bits=bits),
        mode=mode,
        group_size=group_size,
        bits=bits,
    )


def real(q: thinbit.QuantizedTensor, transpose: bool) -> Array:
    mode, group_size, bits = q.mode, q.group_size, q.bits
    packed = np.asarray(q.packed)
    biases = None if q.biases is None else np.asarray(q.biases)
    w = model.real_weights(packed, np.asarray(q.scales), biases, mode, group_size, bits)
    return w.T if transpose else w


def assert_in_bound(out: Array, x: Array, w: Array) -> None:
    x = x.astype(np.float64)
    reference = x @ w
    relative, of_R = model.bound(out.dtype)
    limit = relative * np.abs(reference) + of_R * (np.abs(x) @ np.abs(w))
    limit += float(ml_dtypes.finfo(out.dtype).smallest_subnormal) / 2
    error = np.abs(out.astype(np.float64) - reference)
    assert np.all(error <= limit), (error / limit).max()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_bound_holds(
    settings: tuple[str, int, int], transpose: bool, dtype: np.dtype[Any]
) -> None:
    _, group_size, _ = settings
    for M, K in [(13, 3 * group_size), (41, 544 - 544 % group_size), (61, 11 * group_size)]:
        N = 67 if transpose else 3 * group_size
        columns = K if transpose else N
        rows = N if transpose else K + 5  # no multiple of anything
        depth = K if transpose else rows
        q = quantized(normal((rows, columns), dtype, seed=M), settings)
        x = normal((M, depth), dtype, seed=K)
        assert_in_bound(thinbit.quantized_matmul(x, q, transpose=transpose), x, real(q, transpose))


@pytest.mark.parametrize("M", ROWS)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("transpose", [True, False])
def test_threads_strides_and_the_batch_do_not_matter(
    transpose: bool, dtype: np.dtype[Any], M: int
) -> None:
    w = normal((96, 64), dtype)
    q = quantized(w, ("affine", 32, 4))
    x = normal((M, 64 if transpose else 96), dtype, seed=1)
    out = thinbit.quantized_matmul(x, q, transpose=transpose)
    for threads in (1, 2, 5):
        context = thinbit.Context(threads=threads)
        again = thinbit.quantized_matmul(x, q, transpose=transpose, context=context)
        np.testing.assert_array_equal(again, out)
    strided = np.asfortranarray(x)
    np.testing.assert_array_equal(thinbit.quantized_matmul(strided, q, transpose=transpose), out)
    batch = np.stack([x[::-1], x, x])
    batched = thinbit.quantized_matmul(batch, q, transpose=transpose)
    np.testing.assert_array_equal(batched[1], out)
    np.testing.assert_array_equal(batched[0], out[::-1])


@pytest.mark.parametrize("dtype", [np.dtype(np.float32), np.dtype(ml_dtypes.bfloat16)], ids=str)
@pytest.mark.parametrize("transpose", [True, False])
def test_rows_that_bfloat16_cannot_multiply_harm_no_other(
    transpose: bool, dtype: np.dtype[Any]
) -> None:
    q = quantized(normal((96, 64), dtype) * dtype.type(2.0**-12), ("mxfp8", 32, 8))
    plain = normal((45, 64 if transpose else 96), dtype, seed=1)
    out = thinbit.quantized_matmul(plain, q, transpose=transpose)
    x = plain.copy()
    x[3, 5], x[14, 2], x[44, 0] = np.nan, np.inf, -np.inf
    x[20] *= dtype.type(2.0**-118)
    x[21] = 0
    hard = thinbit.quantized_matmul(x, q, transpose=transpose)
    untouched = np.setdiff1d(np.arange(45), [3, 14, 44, 20, 21])
    np.testing.assert_array_equal(hard[untouched], out[untouched])
    assert np.isnan(hard[3]).all()
    assert not np.isfinite(hard[[14, 44]].astype(np.float32)).any()
    finite = [20, 21]
    assert_in_bound(hard[finite], x[finite], real(q, transpose))


@pytest.mark.parametrize("transpose", [True, False])
def test_weights_that_bfloat16_cannot_multiply_harm_no_other(transpose: bool) -> None:
    dtype = np.dtype(ml_dtypes.bfloat16)
    q = quantized(normal((96, 64), dtype), ("mxfp4", 32, 4))
    x = normal((45, 64 if transpose else 96), dtype, seed=1) * dtype.type(2.0**-4)
    out = thinbit.quantized_matmul(x, q, transpose=transpose)
    scales = np.array(q.scales)
    scales[7 if transpose else np.s_[:, 0]] = 3  # 2^-124
    scales[9 if transpose else np.s_[:, 1]] = 230
    hard = thinbit.QuantizedTensor(q.packed, scales, mode="mxfp4")
    result = thinbit.quantized_matmul(x, hard, transpose=transpose)
    assert_in_bound(result, x, real(hard, transpose))
    if transpose:
        others = np.setdiff1d(np.arange(96), [7, 9])
        np.testing.assert_array_equal(result[:, others], out[:, others])


def test_the_epilogue_joins_before_the_rounding() -> None:
    dtype = np.dtype(ml_dtypes.bfloat16)
    q = quantized(normal((96, 64), dtype), ("affine", 64, 8))
    x, c = normal((50, 64), dtype, seed=1), normal((96,), dtype, seed=2)
    out = thinbit.quantized_addmm(c, x, q, alpha=-0.5, beta=2.0).astype(np.float64)
    w = real(q, True)
    reference = 2 * c.astype(np.float64) - 0.5 * (x.astype(np.float64) @ w)
    R = 2 * np.abs(c.astype(np.float64)) + 0.5 * (np.abs(x.astype(np.float64)) @ np.abs(w))
    relative, of_R = model.bound(dtype)
    assert np.all(np.abs(out - reference) <= relative * np.abs(reference) + of_R * R)


def test_experts_have_many_rows_each() -> None:
    w = normal((3, 96, 64), FLOATS[0])
    q = quantized(w, ("affine", 32, 2))
    x = normal((4, 20, 64), FLOATS[0], seed=1)
    order = np.array([2, 0, 2, 1], np.int32)
    out = thinbit.gather_qmm(x, q, rhs_indices=order)
    for i, expert in enumerate(order):
        one = thinbit.QuantizedTensor(
            np.asarray(q.packed)[expert],
            np.asarray(q.scales)[expert],
            np.asarray(q.biases)[expert],
            group_size=32,
            bits=2,
        )
        np.testing.assert_array_equal(out[i], thinbit.quantized_matmul(x[i], one))
