"""Positions in the schema, and the errors that are collected about them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """The place as compilers print it."""
        return f"{self.file}:{self.line}:{self.column}"


Path = tuple[str | int, ...]
"""The keys and positions that lead to a value of the schema."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value of the schema stands, and what stands in it."""

    marks: Mapping[Path, Mark]
    path: Path

    def at(self, *keys: str | int) -> Mark:
        """The mark of what these keys lead to; of what encloses it, where it is missing."""
        path = (*self.path, *keys)
        while path not in self.marks:
            path = path[:-1]
        return self.marks[path]

    def within(self, *keys: str | int) -> Place:
        """The place of what these keys lead to."""
        return Place(self.marks, (*self.path, *keys))


NOWHERE = Place({(): Mark("", 0, 0)}, ())
"""The place of values that no schema holds."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of the schema: a stable code, where, and what would be right."""

    mark: Mark
    code: str
    message: str

    def __str__(self) -> str:
        """The error as one line."""
        return f"{self.mark}: {self.code}: {self.message}"


class SchemaError(Exception):
    """The schema is wrong; `problems` says everything that is, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.mark, p.code, p.message)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Problems:
    """Collects errors, so that one run reports them all."""

    found: list[Problem] = field(default_factory=list)

    def add(self, mark: Mark, code: str, message: str) -> None:
        """Note one error."""
        self.found.append(Problem(mark, code, message))

    def raise_if_any(self) -> None:
        """Stop here when something was wrong."""
        if self.found:
            raise SchemaError(self.found)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, else the list of them; to be appended to a message."""
    names = sorted(known)
    close = difflib.get_close_matches(given, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names)}" if names else ""
