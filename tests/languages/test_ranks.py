"""Ranks in Swift, alone and in one job with ranks in Python. `swift build` makes their program."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from small_llama import HEADS, SHARED, small_llama
from tests.distributed.jobs import ROOT, finished_job, python, run_job

PROGRAM = ROOT / ".build/debug/ThinbitRank"
PYTHON_CHAT = [sys.executable, str(ROOT / "examples/chat/chat.py")]
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


# On two ranks heads are split; four ranks are more than there are heads of keys and values.
SPECS = {SHARED: ("nvfp4", "mxfp8", "affine:4:g32", "affine:8:g32"), HEADS: ("nvfp4",)}
CHAT = ROOT / "examples/swift-package/.build/debug/Chat"


@pytest.mark.parametrize("ranks", SPECS)
def test_a_model_gives_the_same_tokens_on_ranks_of_both_languages(
    tmp_path: Path, ranks: int
) -> None:
    assert CHAT.exists(), "swift build --package-path examples/swift-package makes it"
    folder = small_llama(tmp_path, SPECS[ranks], forward=128)
    given = ["--json", str(folder), "20", "what is the weather like?", "x=1; y+=22"]
    swift, python = ([*command, *given] for command in ([str(CHAT)], PYTHON_CHAT))
    jobs = (
        [(1, python)],
        [(1, swift)],
        [(ranks, swift)],
        [(1, swift), (ranks - 1, python)],
        [(1, python), (ranks - 1, swift)],
    )
    answers = []
    for job in jobs:
        (line,) = run_job(*job)
        answers.append([answer["tokens"] for answer in json.loads(line)["answers"]])
    assert answers == [answers[0]] * len(jobs)
