"""Ranks in Swift, alone and in one job with ranks in Python. `swift build` makes their program."""

from __future__ import annotations

import time

import pytest

from tests.distributed.jobs import ROOT, finished_job, python, run_job

PROGRAM = ROOT / ".build/debug/ThinbitRank"
LAYERS = 2 * (
    1 + 7 * 3 + 3 * 2
)  # biased and not: float, affine's bits and groups, the others and QQ
REFUSALS = {2: 5, 3: 3, 4: 3}


def swift(what: str) -> list[str]:
    """The command of a rank in Swift."""
    assert PROGRAM.exists(), "swift build --product ThinbitRank makes it"
    return [str(PROGRAM), what]


@pytest.mark.parametrize("ranks", REFUSALS)
def test_sharded_and_whole_layers_agree_in_every_mode(ranks: int) -> None:
    lines = run_job((ranks, swift("layers")), seconds=300)
    count = 4 * LAYERS + REFUSALS[ranks]
    assert lines == [f"rank {rank} compared {count}" for rank in range(ranks)]


def test_swift_and_python_agree_on_a_sum_in_one_job() -> None:
    lines = run_job((2, swift("sum")), (1, python("sum.py")))
    sums, ranks = "[0.0, 6.0, 12.0, 18.0, 24.0]", "[0.0, 1.0, 2.0]"
    assert lines == [
        f"Python, rank 2: {sums} {ranks}",
        f"Swift, rank 0: {sums} {ranks}",
        f"Swift, rank 1: {sums} {ranks}",
    ]


def test_a_rank_that_fails_ends_the_job_within_ten_seconds() -> None:
    began = time.monotonic()
    assert finished_job((2, swift("failure"))).returncode == 3
    assert time.monotonic() - began < 10


def test_a_rank_that_succeeds_without_freeing_waits_for_the_others() -> None:
    assert run_job((2, swift("success"))) == ["rank 0 is done", "rank 1 is done"]
