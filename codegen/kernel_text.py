"""Kernel sources as strings in C++: what the core hands to a GPU's compiler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
_INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
_PIECE = 60
"""Lines of one string literal: compilers need not take more than 65,536 characters in one."""


@dataclass(frozen=True, slots=True)
class Part:
    """The text of a file of core/ between two of its includes, without comments between lines."""

    file: str
    index: int
    text: str


def _parts(name: str, seen: set[str]) -> Iterator[Part]:
    if name in seen:
        return
    seen.add(name)
    text = (CORE / name).read_text(encoding="utf-8")
    text = re.sub(r"^\s*//.*\n|^#pragma once\n", "", text, flags=re.MULTILINE)
    begin = index = 0
    for include in _INCLUDE.finditer(text):
        if not (CORE / include[1]).exists():
            continue
        before = text[begin : include.start()]
        if before.strip():
            yield Part(name, index, before)
            index += 1
        yield from _parts(include[1], seen)
        begin = include.end()
    yield Part(name, index, text[begin:])


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).lstrip("\n")


def parts(name: str) -> list[Part]:
    """A file of core/ in parts, each file of core/ that it includes being put in once."""
    return [Part(part.file, part.index, _tidy(part.text)) for part in _parts(name, set())]


def inlined(name: str) -> str:
    """The parts as one text."""
    return _tidy("".join(part.text for part in _parts(name, set())))


def literals(text: str, delimiter: str) -> str:
    """The text as raw string literals, a few lines each."""
    lines = text.splitlines(keepends=True)
    pieces = ["".join(lines[at : at + _PIECE]) for at in range(0, len(lines), _PIECE)]
    return "\n".join(f'    R"{delimiter}({piece}){delimiter}"' for piece in pieces)
