"""The example decoder, its layers split over ranks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from small_llama import HEADS, SHARED, small_llama
from tests.distributed.jobs import ROOT, finished_job, run_job

pytest.importorskip("tokenizers")
CHAT = [sys.executable, str(ROOT / "examples/chat/chat.py")]
# On two ranks heads are split; four ranks are more than there are heads of keys and values.
SPECS = {SHARED: ("nvfp4", "mxfp8", "affine:4:g32", "affine:8:g32"), HEADS: ("nvfp4",)}
QUESTIONS = ("what is the weather like?", "x=1; y+=22")


def command(folder: Path) -> list[str]:
    return [*CHAT, "--json", str(folder), "20", *QUESTIONS]


def answers(text: str) -> list[tuple[Any, Any]]:
    return [(item["tokens"], item["text"]) for item in json.loads(text)["answers"]]


@pytest.mark.parametrize("ranks", SPECS)
def test_ranks_give_the_tokens_of_one_process(tmp_path: Path, ranks: int) -> None:
    folder = small_llama(tmp_path, SPECS[ranks], forward=128)
    alone = subprocess.run(command(folder), capture_output=True, text=True, check=True).stdout
    (line,) = run_job((ranks, command(folder)))
    assert answers(line) == answers(alone)
    assert sum(len(tokens) for tokens, _ in answers(line)) > 20
    whole, part = (json.loads(text)["parameter_bytes"] for text in (alone, line))
    assert part < 0.7 * whole


def test_a_rank_of_a_job_has_no_float_weights(tmp_path: Path) -> None:
    folder = small_llama(tmp_path)
    done = finished_job((2, [*command(folder), "--float"]))
    assert done.returncode != 0
    assert "--float is for one process" in done.stderr
