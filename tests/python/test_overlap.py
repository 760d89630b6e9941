"""Outputs share no memory with operands; taking turns in memory is no sharing."""

import numpy as np
import pytest

import thinbit
from thinbit import ThinbitError

W = np.random.default_rng(1).standard_normal((8, 64)).astype(np.float32)
X = np.random.default_rng(2).standard_normal((3, 64)).astype(np.float32)
PARTS = thinbit.quantize(W)
Q = thinbit.QuantizedTensor(*PARTS)
C = np.arange(24, dtype=np.float32).reshape(3, 8)


def refused(call):
    with pytest.raises(ThinbitError) as caught:
        call()
    return caught.value.rule.endswith("out.overlap")


def add(c, out):
    thinbit.quantized_addmm(c, X, Q, out=out)


EXPECTED = thinbit.quantized_addmm(C, X, Q)


@pytest.mark.parametrize(
    ("c", "out"),
    [
        pytest.param(np.s_[:, :8], np.s_[:, 8:16], id="columns beside one another"),
        pytest.param(np.s_[:, 8:16], np.s_[:, :8], id="the other way round"),
        pytest.param(np.s_[:, 8:16], np.s_[::-1, :8], id="rows from the last"),
        pytest.param(np.s_[:, 7::-1], np.s_[:, 8:16], id="columns from the last"),
        pytest.param(np.s_[:, ::2], np.s_[:, 1::2], id="every other column"),
    ],
)
def test_columns_of_one_matrix_take_turns(c, out):
    matrix = np.zeros((3, 16), np.float32)
    matrix[c] = C
    add(matrix[c], matrix[out])
    np.testing.assert_array_equal(matrix[out], EXPECTED)
    np.testing.assert_array_equal(matrix[c], C)


@pytest.mark.parametrize(
    ("c", "out"),
    [
        pytest.param(np.s_[:3, :8], np.s_[:3, :8], id="the same"),
        pytest.param(np.s_[:3, :8], np.s_[:3, 7:15], id="one column"),
        pytest.param(np.s_[:3, :8], np.s_[2:, 7:15], id="one element"),
        pytest.param(np.s_[2::-1, :8], np.s_[:3, :8], id="rows from the last"),
        pytest.param(np.s_[2::-1, 7::-1], np.s_[:3, :8], id="all from the last"),
        pytest.param(np.s_[:3, ::2], np.s_[:3, 2::2], id="every other column"),
        pytest.param(np.s_[:1, :8], np.s_[:3, :8], id="a broadcast row"),
    ],
)
def test_a_shared_element_is_refused(c, out):
    matrix = np.zeros((5, 18), np.float32)
    given = matrix[c] if matrix[c].shape[1] == 8 else matrix[c][:, :8]
    target = matrix[out] if matrix[out].shape[1] == 8 else matrix[out][:, :8]
    assert np.shares_memory(given, target)
    assert refused(lambda: add(given, target))


def test_bytes_of_another_dtype_are_shared_too():
    x = np.zeros((4, 4), np.uint8)
    assert refused(lambda: thinbit.to_fp8(x.view(np.float32), out=x[:, :1]))


def test_what_is_empty_shares_nothing():
    x = np.zeros((4, 64), np.float32)
    out = x[2:2, :8]
    assert thinbit.quantized_matmul(x[2:2], Q, out=out) is out


def random_view(rng, memory, shape):
    row, column = rng.integers(0, 6, 2)
    row_step, column_step = rng.choice([-2, -1, 1, 2], 2)
    part = memory[row : row + 6][::row_step, column : column + 6][:, ::column_step]
    return part[: shape[0], : shape[1]]


def test_views_of_one_matrix_are_judged_as_numpy_judges_them():
    rng = np.random.default_rng(3)
    memory = np.zeros((12, 12), np.float32)
    judged = {True: 0, False: 0}
    for _ in range(400):
        rows, columns = shape = tuple(rng.integers(1, 4, 2))
        c, out = random_view(rng, memory, shape), random_view(rng, memory, shape)
        shares = np.shares_memory(c, out)
        judged[shares] += 1
        call = (c, np.zeros((rows, 64), np.float32), *(part[:columns] for part in PARTS))
        if shares:
            assert refused(lambda call=call, out=out: thinbit.quantized_addmm(*call, out=out))
        else:
            assert thinbit.quantized_addmm(*call, out=out) is out
    assert min(judged.values()) > 50
