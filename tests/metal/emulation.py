"""The emulation as tests use it: the programs in build/metal, and kernels compiled for them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from metal.translator.compiler import compile_kernels

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = ROOT / "build/metal"
LIBRARY = BUILD / "tests/metal/libmetal_emulation.so"
RUN_KERNEL = BUILD / "tests/metal/run_kernel"


def built(path: Path) -> Path:
    """The path of a program that `tools/build_emulation.sh metal` builds."""
    if not path.exists():
        pytest.fail(f"{path} is not there: `make test-metal` builds it")
    return path


def header(path: Path) -> dict[str, str]:
    """The "// name: value" lines at the top of a seeded bug."""
    values = {}
    for line in path.read_text().splitlines():
        name, colon, value = line.removeprefix("// ").partition(": ")
        if not line.startswith("//") or not colon:
            break
        values[name] = value
    return values


def compile_file(path: Path, output: Path) -> Path:
    """A file of kernels as a shared object."""
    compile_kernels(path, output, built(LIBRARY))
    return output


def run_kernel(
    module: Path, kernel: str, threads: int, per_threadgroup: int, seed: int
) -> subprocess.CompletedProcess[str]:
    """Runs one kernel; its standard output is what the emulation found."""
    arguments = [module, kernel, threads, per_threadgroup, seed]
    command = [str(built(RUN_KERNEL)), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
