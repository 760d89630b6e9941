"""quantize: floats to packed codes and group scales.

All arithmetic is float32, round-half-even, each operation rounded on its own, and float32
subnormals count as zero. The rules are the contract's; the notation is its notation too:
amax, hi and lo are the group's largest magnitude, largest and smallest element.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .formats import (
    E2M1_MAX,
    E4M3_MAX,
    F32,
    F64,
    U8,
    Array,
    e2m1_encode,
    e4m3_decode,
    e4m3_encode,
    flush_subnormals,
    round_float32,
    to_float32,
)
from .modes import Settings, check_global_scale, resolve
from .packing import pack

_EPSILON = np.float32(1e-7)
NVFP4_RANGE = np.float32(E4M3_MAX * E2M1_MAX)


class NonFinite(ValueError):
    """w holds NaN or infinity, or a group's scale overflows the dtype of w.

    first_index is flat and row-major: the first NaN or infinity of the first group that has an
    error, or that group's first element where only its scale overflows.
    """

    def __init__(self, first_index: int, reason: str) -> None:
        super().__init__(f"quantize: w[{first_index}] (flat): {reason}")
        self.first_index = first_index


class Elements(NamedTuple):
    """Before packing. codes (..., K) uint8; scales and biases (..., K/group_size).

    scaled is what was rounded to an element: (w - bias)/scale in affine, x in the other modes, as
    float64 (..., K). Tests find exact ties with it.
    """

    codes: U8
    scales: Array
    biases: Array | None
    scaled: F64


def quantize(
    w: Array,
    mode: str = "affine",
    group_size: int | None = None,
    bits: int | None = None,
    global_scale: float | np.float32 | None = None,
) -> tuple[npt.NDArray[np.uint32], Array, Array | None]:
    """w (..., K) -> wq uint32 (..., K*bits/32), scales and biases (..., K/group_size).

    Scales and biases have the dtype of w in affine; scales are uint8 and biases None elsewhere.
    """
    settings = resolve(mode, group_size, bits)
    elements = quantized_elements(w, mode, group_size, bits, global_scale)
    return pack(elements.codes, settings.bits), elements.scales, elements.biases


def quantized_elements(
    w: Array,
    mode: str = "affine",
    group_size: int | None = None,
    bits: int | None = None,
    global_scale: float | np.float32 | None = None,
) -> Elements:
    """quantize without the packing."""
    settings = resolve(mode, group_size, bits)
    check_global_scale(settings, global_scale)
    groups = _groups(w, settings.group_size)
    if mode == "affine":
        codes, scales, biases, scaled = _affine(groups, w.dtype, settings.bits)
    else:
        _check_finite(groups, _all_finite(groups))
        biases = None
        if mode == "nvfp4":
            codes, scales, scaled = _nvfp4(groups, encode_factor(global_scale))
        else:
            codes, scales, scaled = _microscaling(groups, settings)
    return Elements(codes.reshape(w.shape), scales, biases, scaled.reshape(w.shape))


def encode_factor(global_scale: float | np.float32 | None) -> np.float32:
    """enc = 1, or float32(2688 / global_scale) with 2688 = 448 * 6."""
    if global_scale is None:
        return np.float32(1)
    with np.errstate(over="ignore", divide="ignore"):
        value = np.float32(global_scale)
        factor = NVFP4_RANGE / value
    if not (np.isfinite(value) and value > 0 and np.isfinite(factor)):
        raise ValueError(
            f"global_scale is {global_scale}; it must be positive, and 2688/global_scale finite"
        )
    return np.float32(factor)


def _groups(w: Array, group_size: int) -> F32:
    """w (..., K) -> float32 (..., K/group_size, group_size), subnormals already zero."""
    if w.ndim < 2:
        raise ValueError(f"w has {w.ndim} dimensions; it must have two or more")
    *batch, columns = w.shape
    if columns % group_size:
        raise ValueError(f"the last axis of w is {columns}, which {group_size} does not divide")
    grouped = to_float32(w).reshape(*batch, columns // group_size, group_size)
    return flush_subnormals(grouped)


def _all_finite(groups: F32) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(groups).all(axis=-1))


def _check_finite(groups: F32, good: npt.NDArray[np.bool_]) -> None:
    """Raises for the first group, in row-major order, that good (..., groups) marks False."""
    if good.all():
        return
    group = int(np.argmin(good.ravel()))
    members = groups.reshape(-1, groups.shape[-1])[group]
    first = group * len(members)
    if np.isfinite(members).all():
        raise NonFinite(first, "the group's scale overflows; quantize from float32")
    raise NonFinite(first + int(np.argmin(np.isfinite(members))), "NaN or infinity")


def _affine(groups: F32, dtype: np.dtype[np.generic], bits: int) -> tuple[U8, Array, Array, F64]:
    n = np.float32(2**bits - 1)
    # argmax and argmin take the first of equal values, so of +0 and -0 the first is the bound: a
    # one-bit bias shows the difference.
    hi = np.take_along_axis(groups, groups.argmax(axis=-1)[..., None], axis=-1)
    lo = np.take_along_axis(groups, groups.argmin(axis=-1)[..., None], axis=-1)
    # Overflow and NaN end in _check_finite.
    with np.errstate(all="ignore"):
        if bits == 1:
            scale, bias = np.maximum(hi - lo, _EPSILON), lo
        else:
            step = np.maximum((hi - lo) / n, _EPSILON)
            negative = np.abs(lo) > np.abs(hi)
            scale, edge = np.where(negative, step, -step), np.where(negative, lo, hi)
            q0 = np.rint(edge / scale)
            # A zero q0 is never divided by: the group's edge is below half a step.
            scale = np.where(q0 != 0, edge / np.where(q0 != 0, q0, np.float32(1)), scale)
            bias = np.where(q0 != 0, edge, np.float32(0))
        scaled = (groups - bias) / scale
        stored_scale = round_float32(scale, dtype)
        stored_bias = round_float32(bias, dtype)
        good = _all_finite(groups) & np.isfinite(to_float32(stored_scale))[..., 0]
    _check_finite(groups, good)
    codes = np.clip(np.rint(scaled), np.float32(0), n).astype(np.uint8)
    return codes, stored_scale[..., 0], stored_bias[..., 0], scaled.astype(np.float64)


def _microscaling(groups: F32, settings: Settings) -> tuple[U8, U8, F64]:
    """n is the smallest integer with M * 2^n >= amax, M = 6 = 1.5 * 2^2 or 448 = 1.75 * 2^8.

    With amax = m * 2^e and 1 <= m < 2: n = e - 2 + (m > 1.5), or e - 8 + (m > 1.75).
    """
    fp4 = settings.mode.name == "mxfp4"
    top_exponent, top_fraction = (2, 0x400000) if fp4 else (8, 0x600000)
    word = np.abs(groups).max(axis=-1).view(np.uint32).astype(np.int64)
    exponent = (word >> 23) - 127
    n = exponent - top_exponent + ((word & 0x7FFFFF) > top_fraction)
    n = np.where(word == 0, 0, np.clip(n, -127, 127))
    # Exact in float64: a float32 times a power of two of at most 2^127 in either direction.
    x = np.ldexp(groups.astype(np.float64), -n[..., None])
    codes = e2m1_encode(x) if fp4 else e4m3_encode(x)
    return codes, (n + 127).astype(np.uint8), x


def _nvfp4(groups: F32, enc: np.float32) -> tuple[U8, U8, F64]:
    """byte = e4m3((amax/6) * enc); d its value; x = (w/d) * enc; codes 0 where d is 0."""
    with np.errstate(over="ignore", under="ignore"):
        amax: F32 = np.abs(groups).max(axis=-1)
        sixth: F32 = amax / np.float32(E2M1_MAX)
        scales = e4m3_encode((flush_subnormals(sixth) * enc).astype(np.float64))
        d = e4m3_decode(scales).astype(np.float32)[..., None]
        divisor: F32 = np.where(d == 0, np.float32(1), d)
        quotient: F32 = groups / divisor
        x = flush_subnormals(quotient) * enc
    x64 = x.astype(np.float64)
    return np.where(d == 0, np.uint8(0), e2m1_encode(x64)).astype(np.uint8), scales, x64
