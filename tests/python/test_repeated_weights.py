"""Weights that repeat some of their parts along a batch axis are as good as copies of them."""

import numpy as np
import pytest

import thinbit

EXPERTS = 3
W = np.random.default_rng(1).standard_normal((8, 64)).astype(np.float32)
X = np.random.default_rng(2).standard_normal((EXPERTS, 1, 64)).astype(np.float32)
EACH = np.array([0.5, 1.0, 4.0], np.float32)


def repeated(part):
    """The part for every expert, with stride 0."""
    return np.broadcast_to(part, (EXPERTS, *part.shape))


def one_by_one(experts):
    return np.stack([thinbit.quantized_matmul(x, q) for x, q in zip(X, experts, strict=True)])


def test_the_same_codes_with_other_scales_are_another_matrix():
    wq, scales, biases = thinbit.quantize(W)
    factors = EACH[:, None, None]
    q = thinbit.QuantizedTensor(repeated(wq), scales * factors, biases * factors)
    alone = [thinbit.QuantizedTensor(wq, scales * f, biases * f) for f in EACH]
    np.testing.assert_array_equal(thinbit.quantized_matmul(X, q), one_by_one(alone))


def test_the_same_codes_with_other_biases_are_another_matrix():
    wq, scales, biases = thinbit.quantize(W)
    q = thinbit.QuantizedTensor(repeated(wq), repeated(scales), biases * EACH[:, None, None])
    alone = [thinbit.QuantizedTensor(wq, scales, biases * f) for f in EACH]
    np.testing.assert_array_equal(thinbit.quantized_matmul(X, q), one_by_one(alone))


def test_the_same_codes_with_another_global_scale_are_another_matrix():
    wq, scales, _ = thinbit.quantize(W, mode="nvfp4", global_scale=np.array(3, np.float32))
    q = {"mode": "nvfp4", "global_scale": EACH}
    found = thinbit.gather_qmm(X, repeated(wq), repeated(scales), **q)
    alone = [
        thinbit.QuantizedTensor(wq, scales, mode="nvfp4", global_scale=np.array(f)) for f in EACH
    ]
    np.testing.assert_array_equal(found, one_by_one(alone))


@pytest.mark.parametrize("shape", [(EXPERTS,), (1,)])
def test_a_repeated_float_weight_is_quantized_with_each_global_scale(shape):
    scales = EACH[: shape[0]]
    one = np.array(2, np.float32)
    found = thinbit.gather_qqmm(
        X, repeated(W), mode="nvfp4", global_scale_x=one, global_scale_w=scales
    )
    for i in range(EXPERTS):
        scale = np.array(scales[i % len(scales)])
        alone = thinbit.qqmm(X[i], W, mode="nvfp4", global_scale_x=one, global_scale_w=scale)
        np.testing.assert_array_equal(found[i], alone)
