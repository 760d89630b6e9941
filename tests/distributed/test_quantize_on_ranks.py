"""`mpiexec -n N thinbit quantize`: the bytes of one process, or nothing at all."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.distributed.jobs import finished_job, python, run_job
from thinbit.io import write_safetensors

COMMAND = [sys.executable, "-m", "thinbit", "quantize"]
MODES = ["--mode", "nvfp4", "--rule", "*.0=affine:3", "--keep", "*.1"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with 14 matrices of several sizes, a vector and an empty tensor."""
    folder = tmp_path / "model"
    folder.mkdir()
    rng = np.random.default_rng(0)
    tensors = {
        f"layers.{i}.weight": rng.standard_normal((8 + 24 * i, 128)).astype(np.float16)
        for i in range(14)
    }
    tensors["norm.weight"] = rng.standard_normal(128).astype(np.float16)
    tensors["empty.weight"] = np.zeros((0, 128), np.float16)
    write_safetensors(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text('{"model_type": "llama"}')
    return folder


def contents(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(path.iterdir())
    return {file.name: file.read_bytes() for file in files}


@pytest.mark.parametrize("name", ["out", "out.safetensors"])
@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_write_the_bytes_of_one_process(model: Path, name: str, ranks: int) -> None:
    alone, shared = model.parent / "alone" / name, model.parent / "shared" / name
    alone.parent.mkdir()
    shared.parent.mkdir()
    one = subprocess.run(
        [*COMMAND, str(model), str(alone), *MODES], capture_output=True, text=True, check=True
    )
    job = finished_job((ranks, [*COMMAND, str(model), str(shared), *MODES, "--jobs", "2"]))
    assert job.returncode == 0, job.stderr
    assert contents(shared) == contents(alone)
    assert [file.name for file in shared.parent.iterdir()] == [name]

    def words(text: str) -> list[str]:
        """What is said of tensors, in any order: each once, whatever the number of ranks."""
        return sorted(line for line in text.splitlines() if line.startswith("  "))

    assert words(job.stdout) == words(one.stdout)
    assert len(words(one.stdout)) > 14


def test_what_is_wrong_is_said_once(model: Path) -> None:
    out = model.parent / "out.safetensors"
    out.write_bytes(b"mine")
    job = finished_job((3, [*COMMAND, str(model), str(out), *MODES]))
    assert job.returncode != 0  # 1, or what the launcher makes of the ranks that it killed
    assert job.stderr.count("thinbit: error:") == 1
    assert "exists already" in job.stderr
    assert out.read_bytes() == b"mine"


def test_rounds_of_a_job_give_the_reports_of_one_process(model: Path) -> None:
    lines = [
        run_job((ranks, python("quantize.py", str(model), str(model.parent / f"out{ranks}"))))
        for ranks in (1, 3)
    ]
    assert lines[1] == lines[0] * 3
    assert contents(model.parent / "out3") == contents(model.parent / "out1")


@pytest.mark.parametrize("killed", [0, 1])
@pytest.mark.parametrize("name", ["out", "out.safetensors"])
def test_a_rank_that_is_killed_fails_the_job_and_leaves_nothing(
    model: Path, name: str, killed: int
) -> None:
    folder = model.parent / "target"
    folder.mkdir()
    began = time.monotonic()
    job = finished_job((3, python("quantize.py", str(model), str(folder / name), str(killed))))
    assert job.returncode != 0
    while any(folder.iterdir()) and time.monotonic() - began < 10:
        time.sleep(0.05)
    assert list(folder.iterdir()) == []
    assert time.monotonic() - began < 10
