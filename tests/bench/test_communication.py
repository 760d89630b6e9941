"""The model of exchanges between ranks, and its page."""

from __future__ import annotations

import pytest

from bench.communication.model import (
    RANKS,
    SHAPES,
    Link,
    fitted,
    read_seconds,
    sum_seconds,
    token_seconds,
)
from bench.communication.page import page

LINK = Link("a link", 10e-6, 1e9, "made up")
MACHINE = {"cpu": "a processor", "cores": 2, "system": "a system", "when": "today", "load": 0.5}


def test_one_rank_exchanges_nothing() -> None:
    assert sum_seconds(LINK, 1, 1 << 20) == 0


def test_two_ranks_send_everything_once() -> None:
    assert sum_seconds(LINK, 2, 1000) == pytest.approx(10e-6 + 1e-6)


def test_long_sums_send_less_than_twice_their_bytes() -> None:
    for ranks in RANKS:
        seconds = sum_seconds(LINK, ranks, 10**9)
        assert 1 <= seconds < 2.01


def test_short_sums_take_a_latency_for_each_doubling_of_ranks() -> None:
    assert [round(sum_seconds(LINK, ranks, 4) / 10e-6) for ranks in RANKS] == [1, 2, 3, 4]


def test_a_token_needs_two_sums_in_each_block() -> None:
    shape = SHAPES[0]
    assert token_seconds(LINK, 4, shape) == pytest.approx(2 * 32 * sum_seconds(LINK, 4, 4 * 4096))


def test_ranks_share_the_reading_of_weights() -> None:
    assert read_seconds(4, SHAPES[2], 100e9) == pytest.approx(70e9 * 4.5 / 8 / 4 / 100e9)


def test_a_fitted_link_explains_the_points_that_it_was_fitted_to() -> None:
    alone = {1000: 1e-6, 10**6: 5e-6}
    pair = {size: alone[size] + sum_seconds(LINK, 2, size) for size in alone}
    link = fitted("fitted", alone, pair)
    assert link.bandwidth == pytest.approx(LINK.bandwidth, rel=0.01)
    assert link.latency == pytest.approx(LINK.latency, rel=0.2)


def test_the_page_says_what_was_measured_and_what_was_not() -> None:
    points = {
        1: {1024: 2e-6, 65536: 9e-6},
        2: {1024: 5e-6, 65536: 40e-6},
        4: {1024: 700e-6},
    }
    text = page(MACHINE, points)
    assert "| 1024 | 2 | 5 | 5.44 | 700 | 8.88 |" in text
    assert "| 65536 | 9 | 40 | 40 |  |  |" in text
    assert "4 ranks are more than its processors" in text
    assert text.count("assumed") == 3
