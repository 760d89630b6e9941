"""The reference model's promises, from the contract and from exact arithmetic, without MLX."""

from __future__ import annotations

import hashlib
import math
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
from reference_model import datasets, formats

Array = npt.NDArray[Any]
BF16 = ml_dtypes.bfloat16
DTYPES = [np.float32, np.float16, BF16]
SETTINGS = model.ALL_SETTINGS
FP_MODES = ["mxfp4", "mxfp8", "nvfp4"]
AFFINE_BITS = [1, 2, 3, 4, 5, 6, 8]


def f32(*values: float) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def group(*values: float, size: int = 32) -> npt.NDArray[np.float32]:
    """One group (1, size) that begins with values and ends in zeros."""
    return np.concatenate([f32(*values), np.zeros(size - len(values), np.float32)])[None, :]


def round_trip(
    w: Array, mode: str, group_size: int | None = None, bits: int | None = None
) -> Array:
    return model.dequantize(*model.quantize(w, mode, group_size, bits), mode, group_size, bits)


# Affine


@pytest.mark.parametrize("bits", AFFINE_BITS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 0.1, -7.25, 1000.0, 2.0**-20])
def test_constant_group_round_trips(value: float, dtype: npt.DTypeLike, bits: int) -> None:
    w = np.full((2, 64), value).astype(dtype)
    np.testing.assert_array_equal(round_trip(w, "affine", 64, bits), w)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bits", AFFINE_BITS[1:])
def test_affine_zero_is_within_an_ulp_of_the_bias(bits: int, dtype: npt.DTypeLike) -> None:
    """Zero has a code of its own, q0; q0 * scale is the bias but for the rounding of the scale."""
    w = datasets.make("normal_unit", dtype, rows=64)
    w[:, ::8] = 0
    wq, scales, biases = model.quantize(w, "affine", 64, bits)
    assert biases is not None
    zeros = np.abs(model.real_weights(wq, scales, biases, "affine", 64, bits))[:, ::8]
    digits = {np.dtype(np.float32): 24, np.dtype(np.float16): 11}.get(np.dtype(dtype), 8)
    edges = np.abs(biases.astype(np.float64)).repeat(8, axis=-1)
    assert (zeros <= edges * 2.0 ** (1 - digits)).all()


def test_affine_scale_is_negative_when_the_bounds_are_symmetric() -> None:
    _, scales, biases = model.quantize(group(-7.5, 7.5), "affine", 32, 4)
    assert biases is not None
    # step 1, edge 7.5, q0 = rint(-7.5) = -8: half goes to even.
    assert (float(scales[0, 0]), float(biases[0, 0])) == (-0.9375, 7.5)
    _, scales, biases = model.quantize(group(-8, 7), "affine", 32, 4)
    assert biases is not None
    assert (float(scales[0, 0]), float(biases[0, 0])) == (1, -8)


@pytest.mark.parametrize("bits", AFFINE_BITS)
def test_affine_codes_round_half_to_even(bits: int) -> None:
    """From 0 to n the step is 1, the scale -1 and the bias n; with one bit they are 1 and 0."""
    n = 2**bits - 1
    values = [0.0, float(n), *(k + 0.5 for k in range(min(n, 30)))]
    elements = model.quantized_elements(group(*values), "affine", 32, bits)
    steps = [round(value) if bits == 1 else round(n - value) for value in values]
    assert elements.codes[0, : len(values)].tolist() == steps


def test_one_bit_affine_stores_its_two_bounds() -> None:
    w = datasets.make("two_values", np.float32)
    _, scales, biases = model.quantize(w, "affine", 32, 1)
    assert set(scales.ravel()) == {0.75}
    assert biases is not None
    assert set(biases.ravel()) == {-0.375}
    np.testing.assert_array_equal(round_trip(w, "affine", 32, 1), w)


def test_one_bit_affine_keeps_the_sign_of_the_first_zero() -> None:
    for first in (0.0, -0.0):
        _, _, biases = model.quantize(group(first, -first, 1.0), "affine", 32, 1)
        assert biases is not None
        assert np.signbit(biases[0, 0]) == np.signbit(first)


def test_affine_codes_use_the_unrounded_scale() -> None:
    w = datasets.make("normal_unit", np.float16)
    ours = model.quantized_elements(w, "affine", 64, 8)
    wide = model.quantized_elements(model.to_float32(w), "affine", 64, 8)
    np.testing.assert_array_equal(ours.codes, wide.codes)
    np.testing.assert_array_equal(ours.scales, wide.scales.astype(np.float16))
    assert ours.biases is not None
    rounded = np.rint(
        (w.astype(np.float64) - np.repeat(ours.biases, 64, -1)) / np.repeat(ours.scales, 64, -1)
    )
    assert (rounded != ours.codes).any()


@pytest.mark.parametrize("name", datasets.names())
@pytest.mark.parametrize("bits", AFFINE_BITS[1:])
def test_affine_error_is_at_most_one_scale(bits: int, name: str) -> None:
    """Half a step inside; up to a whole one at the bound that q0's rounding moved."""
    w = datasets.make(name, np.float32)
    _, scales, _ = model.quantize(w, "affine", 32, bits)
    error = np.abs(round_trip(w, "affine", 32, bits).astype(np.float64) - w)
    assert (error <= np.abs(scales.astype(np.float64)).repeat(32, axis=-1) * 1.0001).all()


def test_affine_dequantize_rounds_twice() -> None:
    """bfloat16: 3 * 1.0078125 = 3.0234375 rounds to 3.03125; one rounding would give 3.015625."""
    wq = model.pack(np.full((1, 32), 3, dtype=np.uint8), 4)
    scales, biases = (np.array([[value]]).astype(BF16) for value in (1.0078125, -0.01171875))
    assert 3 * float(scales[0, 0]) == 3.0234375
    value = model.dequantize(wq, scales, biases, "affine", 32)
    assert value.dtype == BF16
    assert set(value.astype(np.float64)[0]) == {3.015625}
    exact = model.real_weights(wq, scales, biases, "affine", 32)
    assert set(exact[0]) == {3.01171875}


# Microscaling


@pytest.mark.parametrize(("mode", "largest"), [("mxfp4", 6), ("mxfp8", 448)])
def test_mx_exponent_is_the_smallest_that_covers_the_group(mode: str, largest: int) -> None:
    amax = np.abs(np.random.RandomState(5).randint(1, 255 << 23, size=4000).astype(np.uint32))
    w = np.zeros((4000, 32), dtype=np.float32)
    w[:, 7] = amax.view(np.float32)
    scales = model.quantize(w, mode)[1]
    for value, byte in zip(w[:, 7].tolist(), scales[:, 0].tolist(), strict=True):
        exact = Fraction(value) if value >= 2.0**-126 else Fraction(0)
        if exact == 0:
            assert byte == 127
            continue
        assert largest * Fraction(2) ** (byte - 127) >= exact
        assert byte == 0 or largest * Fraction(2) ** (byte - 128) < exact


@pytest.mark.parametrize("mode", FP_MODES)
def test_every_element_round_trips_in_every_scale(mode: str) -> None:
    values = formats.E4M3_VALUES if mode == "mxfp8" else formats.E2M1_VALUES
    size = 16 if mode == "nvfp4" else 32
    elements = np.resize(values[~np.isnan(values)], (16, size))
    elements[:, 0] = values[0x7E if mode == "mxfp8" else 7]
    exponents = np.arange(-9, 9) if mode == "nvfp4" else np.arange(-110, 110)
    w = np.concatenate([np.ldexp(elements, e) for e in exponents]).astype(np.float32)
    back = round_trip(w, mode)
    assert back.tobytes() == w.tobytes()


@pytest.mark.parametrize("mode", ["mxfp4", "mxfp8"])
def test_the_mx_exponent_is_clamped_below(mode: str) -> None:
    w = np.full((1, 32), 2.0**-126, dtype=np.float32)
    assert model.quantize(w, mode)[1][0, 0] == 0
    np.testing.assert_array_equal(round_trip(w, mode), w)


@pytest.mark.parametrize("mode", FP_MODES)
def test_a_zero_group_has_zero_codes_that_keep_their_sign_in_mx(mode: str) -> None:
    w = group(0.0, -0.0)
    elements = model.quantized_elements(w, mode)
    sign = {"mxfp4": 8, "mxfp8": 0x80, "nvfp4": 0}[mode]
    assert elements.codes[0, :3].tolist() == [0, sign, 0]
    assert elements.scales[0, 0] == (0 if mode == "nvfp4" else 127)


def test_mxfp8_saturates_nothing() -> None:
    """n covers amax, so no element is clipped: the largest code is at most 0x7E unforced."""
    w = datasets.make("normal_unit", np.float32)
    assert np.abs(model.quantized_elements(w, "mxfp8").scaled).max() <= 448


# nvfp4


def test_nvfp4_loses_groups_below_six_times_two_to_minus_ten() -> None:
    lost, kept = (np.full((1, 16), 6 * 2.0**-10 * f, dtype=np.float32) for f in (1, 1.001))
    assert not round_trip(lost, "nvfp4").any()
    assert round_trip(kept, "nvfp4").any()
    global_scale = float(np.abs(lost).max())
    parts = model.quantize(lost, "nvfp4", global_scale=global_scale)
    back = model.dequantize(*parts, "nvfp4", global_scale=global_scale)
    np.testing.assert_allclose(back, lost, rtol=1e-6)


def test_nvfp4_with_amax_as_global_scale_gives_the_largest_group_scale_448() -> None:
    w = datasets.make("normal_weights", np.float32)
    amax = float(np.abs(w).max())
    _, scales, _ = model.quantize(w, "nvfp4", global_scale=amax)
    assert formats.E4M3_VALUES[scales.max()] == 448


@pytest.mark.parametrize("global_scale", [0.0, -1.0, math.nan, math.inf, 1e-36, 1e39])
def test_a_global_scale_must_be_positive_with_a_finite_reciprocal(global_scale: float) -> None:
    w = np.ones((1, 16), dtype=np.float32)
    with pytest.raises(ValueError, match="global_scale"):
        model.quantize(w, "nvfp4", global_scale=global_scale)
    wq, scales, _ = model.quantize(w, "nvfp4")
    with pytest.raises(ValueError, match="global_scale"):
        model.dequantize(wq, scales, None, "nvfp4", global_scale=global_scale)


@pytest.mark.parametrize("mode", ["affine", "mxfp4", "mxfp8"])
def test_only_nvfp4_takes_a_global_scale(mode: str) -> None:
    with pytest.raises(ValueError, match="global_scale"):
        model.quantize(np.ones((1, 64), dtype=np.float32), mode, global_scale=1.0)


# All modes


@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_shapes_and_dtypes_follow_the_table(
    dtype: npt.DTypeLike, mode: str, group_size: int, bits: int
) -> None:
    for batch in ((3,), (2, 3), (0,), (2, 0, 3)):
        w = np.ones((*batch, 256)).astype(dtype)
        wq, scales, biases = model.quantize(w, mode, group_size, bits)
        assert wq.dtype == np.uint32
        assert wq.shape == (*batch, 8 * bits)
        assert scales.shape == (*batch, 256 // group_size)
        assert scales.dtype == (dtype if mode == "affine" else np.uint8)
        assert (biases is not None) == (mode == "affine")
        back = model.dequantize(wq, scales, biases, mode, group_size, bits)
        assert (back.dtype, back.shape) == (dtype if biases is not None else np.float32, w.shape)


@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS)
@pytest.mark.parametrize("name", datasets.names())
def test_dequantize_is_the_real_value_rounded(
    name: str, mode: str, group_size: int, bits: int
) -> None:
    w = datasets.make(name, np.float32)
    parts = model.quantize(w, mode, group_size, bits)
    value = model.dequantize(*parts, mode, group_size, bits).astype(np.float64)
    real = model.real_weights(*parts, mode, group_size, bits)
    slack = np.abs(real) * 2.0**-24 + (np.abs(real - w) + np.abs(w)) * 2.0**-22
    if mode == "affine":
        slack += np.abs(parts[2]).astype(np.float64).repeat(group_size, -1) * 2.0**-23  # type: ignore[arg-type]
    assert (np.abs(value - real) <= slack + 2.0**-126).all()


@pytest.mark.parametrize(("mode", "group_size", "bits"), SETTINGS)
def test_non_finite_input_names_the_first_index(mode: str, group_size: int, bits: int) -> None:
    w = np.ones((2, 3, 128), dtype=np.float32)
    w[1, 0, 77], w[1, 2, 0] = np.inf, np.nan
    with pytest.raises(model.NonFinite) as error:
        model.quantize(w, mode, group_size, bits)
    assert error.value.first_index == 3 * 128 + 77


@pytest.mark.parametrize(
    ("dtype", "bits", "largest"), [(np.float16, 1, 65504), (np.float32, 4, 3e38), (BF16, 1, 3e38)]
)
def test_a_scale_that_overflows_is_non_finite(
    dtype: npt.DTypeLike, bits: int, largest: float
) -> None:
    w = np.ones((1, 64)).astype(dtype)
    w[0, 40], w[0, 41] = largest, -largest
    with pytest.raises(model.NonFinite, match="quantize from float32") as error:
        model.quantize(w, "affine", 32, bits)
    assert error.value.first_index == 32


def test_float32_subnormals_count_as_zero() -> None:
    w = f32(2.0**-127, -(2.0**-127), -(2.0**-149), 2.0**-126)[None, :].repeat(16, axis=1)
    flushed = w.copy()
    flushed[:, :48] *= 0
    for mode, group_size, bits in SETTINGS:
        sized = [np.resize(part, (1, 128)) for part in (w, flushed)]
        ours, theirs = (model.quantize(part, mode, group_size, bits) for part in sized)
        for one, other in zip(ours, theirs, strict=True):
            assert (one is None) == (other is None)
            assert one is None or other is None or one.tobytes() == other.tobytes()


def test_float16_subnormals_are_kept() -> None:
    w = np.full((1, 32), 2.0**-24, dtype=np.float16)
    for mode in ("mxfp4", "mxfp8"):
        np.testing.assert_array_equal(round_trip(w, mode), w)


@pytest.mark.parametrize("mode", ["mxfp4", "mxfp8"])
def test_the_scale_byte_255_is_nan(mode: str) -> None:
    bits = 8 if mode == "mxfp8" else 4
    # Elements other than zero, since zero times infinity would be NaN too.
    wq, scales = np.full((1, bits), 0x33333333, np.uint32), np.full((1, 1), 255, np.uint8)
    assert np.isnan(model.dequantize(wq, scales, None, mode)).all()


def test_subnormal_results_of_dequantize_count_as_zero() -> None:
    codes = np.arange(32, dtype=np.uint8) % 16
    wq, scales = model.pack(codes[None, :], 4), np.zeros((1, 1), np.uint8)
    value = model.dequantize(wq, scales, None, "mxfp4")
    exact = formats.E2M1_VALUES[codes] * 2.0**-127
    expected = np.where(np.abs(exact) < 2.0**-126, np.copysign(0, exact), exact)
    assert value.tobytes() == expected.astype(np.float32).tobytes()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"biases": None}, "biases are missing"),
        ({"mode": "mxfp4", "group_size": 32}, "biases are given"),
        ({"mode": "mxfp4", "group_size": 32, "biases": None}, "those of mxfp4 are uint8"),
        ({"scales": np.zeros((2, 2), np.uint8), "biases": np.zeros((2, 2), np.uint8)}, "dtype"),
        ({"scales": np.zeros((1, 2), np.float32), "biases": np.zeros((1, 2), np.float32)}, "fit"),
        ({"biases": np.zeros((2, 2), np.float16)}, "differ"),
        ({"wq": np.zeros((2, 16), np.int32)}, "uint32"),
    ],
)
def test_operands_that_do_not_fit_are_refused(change: dict[str, Any], match: str) -> None:
    wq, scales, biases = model.quantize(np.ones((2, 128), dtype=np.float32))
    call: dict[str, Any] = {"wq": wq, "scales": scales, "biases": biases, **change}
    for op in (model.dequantize, model.real_weights):
        with pytest.raises(ValueError, match=match):
            op(**call)


# Data


DATA_SHA256 = "d1a71c4f43ad7e9a0c114f7cc24905d8d7c1191c5eca63774d84b263fe1d2844"


def test_the_data_is_the_same_on_every_machine() -> None:
    digest = hashlib.sha256()
    for name in datasets.names():
        for dtype in DTYPES:
            digest.update(datasets.make(name, dtype).astype("<f4").tobytes())
    assert digest.hexdigest() == DATA_SHA256


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", datasets.names())
def test_every_data_set_can_be_quantized_in_every_way(name: str, dtype: npt.DTypeLike) -> None:
    w = datasets.make(name, dtype)
    assert (w.dtype, w.shape) == (dtype, (4, 256))
    for mode, group_size, bits in SETTINGS:
        model.quantize(w, mode, group_size, bits)
