"""Builds the white-box module once for all test processes, and imports it."""

from __future__ import annotations

import fcntl
import importlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@cache
def load() -> ModuleType:
    """The module `thinbit_whitebox`, built from the sources as they are now."""
    folder = Path(os.environ.get("THINBIT_WHITEBOX_BUILD", ROOT / "build" / "whitebox"))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _build(folder)
    sys.path.insert(0, str(folder / "tests" / "native"))
    return importlib.import_module("thinbit_whitebox")


def _build(folder: Path) -> None:
    options = [f"-DPython_EXECUTABLE={sys.executable}", "-DTHINBIT_BUILD_WHITEBOX=ON"]
    options += ["-DTHINBIT_DEVELOPER=ON", "-DCMAKE_BUILD_TYPE=Release"]
    if shutil.which("ccache"):
        options += [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")]
    if shutil.which("ninja"):
        options += ["-G", "Ninja"]
    _run("cmake", "-S", str(ROOT), "-B", str(folder), *options)
    _run("cmake", "--build", str(folder), "--target", "thinbit_whitebox", "--parallel", "2")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
