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


def run_job(ranks: int, program: str, *arguments: str, seconds: float = 60) -> list[str]:
    """The lines that a program of this folder prints on all its ranks; it has to succeed."""
    done = finished_job(ranks, program, *arguments, seconds=seconds)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def finished_job(
    ranks: int, program: str, *arguments: str, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """A program of this folder on so many ranks, when it has ended."""
    command = [launcher(), "-n", str(ranks), sys.executable, str(PROGRAMS / program), *arguments]
    # Ranks share the processors, and each would take all of them.
    environment = os.environ | {"THINBIT_NUM_THREADS": "1", "PYTHONPATH": f"{ROOT}/tests"}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, env=environment, check=False
    )
