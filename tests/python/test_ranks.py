"""Eight axes are the most there are, for operands and for results."""

import numpy as np
import pytest

import thinbit
from thinbit import ThinbitError

EXPERTS = 3


@pytest.fixture
def w():
    weights = np.random.default_rng(1).standard_normal((EXPERTS, 5, 64)).astype(np.float32)
    return thinbit.quantize(weights)


@pytest.fixture
def x():
    return np.random.default_rng(2).standard_normal(64).astype(np.float32)


@pytest.mark.parametrize("axes", range(1, 8))
def test_a_vector_meets_indices_of_up_to_seven_axes(w, x, axes):
    indices = np.array([2, 0, 2, 1], dtype=np.int32)
    shape = [1] * axes
    shape[axes // 2] = len(indices)
    out = thinbit.gather_qmm(x, *w, rhs_indices=indices.reshape(shape))
    assert out.shape == (*shape, 5)
    for position, expert in enumerate(indices):
        alone = thinbit.quantized_matmul(x, *(part[expert] for part in w))
        np.testing.assert_array_equal(out.reshape(-1, 5)[position], alone)


def test_a_result_of_nine_axes_is_refused(w, x):
    with pytest.raises(ThinbitError) as caught:
        thinbit.gather_qmm(x, *w, rhs_indices=np.zeros([1] * 8, dtype=np.int32))
    assert caught.value.rule == "gather_qmm.out.rank"


def test_a_matrix_with_the_most_axes_is_multiplied(w):
    x = np.random.default_rng(3).standard_normal((2, 1, 1, 1, 1, 3, 4, 64)).astype(np.float32)
    one = [part[0] for part in w]
    out = thinbit.quantized_matmul(x, *one)
    assert out.shape == (2, 1, 1, 1, 1, 3, 4, 5)
    matrices = x.reshape(-1, 4, 64)
    alone = np.stack([thinbit.quantized_matmul(matrix, *one) for matrix in matrices])
    np.testing.assert_array_equal(out.reshape(-1, 4, 5), alone)
    np.testing.assert_array_equal(thinbit.quantized_matmul(matrices, *one), alone)
