"""Names that differ in one number, as one: `layers.0.q` and `layers.1.q` as `layers.[0-1].q`."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

_T = TypeVar("_T")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,9}(?![0-9A-Za-z])")


def collapse(
    items: Sequence[_T], name: Callable[[_T], str], alike: Callable[[_T], Hashable]
) -> list[tuple[str, list[_T]]]:
    """Groups of items whose names differ in their first number alone and that are alike.

    They come where their first item was. A group of one keeps its name.
    """
    groups: dict[Hashable, list[_T]] = {}
    for item in items:
        text = name(item)
        match = _NUMBER.search(text)
        key = (text[: match.start()], text[match.end() :], alike(item)) if match else (text,)
        groups.setdefault(key, []).append(item)
    return [(_name([name(item) for item in group]), group) for group in groups.values()]


def _name(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    matches = [match for text in names if (match := _NUMBER.search(text))]
    first = matches[0]
    numbers = sorted(int(match[0]) for match in matches)
    return f"{first.string[: first.start()]}[{ranges(numbers)}]{first.string[first.end() :]}"


def ranges(numbers: list[int]) -> str:
    """Sorted numbers as ranges: `0-3,5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
