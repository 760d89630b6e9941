"""The number formats: E2M1, E4M3FN, E8M0, and the 16-bit floats.

Values are float64, in which every element, every block scale and every midpoint between two
neighbouring elements is exact. Sources: OCP Microscaling Formats (MX) 1.0 for E2M1 and E8M0,
OCP 8-bit Floating Point (OFP8) 1.0 for E4M3, whose NaN is S.1111.111 and which has no infinity.
"""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

FLOAT32: np.dtype[Any] = np.dtype(np.float32)
FLOAT16: np.dtype[Any] = np.dtype(np.float16)
BFLOAT16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
FLOAT_DTYPES = (FLOAT32, FLOAT16, BFLOAT16)

E2M1_MAX = 6.0
E4M3_MAX = 448.0
SMALLEST_NORMAL_F32 = 2.0**-126


def _minifloat(exponent_bits: int, mantissa_bits: int, bias: int) -> F64:
    """Values of all codes sign|exponent|mantissa, subnormals at exponent field 0, no specials."""
    magnitude_codes = np.arange(1 << (exponent_bits + mantissa_bits))
    field = magnitude_codes >> mantissa_bits
    mantissa = magnitude_codes & ((1 << mantissa_bits) - 1)
    leading = np.where(field == 0, 0, 1 << mantissa_bits)
    exponent = np.maximum(field, 1) - bias - mantissa_bits
    magnitudes = np.ldexp((leading + mantissa).astype(np.float64), exponent)
    return np.concatenate([magnitudes, -magnitudes])


E2M1_VALUES: F64 = _minifloat(exponent_bits=2, mantissa_bits=1, bias=1)
E4M3_VALUES: F64 = _minifloat(exponent_bits=4, mantissa_bits=3, bias=7)
E4M3_VALUES[[0x7F, 0xFF]] = np.nan
E8M0_VALUES: F64 = np.ldexp(np.ones(256), np.arange(256) - 127)
E8M0_VALUES[255] = np.nan

_E2M1_MAGNITUDES = E2M1_VALUES[:8]
_E4M3_MAGNITUDES = E4M3_VALUES[:0x7F]


def _nearest_code(x: F64, magnitudes: F64, sign_bit: int) -> U8:
    """The code nearest to x; a tie goes to the even code; saturates; keeps the sign of zero.

    Neighbouring magnitudes have neighbouring codes, whose low bit is the mantissa's low bit, so
    "to the even code" is round-half-even. Searching the midpoints from the left and from the right
    gives the same code everywhere but at a tie, where it gives the two candidates.
    """
    midpoints = (magnitudes[:-1] + magnitudes[1:]) / 2
    lower = np.searchsorted(midpoints, np.abs(x), side="left")
    upper = np.searchsorted(midpoints, np.abs(x), side="right")
    code = np.where(lower % 2 == 0, lower, upper)
    return np.asarray(code | np.where(np.signbit(x), sign_bit, 0)).astype(np.uint8)


def e2m1_encode(x: F64) -> U8:
    """float64 of any shape -> codes 0..15 of the same shape; infinity saturates; NaN is refused."""
    if np.isnan(x).any():
        raise ValueError("E2M1 has no NaN")
    return _nearest_code(x, _E2M1_MAGNITUDES, sign_bit=0x8)


def e2m1_decode(codes: Array) -> F64:
    """Codes 0..15 -> float64 of the same shape."""
    return E2M1_VALUES[codes]


def e4m3_encode(x: F64) -> U8:
    """float64 of any shape -> bytes; infinity saturates at 448, NaN gives 0x7F."""
    code = _nearest_code(x, _E4M3_MAGNITUDES, sign_bit=0x80)
    return np.where(np.isnan(x), np.uint8(0x7F), code).astype(np.uint8)


def e4m3_decode(codes: Array) -> F64:
    """Bytes -> float64 of the same shape; 0x7F and 0xFF give NaN."""
    return E4M3_VALUES[codes]


def e8m0_decode(codes: Array) -> F64:
    """Bytes b -> 2^(b-127) in float64: 0 is 2^-127, 255 is NaN."""
    return E8M0_VALUES[codes]


def float_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """The dtype, which must be float32, float16 or bfloat16."""
    resolved = np.dtype(dtype)
    if resolved not in FLOAT_DTYPES:
        raise ValueError(f"dtype is {resolved}; it must be float32, float16 or bfloat16")
    return resolved


def to_float32(x: Array) -> F32:
    """float32, float16 or bfloat16 -> the same values in float32."""
    float_dtype(x.dtype)
    # A signalling NaN raises the invalid flag as it is widened.
    with np.errstate(invalid="ignore"):
        return x.astype(np.float32)


def round_float32(x: F32, dtype: npt.DTypeLike) -> Array:
    """float32 -> dtype, round-half-even, overflow to infinity: one rounding."""
    if x.dtype != FLOAT32:
        raise ValueError(f"x is {x.dtype}; a rounding from float64 would be another function")
    with np.errstate(over="ignore"):
        return x.astype(float_dtype(dtype))


def flush_subnormals(x: F32) -> F32:
    """float32 with each subnormal replaced by the zero of its sign, as GPUs do."""
    subnormal = np.abs(x) < np.float32(SMALLEST_NORMAL_F32)
    return np.where(subnormal, np.copysign(np.float32(0), x), x).astype(np.float32)


def to_fp8(x: Array) -> U8:
    """float32, float16 or bfloat16 of any shape -> E4M3FN bytes of the same shape."""
    widened = to_float32(x)
    with np.errstate(invalid="ignore"):
        return e4m3_encode(widened.astype(np.float64))


def from_fp8(codes: U8, dtype: npt.DTypeLike = np.float32) -> Array:
    """E4M3FN bytes -> dtype; exact in all three, since E4M3's 2^-9 is a normal float16 and more."""
    if codes.dtype != np.uint8:
        raise ValueError(f"codes are {codes.dtype}; they must be uint8")
    return round_float32(e4m3_decode(codes).astype(np.float32), dtype)
