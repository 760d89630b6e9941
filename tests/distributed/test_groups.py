"""Groups of processes in Python: what they compute, and how their jobs end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.distributed.jobs import finished_job, launcher, python, run_job
from thinbit import distributed


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_a_group_sums_and_gathers_over_all_ranks(ranks: int) -> None:
    lines = run_job((ranks, python("group.py")))
    assert lines == [f"rank {rank} of {ranks}" for rank in range(ranks)]


def test_a_process_without_a_launcher_is_a_group_of_one() -> None:
    environment = {
        name: v for name, v in os.environ.items() if not name.startswith(("PMI", "OMPI"))
    }
    done = subprocess.run(
        python("group.py"),
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert done.stdout == "rank 0 of 1\n"


def test_a_group_has_one_line() -> None:
    with distributed.init() as group:
        assert repr(group) == "Group(rank=0, size=1)"
        x = np.ones(3, np.float32)
        assert group.all_sum(x) is not x


@pytest.mark.parametrize("how", ["kill", "error", "error in with", "status"])
def test_a_rank_that_fails_ends_the_job_within_ten_seconds(how: str) -> None:
    began = time.monotonic()
    done = finished_job((2, python("end.py", how)))
    assert done.returncode != 0
    assert time.monotonic() - began < 10
    if how == "status":
        assert done.returncode == 3


def test_a_rank_that_succeeds_without_freeing_waits_for_the_others() -> None:
    lines = run_job((3, python("end.py", "success")))
    assert lines == [f"rank {rank} is done" for rank in range(3)]


def test_a_library_that_is_none_is_an_error_inside_a_launcher() -> None:
    program = "from thinbit import distributed; distributed.init('/no/such/library')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PMI_RANK": "0"},
        check=False,
    )
    assert done.returncode == 1
    assert "/no/such/library (the argument library)" in done.stderr


def test_jobs_are_skipped_without_a_launcher_but_not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="pip install mpich"):
        launcher()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="the package mpich"):
        launcher()
