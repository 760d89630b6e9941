"""Running the command `thinbit` as a process, as users do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it; stdout and stderr are text."""
    command = [sys.executable, "-m", "thinbit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """Its stdout, for a command that did what it was asked."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str], status: int, problem: str) -> None:
    """That it ended with this status, and said this."""
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    assert re.search(problem, done.stderr.replace("\n", " ")), done.stderr
