"""The test of the tester: each kernel under bugs/ has one bug, and the emulation finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.kernel_text import inlined
from tools.cubins.build import ROOT
from tools.cubins.nvrtc import Nvrtc

HERE = Path(__file__).resolve().parent / "bugs"
BUGS = sorted((HERE / "kernels").glob("*.cu"))
SEEDS = (1, 2, 3)
LAUNCH_FAILED = 719


def compiled(path: Path, folder: Path) -> Path:
    """The kernel as the emulated compiler makes it."""
    text = inlined("cuda/kernels/machine.h") + (HERE / "bug.h").read_text() + path.read_text()
    cubin = folder / "bug.cubin"
    cubin.write_bytes(Nvrtc("libnvrtc.so.13").compile(path.stem, text, []))
    return cubin


def run(cubin: Path, seed: int) -> tuple[int, str]:
    """The driver's error, and what the checker found."""
    environment = os.environ | {
        "CUDA_EMULATION_SEED": str(seed),
        "PYTHONPATH": f"{ROOT}/tests:{ROOT}",
    }
    command = [sys.executable, "-m", "cuda.run_kernel", str(cubin)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(done.stdout), done.stderr.removeprefix("bug: ")


@pytest.mark.parametrize("path", BUGS, ids=lambda path: path.stem)
def test_the_checker_finds_the_bug_whatever_the_order_of_threads(
    path: Path, tmp_path: Path
) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("// finds: ").split(" or ")
    cubin = compiled(path, tmp_path)
    for seed in SEEDS:
        error, text = run(cubin, seed)
        assert error == LAUNCH_FAILED, f"seed {seed}: nothing was found"
        assert {line.partition(":")[0] for line in text.splitlines()} & set(expected), text


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    cubin = compiled(HERE / "kernel_without_bugs.cu", tmp_path)
    for seed in SEEDS:
        assert run(cubin, seed) == (0, "")
