"""A path that does not outlive the process that makes it, however that process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType

# Its standard input ends with the process that started it, after a word or without one.
_PROGRAM = """
import os, shutil, sys
if sys.stdin.buffer.read() != b"left":
    path = sys.argv[1]
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)
"""


class RemovedAfterDeath:
    """Removes a file or folder if this process dies inside the context. A context manager.

    A launcher kills the ranks of a job in which one has failed, and a process that is killed
    removes nothing: another one watches it. Leaving the context in any way is no death.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """The path need not be there yet."""
        self._path = os.path.abspath(path)

    def __enter__(self) -> RemovedAfterDeath:
        """Start the watcher, in a session of its own that the launcher does not end."""
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-c", _PROGRAM, self._path],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the watcher."""
        self._watcher.communicate(b"left")
