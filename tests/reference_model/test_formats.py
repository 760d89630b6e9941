"""Formats, packing and the table of modes: each code, each midpoint, each 16-bit float."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
from reference_model import formats

Array = npt.NDArray[Any]
BF16 = ml_dtypes.bfloat16
DTYPES = [np.float32, np.float16, BF16]


def f32(*values: float) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


# Formats


def test_e2m1_has_the_eight_magnitudes_of_the_standard() -> None:
    magnitudes = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    np.testing.assert_array_equal(formats.E2M1_VALUES, magnitudes + [-m for m in magnitudes])
    assert np.signbit(formats.E2M1_VALUES[8:]).all()


def test_e4m3_has_the_values_of_ml_dtypes() -> None:
    theirs = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float64)
    np.testing.assert_array_equal(formats.E4M3_VALUES, theirs)
    np.testing.assert_array_equal(np.signbit(formats.E4M3_VALUES[:127]), np.signbit(theirs[:127]))


def test_e8m0_has_the_values_of_ml_dtypes() -> None:
    theirs = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e8m0fnu).astype(np.float64)
    np.testing.assert_array_equal(formats.E8M0_VALUES, theirs)
    assert formats.E8M0_VALUES[0] == 2.0**-127
    assert np.isnan(formats.E8M0_VALUES[255])


@pytest.mark.parametrize(
    ("values", "encode"),
    [(formats.E2M1_VALUES, formats.e2m1_encode), (formats.E4M3_VALUES, formats.e4m3_encode)],
)
def test_every_code_round_trips(values: Array, encode: Callable[[Array], Array]) -> None:
    codes = np.flatnonzero(~np.isnan(values))
    np.testing.assert_array_equal(encode(values[codes]), codes)


@pytest.mark.parametrize(
    ("magnitudes", "encode"),
    [
        (formats.E2M1_VALUES[:8], formats.e2m1_encode),
        (formats.E4M3_VALUES[:127], formats.e4m3_encode),
    ],
)
def test_every_midpoint_goes_to_the_even_code(
    magnitudes: Array, encode: Callable[[Array], Array]
) -> None:
    lower = np.arange(len(magnitudes) - 1)
    midpoints = (magnitudes[:-1] + magnitudes[1:]) / 2
    np.testing.assert_array_equal(encode(midpoints), lower + lower % 2)
    np.testing.assert_array_equal(encode(np.nextafter(midpoints, 0)), lower)
    np.testing.assert_array_equal(encode(np.nextafter(midpoints, np.inf)), lower + 1)


def test_encoders_saturate_and_keep_the_sign_of_zero() -> None:
    x = np.array([-0.0, -1e-30, 1e30, -1e30, np.inf, -np.inf])
    np.testing.assert_array_equal(formats.e2m1_encode(x), [8, 8, 7, 15, 7, 15])
    saturated = [0x80, 0x80, 0x7E, 0xFE, 0x7E, 0xFE]
    np.testing.assert_array_equal(formats.e4m3_encode(x), saturated)
    assert formats.e4m3_encode(np.array([np.nan, -np.nan])).tolist() == [0x7F, 0x7F]
    with pytest.raises(ValueError, match="NaN"):
        formats.e2m1_encode(np.array([np.nan]))


@pytest.mark.parametrize("dtype", [np.float16, BF16])
def test_to_fp8_takes_the_nearest_value_of_every_16_bit_float(dtype: npt.DTypeLike) -> None:
    """Against ml_dtypes, which overflows to NaN where this format saturates."""
    x = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    wide = model.to_float32(x)
    codes = model.to_fp8(x)
    inside = np.abs(wide) <= 448
    theirs = wide[inside].astype(ml_dtypes.float8_e4m3fn).view(np.uint8)
    np.testing.assert_array_equal(codes[inside], theirs)
    outside = np.abs(wide) > 448
    np.testing.assert_array_equal(codes[outside], np.where(wide[outside] < 0, 0xFE, 0x7E))
    assert set(codes[np.isnan(wide)]) == {0x7F}


@pytest.mark.parametrize("dtype", DTYPES)
def test_from_fp8_is_exact(dtype: npt.DTypeLike) -> None:
    values = model.from_fp8(np.arange(256, dtype=np.uint8), dtype)
    assert values.dtype == dtype
    np.testing.assert_array_equal(values.astype(np.float64), formats.E4M3_VALUES)


@pytest.mark.parametrize(("dtype", "digits"), [(np.float16, 11), (BF16, 8)])
def test_float32_rounds_half_to_even(dtype: npt.DTypeLike, digits: int) -> None:
    ulp = 2.0 ** (1 - digits)
    x = f32(1 + ulp / 2, 1 + 1.5 * ulp, 1 + ulp / 2 + 2.0**-23, -0.0, 3.4e38)
    rounded = model.to_float32(model.round_float32(x, dtype))
    np.testing.assert_array_equal(rounded, f32(1, 1 + 2 * ulp, 1 + ulp, 0, np.inf))
    assert np.signbit(rounded[3])


def test_float64_is_never_taken_for_float32() -> None:
    for call in (model.quantize, model.to_fp8, model.to_float32):
        with pytest.raises(ValueError, match="float64"):
            call(np.zeros((1, 64)))
    with pytest.raises(ValueError, match="float64"):
        model.round_float32(np.zeros(2), np.float16)  # type: ignore[arg-type]


# Packing


@pytest.mark.parametrize("bits", range(1, 9))
def test_packing_is_one_little_endian_bit_stream(bits: int) -> None:
    codes = np.random.RandomState(bits).randint(0, 1 << bits, size=(2, 3, 64), dtype=np.uint8)
    wq = model.pack(codes, bits)
    assert wq.shape == (2, 3, 64 * bits // 32)
    for index in np.ndindex(2, 3):
        stream = sum(int(code) << (i * bits) for i, code in enumerate(codes[index]))
        words = [(stream >> (32 * i)) & 0xFFFFFFFF for i in range(wq.shape[-1])]
        assert wq[index].tolist() == words
    np.testing.assert_array_equal(model.unpack(wq, bits), codes)
    assert model.unpack(wq[:0], bits).shape == (0, 3, 64)


def test_packing_refuses_what_it_would_lose() -> None:
    with pytest.raises(ValueError, match="fit in 3 bits"):
        model.pack(np.full((1, 32), 8, dtype=np.uint8), 3)
    with pytest.raises(ValueError, match="whole words"):
        model.pack(np.zeros((1, 20), dtype=np.uint8), 3)
    with pytest.raises(ValueError, match="whole number"):
        model.unpack(np.zeros((1, 1), dtype=np.uint32), 3)


# Modes


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("affine", None, None), (64, 4)),
        (("affine", 128, None), (128, 4)),
        (("affine", None, 3), (64, 3)),
        (("mxfp4", None, None), (32, 4)),
        (("mxfp8", None, None), (32, 8)),
        (("nvfp4", None, None), (16, 4)),
    ],
)
def test_unset_settings_take_the_default_of_the_mode(
    arguments: tuple[str, int | None, int | None], expected: tuple[int, int]
) -> None:
    settings = model.resolve(*arguments)
    assert (settings.group_size, settings.bits) == expected


@pytest.mark.parametrize(
    "arguments", [("int4", None, None), ("mxfp4", 64, None), ("affine", 64, 7), ("affine", 0, 4)]
)
def test_explicit_settings_are_never_replaced(arguments: tuple[str, int | None, int]) -> None:
    with pytest.raises(ValueError, match=r"mode|group_size|bits"):
        model.resolve(*arguments)
