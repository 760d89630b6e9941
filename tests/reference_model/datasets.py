"""Named data, the same bytes on every machine and numpy version.

Randomness comes from numpy.random.RandomState, whose streams are frozen, and only through its
integers: no logarithm or square root, whose last bit differs between C libraries, is between the
stream and the data. Every set has groups that start at multiples of 128 columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .formats import (
    E2M1_VALUES,
    E4M3_VALUES,
    F32,
    F64,
    FLOAT16,
    Array,
    float_dtype,
    round_float32,
)

_BLOCK = 128


def normal(seed: int, shape: tuple[int, ...]) -> F64:
    """Nearly N(0, 1): the centred sum of twelve uniform 16-bit integers over 2^16, exact."""
    terms = np.random.RandomState(seed).randint(0, 1 << 16, size=(12, *shape), dtype=np.uint32)
    centred: npt.NDArray[np.int64] = terms.astype(np.int64).sum(axis=0) - 6 * ((1 << 16) - 1)
    return centred.astype(np.float64) * 2.0**-16


def uniform(seed: int, shape: tuple[int, ...]) -> F64:
    """Multiples of 2^-23 in [-1, 1), exact in float32."""
    integers = np.random.RandomState(seed).randint(0, 1 << 24, size=shape, dtype=np.uint32)
    return integers.astype(np.float64) * 2.0**-23 - 1


def _range(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Exponents (smallest, largest) of two between which data of the dtype is scaled.

    The largest leaves hi - lo of a one-bit group finite in the dtype.
    """
    return (-14, 14) if dtype == FLOAT16 else (-126, 125)


_Maker = Callable[[int, int, np.dtype[Any]], F64]
_MAKERS: dict[str, _Maker] = {}


def _dataset(maker: _Maker) -> _Maker:
    _MAKERS[maker.__name__.lstrip("_")] = maker
    return maker


def names() -> tuple[str, ...]:
    """All data sets, in a fixed order."""
    return tuple(_MAKERS)


def make(name: str, dtype: npt.DTypeLike, rows: int = 4, columns: int = 256) -> Array:
    """The data set as dtype (rows, columns); columns is a multiple of 128. Always finite."""
    resolved = float_dtype(dtype)
    if columns % _BLOCK:
        raise ValueError(f"columns is {columns}; it must be a multiple of {_BLOCK}")
    values: F32 = _MAKERS[name](rows, columns, resolved).astype(np.float32)
    return round_float32(values, resolved)


def _row_scales(rows: int, exponents: tuple[int, ...]) -> F64:
    """Powers of two (rows, 1), taken in turn from exponents."""
    powers: F64 = np.ldexp(np.ones((rows, 1)), np.resize(exponents, (rows, 1)))
    return powers


def _spread(values: F64, rows: int, columns: int) -> F64:
    """values, repeated as often as needed, as (rows, columns)."""
    return np.resize(values, (rows, columns))


@_dataset
def _normal_unit(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    return normal(1, (rows, columns))


@_dataset
def _normal_weights(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Standard deviation 2^-6, about that of a trained layer."""
    return normal(2, (rows, columns)) * 2.0**-6


@_dataset
def _normal_scales(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Rows from tiny to large, in steps that are no powers of two."""
    steps = [2.0**-12 * 1.37, 2.0**-9 * 1.61, 0.77, 93.0]
    return normal(3, (rows, columns)) * _spread(np.array(steps), rows, 1)


@_dataset
def _uniform_unit(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    return uniform(4, (rows, columns))


@_dataset
def _uniform_positive(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    return uniform(5, (rows, columns)) * 0.5 + 3.0


@_dataset
def _uniform_negative(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """No element reaches zero, so a bound that started from 0 instead of -inf would show."""
    return uniform(6, (rows, columns)) * 0.5 - 3.0


@_dataset
def _constant_groups(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Each block of 128 is one value, down to those below half of affine's eps of 1e-7."""
    values = [1.0, -1.0, 0.1, -7.3, 1000.0, 2.0**-20, -(2.0**-24), 2.0**-30]
    return np.repeat(np.resize(values, (rows, columns // _BLOCK)), _BLOCK, axis=1)


@_dataset
def _zeros(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    return np.zeros((rows, columns))


@_dataset
def _signed_zeros(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Row by row: all -0; random signs; zeros above negative and below positive elements."""
    signs = np.where(uniform(7, (rows, columns)) < 0, -0.0, 0.0)
    magnitudes = np.where(uniform(8, (rows, columns)) < 0.5, 0.0, 1.5)
    variants = [np.full((rows, columns), -0.0), signs]
    variants += [np.where(magnitudes == 0, signs, side * magnitudes) for side in (1.0, -1.0)]
    return np.stack([variants[row % 4][row] for row in range(rows)])


@_dataset
def _tiny(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Normal numbers just above the smallest one of the dtype, and powers of two above them."""
    low, _ = _range(dtype)
    x = uniform(9, (rows, columns))
    away: F64 = np.copysign(1 + np.abs(x), x)
    return away * _row_scales(rows, (low, low + 1, low + 3, low + 7))


@_dataset
def _huge(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Up to a quarter of the largest finite number: no scale overflows."""
    _, high = _range(dtype)
    return uniform(10, (rows, columns)) * _row_scales(rows, (high, high - 1, high - 9))


@_dataset
def _float32_subnormals(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Rows of float32 subnormals alone, beside the smallest normals, and beside ordinary ones.

    In float16 all of the first are zeros.
    """
    x = uniform(11, (rows, columns)) * 2.0**-126
    beside = [0.0, 2.0**-125, 2.0**-6, 1.0]
    x[:, ::16] += np.resize(beside, rows)[:, None]
    return x


@_dataset
def _float16_subnormals(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Multiples of 2^-24 below 2^-14: subnormal in float16, ordinary elsewhere."""
    integers = np.rint(uniform(12, (rows, columns)) * 1023)
    x = integers * 2.0**-24
    x[1::2, ::32] += 2.0**-9
    return x


@_dataset
def _e2m1_ties(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Groups of 16 whose maximum is 6*2^k, with every midpoint of E2M1 and both its neighbours."""
    return _ties(E2M1_VALUES[:8], 16, _row_scales(rows, (0, -3, 5, -8)), columns)


@_dataset
def _e4m3_ties(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Groups of 32 whose maximum is 448*2^k, with midpoints of E4M3 and their neighbours."""
    return _ties(E4M3_VALUES[:127], 32, _row_scales(rows, (0, -4, 3, -5)), columns)


def _ties(magnitudes: F64, group: int, scales: F64, columns: int) -> F64:
    """Groups led by the largest magnitude, then midpoints as they are and a little off."""
    midpoints = (magnitudes[:-1] + magnitudes[1:]) / 2
    near = np.stack([midpoints, -midpoints, midpoints * (1 + 2.0**-7), midpoints * (1 - 2.0**-7)])
    filled = _spread(near.T.ravel(), len(scales) * columns // group, group - 1)
    led = np.concatenate([np.full((len(filled), 1), magnitudes[-1]), filled], axis=1)
    return led.reshape(len(scales), columns) * scales


@_dataset
def _affine_ties(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Blocks from 0 to n = 2^bits - 1, so that the step is 1, with the midpoints k + 1/2."""
    blocks = []
    for index in range(rows * columns // _BLOCK):
        n = 2 ** (1, 2, 3, 4, 5, 6, 8)[index % 7] - 1
        midpoints = np.resize(np.arange(n) + 0.5, (_BLOCK // 32, 30))
        ends = np.tile([0.0, n], (_BLOCK // 32, 1))
        blocks.append(np.concatenate([ends, midpoints], axis=1).ravel())
    signs = np.where(np.arange(rows) % 2 == 0, 1.0, -1.0)[:, None]
    return np.concatenate(blocks).reshape(rows, columns) * signs


@_dataset
def _symmetric_range(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """|lo| == |hi| in every group of 32: affine's scale is then negative."""
    x = normal(13, (rows, columns)) / 8
    x[:, 0::32], x[:, 7::32] = 1.25, -1.25
    return x


@_dataset
def _single_outlier(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """One element of each group of 32 is far outside, on alternate sides."""
    x = normal(14, (rows, columns)) * 2.0**-7
    x[:, 5::64], x[:, 40::64] = 100.0, -100.0
    return x


@_dataset
def _two_values(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """Weights trained to two values, what one-bit affine is for."""
    return np.where(uniform(15, (rows, columns)) < 0, -0.375, 0.375)


@_dataset
def _affine_near_ties(rows: int, columns: int, dtype: np.dtype[Any]) -> F64:
    """As affine_ties, with steps that have no exact inverse: midpoints, and those off by 2^-22."""
    blocks = []
    for index in range(rows * columns // _BLOCK):
        n = 2 ** (1, 2, 3, 4, 5, 6, 8)[index % 7] - 1
        step = (1.1, 0.7, 1.9, 0.03, 5.3)[index % 5]
        midpoints = (np.resize(np.arange(index % 3, n), (_BLOCK // 32, 30)) + 0.5) * step
        midpoints *= np.resize([1, 1 + 2.0**-22, 1 - 2.0**-22], midpoints.shape)
        ends = np.tile([0.0, n * step], (_BLOCK // 32, 1))
        blocks.append(np.concatenate([ends, midpoints], axis=1).ravel())
    signs = np.where(np.arange(rows) % 2 == 0, 1.0, -1.0)[:, None]
    return np.concatenate(blocks).reshape(rows, columns) * signs
