"""What the peers get, and the exact values that their results are judged by."""

import numpy as np
import pytest

from bench import data
from bench.model import Sample
from bench.worker import judge
from reference_model import packing


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 5, 6, 8])
def test_affine_values_are_exact(bits: int) -> None:
    codes = np.random.default_rng(bits).integers(0, 2**bits, (4, 128))
    scales, biases = np.full((4, 2), 0.3), np.arange(8.0).reshape(4, 2)
    packed = packing.pack(codes.astype(np.uint32), bits)
    values = data.affine_values(packed, scales, biases, bits, 64)
    exact = codes.reshape(4, 2, 64) * scales[..., None] + biases[..., None]
    np.testing.assert_array_equal(values, exact.reshape(4, 128))


def test_a_part_is_repeated_to_a_whole() -> None:
    part = np.arange(6).reshape(3, 2)
    np.testing.assert_array_equal(data.whole(part, 7)[3:6], part)
    assert data.whole(part, 7).shape == (7, 2)
    assert data.whole(part, 2).shape == (2, 2)


def test_copies_fill_what_they_must() -> None:
    assert data.copies_for(10, 1) == 1
    assert data.copies_for(10, 95) == 10


def test_activations_are_no_rows_of_the_weight() -> None:
    for m in (1, 7):
        x, w = data.activations(m, 256)[0], data.weight(512, 256)
        assert np.abs(x @ w.T).max() / (np.linalg.norm(x) * np.linalg.norm(w[0])) < 0.5


def test_an_error_is_judged_by_the_contract() -> None:
    x, weight = np.ones((1, 4)), np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    exact = np.array([[4.0, 8.0]])
    assert judge(Sample(exact, x, weight)) == (0.0, None)
    allowed = 2**-8 * 4 + 2**-9 * 4
    relative, bound = judge(Sample(exact + np.array([[allowed / 2, 0]]), x, weight, "bf16"))
    assert bound == pytest.approx(0.5)
    assert relative == pytest.approx(allowed / 2 / np.sqrt(80))
