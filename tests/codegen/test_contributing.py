"""The worked example of CONTRIBUTING.md: its diffs apply, and what it promises comes of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMISED = (
    "core/generated/from_e8m0.gen.cpp",
    "bindings/swift/Sources/Thinbit/Generated/FromE8M0.gen.swift",
    "docs/reference/ops/from_e8m0.md",
    "tests/vectors/from_e8m0.vectors",
)
FOLDERS = ("codegen", "core", "tests/reference_model")
FILES = ("CMakeLists.txt", "Package.swift")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the diffs applied and everything generated."""
    root = tmp_path_factory.mktemp("example")
    for folder in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    for file in FILES:
        shutil.copyfile(ROOT / file, root / file)
    page = (ROOT / "CONTRIBUTING.md").read_text()
    diffs = re.findall(r"```diff\n(.*?)```", page, re.DOTALL)
    assert len(diffs) == 5
    applied = subprocess.run(
        ["git", "apply", "-"], cwd=root, input="".join(diffs), capture_output=True, text=True
    )
    assert applied.returncode == 0, applied.stderr
    done = subprocess.run(
        [sys.executable, "-m", "codegen", "gen"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.parametrize("path", PROMISED)
def test_what_is_promised_is_made(changed: Path, path: str) -> None:
    assert (changed / path).stat().st_size > 0


def test_every_language_has_the_op(changed: Path) -> None:
    generated = "bindings/python/thinbit/_generated"
    assert "def from_e8m0(\n    x,\n    *,\n" in (changed / generated / "ops.py").read_text()
    assert (
        "THINBIT_FROM_E8M0_PARAMS_INIT" in (changed / "core/include/thinbit/thinbit.h").read_text()
    )
    assert "from_e8m0.x.dtype" in (changed / "docs/reference/ops/from_e8m0.md").read_text()


def test_the_kernel_compiles_without_warnings(changed: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    assert compiler, "no C++ compiler"
    for file in ("core/cpu/fp8.cpp", "core/generated/from_e8m0.gen.cpp"):
        command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
        command += [f"-I{changed / 'core'}", f"-I{changed / 'core/include'}", str(changed / file)]
        subprocess.run(command, check=True)


def test_the_source_lists_name_every_generated_file(changed: Path) -> None:
    for path in (changed / "core/generated").glob("*.cpp"):
        assert f"core/generated/{path.name}\n" in (changed / "CMakeLists.txt").read_text()
        # The CUDA plugin is a library of its own, which CMake alone builds.
        if not path.name.startswith("cuda_"):
            assert f'"generated/{path.name}"' in (changed / "Package.swift").read_text()
