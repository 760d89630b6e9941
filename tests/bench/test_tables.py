"""The tables of the page."""

import math

import pytest

from bench import tables
from bench.criteria import Verdict
from bench.model import Cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1234"),
        (123.4, "123"),
        (12.34, "12.3"),
        (0.18512, "0.185"),
        (1.9e-7, "1.9e-07"),
        (0.0, "0"),
        (math.nan, ""),
        (None, ""),
    ],
)
def test_numbers_have_three_digits(value: float | None, text: str) -> None:
    assert tables.number(value) == text


def cell(peer: str, m: int, seconds: list[float], **fields: object) -> Cell:
    defaults = {"group": "four", "threads": 2, "n": 64, "k": 64, "nbytes": 64 * 64 * 4.5 / 8}
    return Cell("product", peer, "q", x="f32", m=m, seconds=seconds, **{**defaults, **fields})  # type: ignore[arg-type]


def test_the_fastest_is_on_top_and_ours_is_bold() -> None:
    fast = cell("thinbit_cpu", 1, [0.001], beside=[0.0009], inside="f32", error=1e-7, bound=0.25)
    slow = cell("ggml", 1, [0.002], beside=[0.0009], inside="int8", error=0.005)
    lines = tables.products([slow, fast], "four", 1).splitlines()
    assert lines[2] == "| **thinbit q, f32 x** | f32 | 4.5 | 1 | 0.9 | 1.0e-07 | 0.25 |"
    assert lines[3] == "| ggml q, f32 x | int8 | 4.5 | 2 | 0.45 | 5.0e-03 |  |"


def test_a_place_without_a_time_says_why() -> None:
    here = cell("ggml", 512, [0.002])
    there = cell("ggml", 512, [], n=128, blank="no answer within 120 s")
    row = tables.products([here, there], "four", 512).splitlines()[2]
    assert "(once)" in row
    assert "no answer within 120 s" in row


def test_time_against_m_leaves_a_gap_where_nothing_was_measured() -> None:
    cells = [cell("ggml", 1, [0.001]), cell("ggml", 8, []), cell("ggml", 512, [0.5])]
    cells += [cell("thinbit_cpu", m, [0.001 * m]) for m in (1, 8, 512)]
    cells += [cell("mlx_cpu", 1, [0.25])]
    lines = tables.against_m(cells, "four").splitlines()
    assert lines[0] == "| 64 x 64, 2 threads: ms | M = 1 | M = 8 | M = 512 |"
    assert lines[2] == "| ggml q, f32 x | 1 |  | 500 |"
    assert lines[3] == "| **thinbit q, f32 x** | 1 | 8 | 512 |"
    assert lines[4] == "| MLX q, f32 x | 250 |  |  |"


def test_calls_are_held_against_the_c_function() -> None:
    cells = [
        Cell("call", "thinbit_cpu", "C function", seconds=[1e-6]),
        Cell("call", "thinbit_cpu", "Python", seconds=[3.5e-6]),
        Cell("call", "mlx_cpu", "eval", seconds=[9e-6]),
    ]
    lines = tables.calls(cells).splitlines()
    assert lines[3] == "| **thinbit Python** | 3.5 | 2.5 |"
    assert lines[4] == "| MLX eval | 9 |  |"


def test_promises_are_counted_and_those_kept_are_bold() -> None:
    found = [
        Verdict("decode", "affine 4, bf16", "4096 x 4096", 0.95, 0.96),
        Verdict("decode", "affine 4, bf16", "14336 x 4096", 0.95, 0.5),
        Verdict("decode", "affine 1, bf16", "4096 x 4096", 0.6, 0.1),
    ]
    text = tables.promises(found)
    assert "decode: 1 of 3 kept." in text
    assert "| affine 4, bf16 | >= 0.95 | **0.96** | 0.5 |" in text
    assert "| affine 1, bf16 | >= 0.6 | 0.1 |  |" in text


def test_limits_have_a_column_for_each_number_of_threads() -> None:
    cells = [
        Cell("limit", "limits", "read from memory", threads=t, seconds=[1 / (4e10 * t)])
        for t in (1, 2)
    ]
    cells += [
        Cell("limit", "limits", "bf16 dot product", threads=t, blank="not on this CPU")
        for t in (1, 2)
    ]
    lines = tables.limits(cells).splitlines()
    assert lines[2] == "| read from memory | 40 GB/s ± 0% | 80 GB/s ± 0% |"
    assert lines[3] == "| bf16 dot product | not on this CPU | not on this CPU |"
