"""The codes, scales and roundings of core/numerics against the numpy model, value by value."""

import math

import ml_dtypes
import numpy as np
import pytest
import whitebox

from reference_model import formats, pack, unpack

BITS = (1, 2, 3, 4, 5, 6, 8)
FORMATS = {1: np.float32, 2: np.float16, 3: ml_dtypes.bfloat16}
SUBNORMALS = np.array([1e-45, -1e-45, 1e-39, -1e-39, 1.1754942e-38], np.float32)
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-30], np.float32)


@pytest.fixture(scope="module")
def core():
    return whitebox.load()


def around(points):
    """Floats at, just below and just above points, of both signs, and special ones."""
    points = np.asarray(points, np.float32)
    up, down = (np.nextafter(points, np.float32(to), dtype=np.float32) for to in (np.inf, -np.inf))
    near = np.concatenate([points, up, down])
    return np.concatenate([near, -near, SPECIAL, SUBNORMALS])


def random_floats(count=200_000):
    """Bit patterns of all floats, NaN apart."""
    bits = np.random.default_rng(7).integers(0, 2**32, count, dtype=np.uint32)
    values = bits.view(np.float32)
    return values[~np.isnan(values)]


def assert_bits_equal(found, expected):
    found, expected = np.asarray(found), np.asarray(expected).astype(np.asarray(found).dtype)
    nan = np.isnan(found.astype(np.float32)) & np.isnan(expected.astype(np.float32))
    width = {4: np.uint32, 2: np.uint16, 1: np.uint8}[found.itemsize]
    wrong = (found.view(width) != expected.view(width)) & ~nan
    assert not wrong.any(), (found[wrong][:4], expected[wrong][:4])


def midpoints(values):
    values = np.unique(np.abs(values[np.isfinite(values)]))
    return np.concatenate([values, (values[:-1] + values[1:]) / 2])


class TestE2m1:
    def test_every_code_has_its_value(self, core):
        codes = np.arange(16, dtype=np.uint32)
        assert_bits_equal(core.e2m1_decode(codes), formats.E2M1_VALUES)

    def test_rounding_is_half_to_even_at_every_midpoint_and_saturates(self, core):
        x = np.concatenate([around(midpoints(formats.E2M1_VALUES)), random_floats()])
        assert (core.e2m1_encode(x) == formats.e2m1_encode(x.astype(np.float64))).all()


class TestE4m3:
    def test_every_byte_has_its_value(self, core):
        bytes_ = np.arange(256, dtype=np.uint32)
        assert_bits_equal(core.e4m3_decode(bytes_), formats.E4M3_VALUES)

    def test_rounding_is_half_to_even_at_every_midpoint_and_saturates(self, core):
        x = np.concatenate([around(midpoints(formats.E4M3_VALUES)), random_floats()])
        assert (core.e4m3_encode(x) == formats.e4m3_encode(x.astype(np.float64))).all()

    def test_nan_of_either_sign_is_7f(self, core):
        for bits in (0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF):
            assert core.e4m3_encode(np.array([bits], np.uint32).view(np.float32)).tolist() == [0x7F]


class TestE8m0:
    def test_every_byte_has_its_value(self, core):
        bytes_ = np.arange(256, dtype=np.uint32)
        assert_bits_equal(core.e8m0_decode(bytes_), formats.E8M0_VALUES)

    def test_exponents_and_bytes_are_each_others_inverse(self, core):
        n = np.arange(-127, 128, dtype=np.int32)
        assert (core.e8m0_exponent(core.e8m0_encode(n)) == n).all()

    def test_scaling_is_exact_and_flushes(self, core):
        x = np.concatenate([random_floats(2000), SPECIAL, SUBNORMALS])
        for n in (-300, -254, -127, -126, -24, -1, 0, 1, 23, 126, 127, 254, 300):
            flushed = formats.flush_subnormals(x).astype(np.float64)
            with np.errstate(over="ignore", under="ignore"):
                exact = np.ldexp(flushed, n)
                rounded = exact.astype(np.float32)
            # Exact in float64; a result below the smallest normal counts as zero.
            tiny = np.abs(exact) < formats.SMALLEST_NORMAL_F32
            expected = np.where(tiny, np.copysign(np.float32(0), x), rounded)
            assert_bits_equal(core.scale_by_power_of_two(x, n), expected.astype(np.float32))


class TestHalves:
    def test_every_float16_is_widened_exactly(self, core):
        codes = np.arange(2**16, dtype=np.uint16)
        assert_bits_equal(core.f16_to_f32(codes), codes.view(np.float16).astype(np.float32))

    def test_every_bfloat16_is_widened_exactly(self, core):
        codes = np.arange(2**16, dtype=np.uint16)
        expected = codes.view(ml_dtypes.bfloat16).astype(np.float32)
        assert_bits_equal(core.bf16_to_f32(codes), expected)

    @pytest.mark.parametrize(
        ("function", "dtype"), [("f32_to_f16", np.float16), ("f32_to_bf16", ml_dtypes.bfloat16)]
    )
    def test_narrowing_is_half_to_even_at_every_midpoint(self, core, function, dtype):
        infinity = np.array(np.inf, dtype).view(np.uint16)
        every = np.arange(infinity, dtype=np.uint16).view(dtype).astype(np.float64)
        x = np.concatenate([around(midpoints(every)), random_floats()])
        with np.errstate(over="ignore"):
            expected = x.astype(dtype)
        assert_bits_equal(getattr(core, function)(x).view(np.uint16), expected.view(np.uint16))

    def test_nan_stays_nan(self, core):
        nan = np.array([0x7F800001, 0xFFC00000, 0x7FFFFFFF], np.uint32).view(np.float32)
        assert np.isnan(core.f32_to_f16(nan).view(np.float16)).all()
        assert np.isnan(core.f32_to_bf16(nan).view(ml_dtypes.bfloat16)).all()

    @pytest.mark.parametrize("format", FORMATS)
    def test_rounding_to_a_format_gives_one_of_its_values(self, core, format):
        x = random_floats(20_000)
        with np.errstate(over="ignore"):
            expected = x.astype(FORMATS[format]).astype(np.float32)
        assert_bits_equal(core.round_to(format, x), expected)


class TestFloats:
    def test_integers_are_rounded_half_to_even(self, core):
        halves = np.arange(-2000, 2000, dtype=np.float32) / 2
        x = np.concatenate([around(halves), around(2.0 ** np.arange(20, 30)), random_floats()])
        assert_bits_equal(core.round_half_even(x), np.rint(x))

    def test_subnormals_count_as_the_zero_of_their_sign(self, core):
        x = np.concatenate([random_floats(), SPECIAL, SUBNORMALS])
        assert_bits_equal(core.flush_subnormal(x), formats.flush_subnormals(x))

    def test_magnitude_and_is_finite(self, core):
        x = np.concatenate([random_floats(), SPECIAL, np.array([np.nan], np.float32)])
        assert_bits_equal(core.magnitude(x), np.abs(x))
        assert (core.is_finite(x) == np.isfinite(x)).all()


class TestPacking:
    @pytest.mark.parametrize("bits", BITS)
    def test_a_row_is_one_little_endian_bit_stream(self, core, bits):
        codes = np.random.default_rng(bits).integers(0, 2**bits, 32 * 7).astype(np.uint8)
        words = core.pack(codes, bits)
        np.testing.assert_array_equal(words, pack(codes, bits))
        stream = sum(int(code) << (i * bits) for i, code in enumerate(codes))
        assert words.tobytes() == stream.to_bytes(words.nbytes, "little")
        np.testing.assert_array_equal(core.unpack(words, codes.size, bits), codes)
        np.testing.assert_array_equal(unpack(words, bits), codes)

    @pytest.mark.parametrize("bits", (4, 8))
    def test_half_a_block_of_codes_fills_half_its_words(self, core, bits):
        codes = np.random.default_rng(bits).integers(0, 2**bits, 16).astype(np.uint8)
        np.testing.assert_array_equal(core.pack(codes, bits), pack(codes, bits))


class TestMicroscaling:
    @pytest.mark.parametrize(
        ("name", "largest"), [("mxfp4_exponent", 6.0), ("mxfp8_exponent", 448.0)]
    )
    def test_the_exponent_is_the_smallest_that_covers_amax(self, core, name, largest):
        points = largest * 2.0 ** np.arange(-130, 119, 3)
        x = np.abs(formats.flush_subnormals(np.concatenate([around(points), random_floats(2000)])))
        x = x[np.isfinite(x)]
        for amax, n in zip(x.tolist(), getattr(core, name)(x).tolist(), strict=True):
            if amax == 0:
                assert n == 0
                continue
            assert -127 <= n <= 127
            assert n == 127 or math.ldexp(largest, n) >= amax
            assert n == -127 or math.ldexp(largest, n - 1) < amax

    @pytest.mark.parametrize(("mode", "count"), [("mxfp4", 16), ("mxfp8", 256)])
    def test_decoding_is_exact_and_flushes(self, core, mode, count):
        values = formats.E2M1_VALUES if mode == "mxfp4" else formats.E4M3_VALUES
        codes, bytes_ = np.meshgrid(np.arange(count), np.arange(256))
        exact = values[codes] * formats.E8M0_VALUES[bytes_]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            tiny = np.abs(exact) < formats.SMALLEST_NORMAL_F32
            expected = np.where(tiny, np.copysign(0, exact), exact).astype(np.float32)
        found = getattr(core, f"{mode}_dequantize")(
            codes.astype(np.uint32), bytes_.astype(np.uint32)
        )
        assert_bits_equal(found, expected)

    def test_nvfp4_factors_come_from_448_times_6(self, core):
        scale = np.array([1.0, 3.7, 2688.0, 1e-20, 1e30], np.float32)
        assert_bits_equal(core.nvfp4_encode_factor(scale), np.float32(448 * 6) / scale)
        assert_bits_equal(core.nvfp4_decode_factor(scale), scale / np.float32(448 * 6))
        assert core.nvfp4_decode_factor(np.float32(1e-37)) == 0

    def test_a_block_scale_of_zero_gives_the_code_zero(self, core):
        w = np.array([0.0, -0.0, 1e-30, -1e30], np.float32)
        assert core.nvfp4_code(w, np.float32(0), np.float32(1)).tolist() == [0] * 4


class TestAffine:
    @pytest.mark.parametrize("bits", BITS[1:])
    def test_zero_is_a_whole_number_of_steps_from_the_edge(self, core, bits):
        for lo, hi in ((-1.0, 0.7), (-0.3, 2.0), (0.5, 0.6), (-3.0, -1.0)):
            scale, bias = core.affine_group(lo, hi, bits)
            quotient = np.float32(bias) / np.float32(scale)
            assert abs(quotient - np.rint(quotient)) <= 2.0**-23 * abs(quotient)

    def test_of_equal_magnitudes_the_scale_is_negative(self, core):
        scale, bias = core.affine_group(-1.0, 1.0, 4)
        assert scale < 0 < bias

    def test_one_bit_takes_lo_and_hi_and_gives_the_midpoint_to_lo(self, core):
        scale, bias = core.affine_group(-1.0, 3.0, 1)
        assert (scale, bias) == (4.0, -1.0)
        codes = core.affine_code(np.array([-1.0, 1.0, 1.001, 3.0], np.float32), scale, bias, 1)
        assert codes.tolist() == [0, 0, 1, 1]

    @pytest.mark.parametrize("format", FORMATS)
    def test_dequantize_rounds_twice(self, core, format):
        rng = np.random.default_rng(format)
        stored = FORMATS[format]
        scale, bias = (rng.standard_normal(4000).astype(stored) for _ in range(2))
        code = rng.integers(0, 256, 4000).astype(np.uint32)
        product = (code.astype(np.float32) * scale.astype(np.float32)).astype(stored)
        expected = (product.astype(np.float32) + bias.astype(np.float32)).astype(stored)
        found = core.affine_dequantize(
            code, scale.astype(np.float32), bias.astype(np.float32), format
        )
        assert_bits_equal(found, expected.astype(np.float32))
