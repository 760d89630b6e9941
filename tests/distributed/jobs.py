"""Jobs of several processes, under the launcher of the package mpich."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).with_name("programs")
ROOT = Path(__file__).resolve().parents[2]


def launcher() -> str:
    """The mpiexec of this environment; skips the test where there is none, except in CI."""
    found = shutil.which("mpiexec", path=sysconfig.get_path("scripts"))
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("mpiexec is missing: requirements-dev.txt asks for the package mpich")
        pytest.skip("there is no mpiexec in this environment: pip install mpich")
    return found


def python(program: str, *arguments: str) -> list[str]:
    """The command of a program of this folder."""
    return [sys.executable, str(PROGRAMS / program), *arguments]


def run_job(*parts: tuple[int, list[str]], seconds: float = 180) -> list[str]:
    """The lines of a job, sorted: so many ranks of each command. It has to succeed."""
    done = finished_job(*parts, seconds=seconds)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(done.stdout.splitlines())


def finished_job(
    *parts: tuple[int, list[str]], seconds: float = 180
) -> subprocess.CompletedProcess[str]:
    """A job when it has ended: so many ranks of each command."""
    command = [launcher()]
    for ranks, program in parts:
        command += [*([":"] if len(command) > 1 else []), "-n", str(ranks), *program]
    # Ranks share the processors, and each would take all of them.
    environment = os.environ | {"THINBIT_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    # Programs in other languages know this environment by its variable.
    environment["VIRTUAL_ENV"] = sys.prefix
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, env=environment, check=False
    )
