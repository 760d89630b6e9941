"""MLX's quantization, called with numpy arrays; and the rules by which it differs from the model.

Not imported by the package: only the comparison with MLX needs mlx.
"""

from __future__ import annotations

from typing import Any

import ml_dtypes
import mlx.core as mx
import numpy as np
import numpy.typing as npt

from .formats import (
    BFLOAT16,
    E2M1_VALUES,
    F64,
    Array,
    e4m3_decode,
    flush_subnormals,
    round_float32,
    to_float32,
)

Mask = npt.NDArray[np.bool_]
Packed = tuple[Array, Array, Array | None]

E2M1_TIES_TO_ZERO = (0.75, 1.75, 3.5)
"""Half-even rounds these away from zero, MLX toward it."""

ARGMIN_TIES_FROM = 2.0**21
"""From here on float32 loses the distance to an element."""


def to_mlx(array: Array) -> mx.array:
    """A copy as an MLX array; bfloat16 by its bits."""
    if array.dtype == BFLOAT16:
        return mx.array(array.view(np.uint16)).view(mx.bfloat16)
    return mx.array(array)


def from_mlx(array: mx.array) -> Array:
    """A copy as a numpy array; bfloat16 by its bits."""
    if array.dtype == mx.bfloat16:
        bits: npt.NDArray[np.uint16] = np.array(array.view(mx.uint16))
        return bits.view(ml_dtypes.bfloat16)
    return np.array(array)


def parts_to_mlx(parts: Packed) -> tuple[mx.array, mx.array, mx.array | None]:
    """(wq, scales, biases or None) as MLX arrays."""
    wq, scales, biases = parts
    return to_mlx(wq), to_mlx(scales), None if biases is None else to_mlx(biases)


def mlx_quantize(
    w: Array, mode: str, group_size: int, bits: int, global_scale: float | None = None
) -> list[Array]:
    """mx.quantize: wq and scales, and in affine biases."""
    parts = mx.quantize(
        to_mlx(w), group_size, bits, mode=mode, global_scale=_one_float(global_scale)
    )
    return [from_mlx(part) for part in parts]


def mlx_dequantize(
    parts: Packed,
    settings: tuple[str, int, int],
    global_scale: float | None = None,
    dtype: mx.Dtype | None = None,
) -> Array:
    """mx.dequantize with settings (mode, group_size, bits)."""
    mode, group_size, bits = settings
    call: Any = mx.dequantize
    return from_mlx(
        call(
            *parts_to_mlx(parts),
            group_size=group_size,
            bits=bits,
            mode=mode,
            global_scale=_one_float(global_scale),
            dtype=dtype,
        )
    )


def _one_float(value: float | None) -> mx.array | None:
    return None if value is None else mx.array([value], dtype=mx.float32)


def mlx_e2m1(x: F64) -> Array:
    """MLX's rule: the first of the 16 values, in code order, at the least float32 distance."""
    lut = E2M1_VALUES.astype(np.float32)
    return np.asarray(np.abs(x.astype(np.float32)[..., None] - lut).argmin(axis=-1))


def without_subnormals(w: Array) -> Array:
    """w with each float32 subnormal replaced by the zero of its sign, in w's dtype."""
    return round_float32(flush_subnormals(to_float32(w)), w.dtype)


def wrapped_groups(w: Array, largest_element: int) -> Mask:
    """Groups of 32 with 0 < amax <= largest_element * 2^-128, so that n < -127."""
    amax = np.abs(w.astype(np.float64)).reshape(len(w), -1, 32).max(axis=-1)
    return np.asarray((amax > 0) & (amax <= largest_element * 2.0**-128))


def subnormal_sixths(w: Array) -> Mask:
    """Groups of 16 whose float32 amax/6 is subnormal."""
    amax = np.abs(to_float32(w)).reshape(len(w), -1, 16).max(axis=-1)
    return np.asarray((amax > 0) & (amax / np.float32(6) < 2.0**-126))


def subnormal_quotients(w: Array, scales: Array) -> Mask:
    """Elements whose float32 w/d is subnormal, d the value of nvfp4's scale."""
    d = e4m3_decode(scales).astype(np.float32).repeat(16, axis=-1)
    quotient = np.abs(to_float32(w) / np.where(d == 0, np.float32(1), d))
    return np.asarray((quotient > 0) & (quotient < 2.0**-126))
