"""Medians and ratios of rounds."""

import math

import pytest

from bench.model import Cell
from bench.stats import keep_quietest, median, of_limit, operations, quietest, spread


def cell(**fields: object) -> Cell:
    return Cell(**{"regime": "product", "peer": "ggml", "name": "q4_0", **fields})  # type: ignore[arg-type]


def test_median_of_nothing_is_nan() -> None:
    assert math.isnan(median([]))
    assert median([3.0, 1.0, 2.0]) == 2.0


def test_spread_is_half_the_distance_of_the_quartiles() -> None:
    assert spread([1.0]) == 0.0
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(1 / 3)


def test_the_part_of_the_limit_is_taken_round_by_round() -> None:
    # The machine was twice as fast in the last round, for the limit and for the kernel.
    measured = cell(seconds=[2.0, 2.0, 1.0], beside=[1.0, 1.0, 0.5])
    assert of_limit(measured) == 0.5


def test_a_limit_that_the_machine_lacks_gives_no_part() -> None:
    assert math.isnan(of_limit(cell(seconds=[1.0], beside=[0.0])))
    assert math.isnan(of_limit(cell(seconds=[1.0])))


def test_operations_count_a_multiplication_and_an_addition() -> None:
    assert operations(cell(m=2, n=3, k=5, seconds=[0.5])) == 120.0


def test_the_quietest_rounds_are_kept_in_their_order() -> None:
    foreign = [0.5, 0.0, 0.9, 0.1]
    assert quietest(foreign, 2) == [1, 3]
    measured = cell(seconds=[1.0, 2.0, 3.0, 4.0], beside=[5.0, 6.0, 7.0, 8.0], foreign=foreign)
    keep_quietest(measured, 3)
    assert measured.seconds == [1.0, 2.0, 4.0]
    assert measured.beside == [5.0, 6.0, 8.0]
    assert measured.foreign == [0.5, 0.0, 0.1]
