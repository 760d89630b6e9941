"""Names in lists: which are there twice, and which are not there at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codegen.problems import Mark, Place, Problems, did_you_mean


def repeated(place: Place, entries: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Note every entry that has the name of an earlier one."""
    first: dict[str, int] = {}
    for i, entry in enumerate(entries):
        name = entry["name"]
        if name in first:
            mark = place.at(first[name], "name")
            message = f"{name!r} is declared twice; first in line {mark.line}"
            problems.add(place.at(i, "name"), "S022", message)
        first.setdefault(name, i)


def known(name: str, names: Iterable[str], kind: str, mark: Mark, problems: Problems) -> bool:
    """Whether a name is one of these; else note that it is none."""
    names = tuple(names)
    if name in names:
        return True
    problems.add(mark, "S021", f"unknown {kind} {name!r}{did_you_mean(name, names)}")
    return False
