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
    return shortened(ascii(value) if not isinstance(value, str) else f"'{printable(value)}'")


def described(value: object) -> str:
    """A JSON value, for a message: strings quoted, numbers and their lists short, else its kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)):
        return str(value) if fits_64_bits(value) else "a number"
    if isinstance(value, list):
        if not all(fits_64_bits(item) for item in value):
            return "a list"
        return shortened("[" + ", ".join(str(item) for item in value[:_SHOWN]) + "]")
    return "an object"


def shortened(text: str) -> str:
    """At most 96 characters of a text."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def fits_64_bits(value: object) -> bool:
    """Whether a JSON value is an integer that every language's integers hold."""
    return type(value) is int and -(2**63) <= value < 2**63
