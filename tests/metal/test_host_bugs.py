"""The test of the tester: host code with one bug each, which the emulated Metal refuses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from metal.emulation import BUILD, built

PROGRAM = BUILD / "tests/metal/host_bugs"


def run(folder: Path, *arguments: str) -> str:
    """What the program says, on either stream."""
    environment = {**os.environ, "METAL_EMULATION_CACHE": str(folder)}
    command = [str(built(PROGRAM)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


def test_every_bug_is_refused_with_its_reason(cache: Path) -> None:
    bugs = dict(line.split(": ", 1) for line in run(cache).splitlines())
    assert len(bugs) > 20
    said = {name: run(cache, name) for name in bugs}
    assert {name: text for name, text in said.items() if bugs[name] not in text} == {}
