"""Kernel sources as strings in C++: what the core hands to a GPU's compiler."""

from __future__ import annotations

import re
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
_INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
_PIECE = 60
"""Lines of one string literal: compilers need not take more than 65,536 characters in one."""


def _inlined(name: str, seen: set[str]) -> str:
    if name in seen:
        return ""
    seen.add(name)
    text = (CORE / name).read_text(encoding="utf-8")
    text = re.sub(r"^\s*//.*\n|^#pragma once\n", "", text, flags=re.MULTILINE)

    def replacement(match: re.Match[str]) -> str:
        return _inlined(match[1], seen) if (CORE / match[1]).exists() else match[0]

    return _INCLUDE.sub(replacement, text)


def inlined(name: str) -> str:
    """A file of core/ without its comments between lines, each file of core/ that it includes being put in once."""
    return re.sub(r"\n{3,}", "\n\n", _inlined(name, set())).lstrip("\n")


def literals(text: str, delimiter: str) -> str:
    """The text as raw string literals, a few lines each."""
    lines = text.splitlines(keepends=True)
    pieces = ["".join(lines[at : at + _PIECE]) for at in range(0, len(lines), _PIECE)]
    return "\n".join(f'    R"{delimiter}({piece}){delimiter}"' for piece in pieces)
