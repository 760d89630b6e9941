"""nvfp4 where its intermediates are subnormal: they count as zero, as the contract says."""

import numpy as np
import pytest

import reference_model as model
import thinbit

SMALLEST = 7.9e-36  # 2688 divided by it is hardly finite
SCALES = [SMALLEST, 1e-35, 3.2e-35, 1e-33, 1e-30]


def weights(scale):
    """Magnitudes from far below the scale, through where w / d is subnormal, to the scale."""
    rng = np.random.default_rng(1)
    magnitudes = np.exp(rng.uniform(np.log(1e-39), np.log(scale), (64, 64)))
    return (magnitudes * rng.choice([-1, 1], (64, 64))).astype(np.float32)


@pytest.mark.parametrize("scale", SCALES)
def test_tiny_weights_are_quantized_as_the_model_does(scale):
    w = weights(scale)
    found = thinbit.quantize(w, mode="nvfp4", global_scale=np.array(scale, np.float32))
    wq, scales, _ = model.quantize(w, "nvfp4", global_scale=np.float32(scale))
    np.testing.assert_array_equal(found.wq, wq)
    np.testing.assert_array_equal(found.scales, scales)


@pytest.mark.parametrize("scale", SCALES)
def test_tiny_values_are_dequantized_as_the_model_does(scale):
    rng = np.random.default_rng(2)
    wq = rng.integers(0, 2**32, (32, 8), dtype=np.uint32)
    scales = rng.integers(0, 0x7F, (32, 4), dtype=np.uint8)
    g = np.array(scale, np.float32)
    found = thinbit.dequantize(wq, scales, mode="nvfp4", global_scale=g)
    expected = model.dequantize(wq, scales, None, "nvfp4", global_scale=np.float32(scale))
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("scale", SCALES)
def test_products_take_the_real_values_of_tiny_weights(scale):
    """Only a subnormal g counts as zero; d * g and element * d * g are what they are."""
    rng = np.random.default_rng(3)
    wq = rng.integers(0, 2**32, (8, 8), dtype=np.uint32)
    scales = rng.integers(0, 0x7F, (8, 4), dtype=np.uint8)
    x = rng.standard_normal((2, 64)).astype(np.float32) * np.float32(1e30)
    found = thinbit.quantized_matmul(
        x, wq, scales, mode="nvfp4", global_scale=np.array(scale, np.float32)
    )
    w = model.real_weights(wq, scales, None, "nvfp4", global_scale=np.float32(scale))
    expected = x.astype(np.float64) @ w.T
    magnitude = np.abs(x).astype(np.float64) @ np.abs(w).T
    assert np.all(np.abs(found - expected) <= 2.0**-23 * np.abs(expected) + 1e-6 * magnitude)
