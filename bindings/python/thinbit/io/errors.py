"""What goes wrong with files, and how names that come from a file are shown."""

from __future__ import annotations

import os

_SHOWN = 96


class CheckpointError(ValueError):
    """A file that cannot be read or written as asked.

    `path` names the file and `problem` says what is wrong with it; `str()` gives both.
    """

    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        """Take the file's path and a sentence about what is wrong with it."""
        super().__init__(f"{printable(os.fspath(path))}: {problem}")
        self.path = os.fspath(path)
        self.problem = problem


class OutputExistsError(CheckpointError):
    """The file that would be written is there already, and may not be overwritten."""


def printable(text: str) -> str:
    """The text with everything a terminal could act on escaped, and overlong text shortened."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: 4 * _SHOWN])
    return shown if len(shown) <= 4 * _SHOWN else shown[: 4 * _SHOWN] + "..."


def quoted(value: object) -> str:
    """A value from a file, for a message: Python's notation, escaped and at most 96 characters."""
    shown = ascii(value) if not isinstance(value, str) else f"'{printable(value)}'"
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
