"""dequantize: what a user gets back; and real_weights: what a matmul is measured against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .formats import (
    F32,
    F64,
    Array,
    e2m1_decode,
    e4m3_decode,
    e8m0_decode,
    float_dtype,
    flush_subnormals,
    round_float32,
    to_float32,
)
from .modes import Settings, check_global_scale, resolve
from .packing import unpack
from .quantize import NVFP4_RANGE, encode_factor


def dequantize(
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None = None,
    mode: str = "affine",
    group_size: int | None = None,
    bits: int | None = None,
    global_scale: float | np.float32 | npt.NDArray[np.float32] | None = None,
    dtype: npt.DTypeLike | None = None,
) -> Array:
    """wq uint32 (..., K*bits/32), scales and biases (..., K/group_size) -> dtype (..., K).

    affine: round_S(round_S(code * scale) + bias), S the scales' dtype, then the cast to dtype,
    which defaults to S. Elsewhere: element * d, or element * (d * g) with g = global_scale/2688,
    in float32 with subnormal results counted as zero, then one rounding to dtype, by default
    float32. global_scale may also hold one float32 for each matrix, in the shape of the axes
    before the last two.
    """
    if isinstance(global_scale, np.ndarray):
        if global_scale.size == 1:
            only = np.float32(global_scale.item())
            return dequantize(wq, scales, biases, mode, group_size, bits, only, dtype)
        if global_scale.shape != wq.shape[:-2]:
            raise ValueError(f"global_scale is {global_scale.shape}, not one or {wq.shape[:-2]}")
        each = [
            dequantize(wq[i], scales[i], None, mode, group_size, bits, global_scale[i], dtype)
            for i in np.ndindex(*global_scale.shape)
        ]
        return np.stack(each).reshape(*global_scale.shape, *each[0].shape)
    settings = resolve(mode, group_size, bits)
    codes = _grouped_codes(wq, scales, biases, settings, global_scale)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if biases is not None:
            stored = float_dtype(scales.dtype)
            # The product is exact in float32 for 16-bit scales, and float32 has more than twice
            # their digits, so rounding through float32 rounds each operation once.
            product = codes.astype(np.float32) * to_float32(scales)[..., None]
            product = to_float32(round_float32(product, stored))
            value = round_float32(product + to_float32(biases)[..., None], stored)
            result = round_float32(to_float32(value), stored if dtype is None else dtype)
        else:
            elements = _elements(codes, settings).astype(np.float32)
            factor = _block_scales(scales, settings).astype(np.float32)
            if global_scale is not None:
                factor = flush_subnormals(factor * decode_factor(global_scale))
            value = flush_subnormals(elements * factor[..., None])
            result = round_float32(value, np.float32 if dtype is None else dtype)
    return result.reshape(*codes.shape[:-2], _columns(codes))


def real_weights(
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None = None,
    mode: str = "affine",
    group_size: int | None = None,
    bits: int | None = None,
    global_scale: float | np.float32 | None = None,
) -> F64:
    """The weights' real values, float64 (..., K): code*scale + bias, or element * d * g.

    The products are exact (at most 8 + 24 digits, or 2 + 4 + 24). The one sum of affine is rounded
    once, to float64.
    """
    settings = resolve(mode, group_size, bits)
    codes = _grouped_codes(wq, scales, biases, settings, global_scale)
    if biases is not None:
        value = codes.astype(np.float64) * scales.astype(np.float64)[..., None]
        value = value + biases.astype(np.float64)[..., None]
    else:
        value = _elements(codes, settings) * _block_scales(scales, settings)[..., None]
        if global_scale is not None:
            value = value * np.float64(decode_factor(global_scale))
    return value.reshape(*codes.shape[:-2], _columns(codes))


def decode_factor(global_scale: float | np.float32) -> np.float32:
    """g = float32(global_scale / 2688), a subnormal counting as zero like any float32 here."""
    encode_factor(global_scale)
    with np.errstate(under="ignore"):
        quotient: F32 = np.asarray(np.float32(global_scale) / NVFP4_RANGE, dtype=np.float32)
    return np.float32(flush_subnormals(quotient)[()])


def _grouped_codes(
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None,
    settings: Settings,
    global_scale: object | None,
) -> npt.NDArray[np.uint8]:
    """Codes (..., K/group_size, group_size), after checking that the operands fit together."""
    check_global_scale(settings, global_scale)
    name = settings.mode.name
    if settings.mode.has_bias != (biases is not None):
        raise ValueError(f"biases are {'missing' if biases is None else 'given'}; mode is {name}")
    if biases is not None:
        float_dtype(scales.dtype)
        if biases.dtype != scales.dtype or biases.shape != scales.shape:
            raise ValueError("biases differ from scales in dtype or shape")
    elif scales.dtype != np.uint8:
        raise ValueError(f"scales are {scales.dtype}; those of {name} are uint8")
    codes = unpack(wq, settings.bits)
    *batch, columns = codes.shape
    if scales.shape != (*batch, columns // settings.group_size) or columns % settings.group_size:
        raise ValueError(f"scales {scales.shape} do not fit w {codes.shape}")
    return codes.reshape(*batch, columns // settings.group_size, settings.group_size)


def _columns(codes: npt.NDArray[np.uint8]) -> int:
    groups, group_size = codes.shape[-2:]
    return int(groups * group_size)


def _elements(codes: npt.NDArray[np.uint8], settings: Settings) -> F64:
    return e4m3_decode(codes) if settings.mode.name == "mxfp8" else e2m1_decode(codes)


def _block_scales(scales: Array, settings: Settings) -> F64:
    return e4m3_decode(scales) if settings.mode.name == "nvfp4" else e8m0_decode(scales)
