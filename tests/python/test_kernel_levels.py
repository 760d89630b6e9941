"""Every level of row kernels that this machine has, by name, against the numpy model."""

import ml_dtypes
import numpy as np
import pytest
import whitebox

from reference_model import (
    ALL_SETTINGS,
    NonFinite,
    datasets,
    dequantize,
    from_fp8,
    quantize,
    real_weights,
    to_fp8,
)

DTYPES = {1: np.float32, 2: np.float16, 3: ml_dtypes.bfloat16}
MODES = {"affine": 1, "mxfp4": 2, "mxfp8": 3, "nvfp4": 4}
UINT8 = 4
NON_FINITE, SCALE_OVERFLOW = 1, 2


@pytest.fixture(scope="module")
def core():
    return whitebox.load()


@pytest.fixture(scope="module")
def levels(core):
    return [core.Level(name) for name in core.level_names()]


def test_the_portable_level_is_always_there(core):
    assert "scalar" in core.level_names()
    for name in core.level_names():
        assert core.Level(name).name == name


def stored_dtypes(mode):
    return DTYPES if mode == "affine" else {UINT8: np.uint8}


def row_format(core, setting, dtype):
    mode, group_size, bits = setting
    return core.RowFormat(MODES[mode], bits, group_size, dtype)


def rows(dtype):
    for name in datasets.names():
        for row in datasets.make(name, np.dtype(dtype), rows=2, columns=384):
            yield name, row


def encoded(core, parts):
    words, scales, biases = parts
    empty = np.zeros(0, np.uint8)
    return core.EncodedRow(
        words, scales.view(np.uint8), empty if biases is None else biases.view(np.uint8)
    )


def global_scales(mode, row):
    yield None
    if mode == "nvfp4":
        largest = np.float32(np.abs(row.astype(np.float32)).max() or 1)
        if np.isfinite(factors(largest)[0]):
            yield largest


def factors(scale):
    if scale is None:
        return np.float32(1), np.float32(1)
    with np.errstate(over="ignore"):
        return np.float32(2688) / scale, scale / np.float32(2688)


MICROSCALING = [setting for setting in ALL_SETTINGS if setting[0] != "affine"]


@pytest.mark.parametrize("setting", ALL_SETTINGS, ids=str)
class TestSettings:
    def test_quantize_gives_the_models_bytes(self, core, levels, setting):
        for level in levels:
            mode, group_size, bits = setting
            for number, dtype in stored_dtypes(mode).items():
                for name, row in rows(np.float32 if number == UINT8 else dtype):
                    for scale in global_scales(mode, row):
                        encode = factors(scale)[0]
                        found = level.quantize(
                            row_format(core, setting, number), row.astype(np.float32), encode
                        )
                        try:
                            parts = quantize(row[None], mode, group_size, bits, scale)
                        except NonFinite as refused:
                            assert found[3:] == (SCALE_OVERFLOW, refused.first_index), name
                            continue
                        assert found[3] == 0, name
                        for mine, wanted in zip(found[:3], parts, strict=True):
                            assert mine.tobytes() == (
                                b"" if wanted is None else wanted.tobytes()
                            ), name

    def test_dequantize_gives_the_models_values(self, core, levels, setting):
        for level in levels:
            mode, group_size, bits = setting
            for number, dtype in stored_dtypes(mode).items():
                for name, row in rows(np.float32 if number == UINT8 else dtype):
                    try:
                        parts = quantize(row[None], mode, group_size, bits)
                    except NonFinite:
                        continue
                    for scale in global_scales(mode, row):
                        decode = factors(scale)[1]
                        decode = np.float32(0) if decode < 2.0**-126 else decode
                        format_ = row_format(core, setting, number)
                        found = level.dequantize(format_, encoded(core, parts), row.size, decode)
                        wanted = dequantize(*parts, mode, group_size, bits, scale, dtype=None)
                        assert found.tobytes() == wanted.astype(np.float32).tobytes(), name

    def test_decode_rounds_the_real_weight_once(self, core, levels, setting):
        for level in levels:
            mode, group_size, bits = setting
            for number, dtype in stored_dtypes(mode).items():
                for name, row in rows(np.float32 if number == UINT8 else dtype):
                    try:
                        parts = quantize(row[None], mode, group_size, bits)
                    except NonFinite:
                        continue
                    format_ = row_format(core, setting, number)
                    found = level.decode(format_, encoded(core, parts), row.size, 1.0)
                    real = real_weights(*parts, mode, group_size, bits)
                    # Half a unit in the last place, and subnormals count as zero.
                    with np.errstate(over="ignore"):
                        near = (
                            np.abs(found - real) <= 2.0**-24 * (1 + 1e-7) * np.abs(real) + 2.0**-126
                        )
                        assert (near | (found == real.astype(np.float32))).all(), name

    def test_the_first_value_that_is_not_finite_is_reported(self, core, levels, setting):
        for level in levels:
            mode, group_size, _ = setting
            number = 1 if mode == "affine" else UINT8
            for index in (0, group_size - 1, group_size, 383):
                for value in (np.nan, np.inf, -np.inf):
                    row = np.ones(384, np.float32)
                    row[index:] = value
                    found = level.quantize(row_format(core, setting, number), row, 1.0)
                    assert found[3:] == (NON_FINITE, index)


@pytest.mark.parametrize("setting", MICROSCALING, ids=str)
class TestRequantize:
    def test_requantize_gives_what_the_codes_stand_for(self, core, levels, setting):
        for level in levels:
            mode, group_size, bits = setting
            for name, row in rows(np.float32):
                for scale in global_scales(mode, row):
                    encode = factors(scale)[0]
                    parts = quantize(row[None], mode, group_size, bits, scale)
                    wanted = real_weights(*parts, mode, group_size, bits)[0]
                    found = level.requantize(row_format(core, setting, UINT8), row, encode)
                    tiny = np.abs(wanted) < 2.0**-126
                    assert (np.where(tiny, found, wanted) == found).all(), name
                    assert (np.abs(found[tiny]) < 2.0**-126).all(), name

    def test_requantize_makes_a_row_that_is_not_finite_nan(self, core, levels, setting):
        for level in levels:
            row = np.ones(384, np.float32)
            row[200] = np.inf
            assert np.isnan(level.requantize(row_format(core, setting, UINT8), row, 1.0)).all()


@pytest.mark.parametrize("count", [16, 32, 48, 128, 144, 384, 1024])
class TestProducts:
    def operands(self, count, depth=1):
        rng = np.random.default_rng(count + depth)
        weights = rng.standard_normal((depth, count)).astype(np.float32)
        return rng, weights

    def test_dot_stays_within_the_bound(self, levels, count):
        for level in levels:
            rng, weights = self.operands(count)
            for row_count in (1, 2, 3, 5, 8):
                x = rng.standard_normal((row_count, count + 3)).astype(np.float32)
                found = level.dot(weights[0], x, 3)
                exact = x[:, 3:].astype(np.float64) @ weights[0].astype(np.float64)
                most = np.abs(x[:, 3:]).astype(np.float64) @ np.abs(weights[0]).astype(np.float64)
                assert (np.abs(found - exact) <= 0.9e-6 * most).all()

    def test_dot_does_not_depend_on_the_other_rows(self, levels, count):
        for level in levels:
            rng, weights = self.operands(count)
            x = rng.standard_normal((7, count)).astype(np.float32)
            together = level.dot(weights[0], x, 0)
            alone = [level.dot(weights[0], x[i : i + 1], 0)[0] for i in range(7)]
            assert together.tolist() == alone

    def test_accumulate_stays_within_the_bound(self, core, levels, count):
        for level in levels:
            for depth in range(1, core.accumulate_depth + 1):
                rng, weights = self.operands(count, depth)
                x = rng.standard_normal((3, depth + 2)).astype(np.float32)
                found = level.accumulate(weights, x, 2)
                exact = x[:, 2:].astype(np.float64) @ weights.astype(np.float64)
                most = np.abs(x[:, 2:]).astype(np.float64) @ np.abs(weights).astype(np.float64)
                assert (np.abs(found - exact) <= 0.9e-6 * most).all()


@pytest.mark.parametrize("number", DTYPES)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 7, 16, 33, 1000])
class TestMemory:
    def test_load_reads_what_lies_a_stride_apart(self, levels, number, stride, count):
        for level in levels:
            data = (
                np.random.default_rng(count).standard_normal(count * stride).astype(DTYPES[number])
            )
            found = level.load(data.view(np.uint8), number, stride, count)
            assert found.tobytes() == data[::stride].astype(np.float32).tobytes()

    def test_store_rounds_once_and_touches_nothing_between(self, levels, number, stride, count):
        for level in levels:
            values = np.random.default_rng(count).standard_normal(count).astype(np.float32)
            found = level.store(values, number, stride).view(DTYPES[number])
            assert found[::stride].tobytes() == values.astype(DTYPES[number]).tobytes()
            between = np.ones(found.size, bool)
            between[::stride] = False
            assert (found[between].view(np.uint8) == 0xEE).all()


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 1000])
def test_fp8_goes_both_ways(levels, count):
    for level in levels:
        values = (np.random.default_rng(count).standard_normal(count) * 300).astype(np.float32)
        codes = level.to_fp8(values)
        np.testing.assert_array_equal(codes, to_fp8(values))
        everything = np.resize(np.arange(256, dtype=np.uint8), count)
        np.testing.assert_array_equal(level.from_fp8(everything), from_fp8(everything))
