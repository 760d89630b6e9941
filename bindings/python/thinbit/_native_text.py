"""Texts of C as Python's."""

from __future__ import annotations

from typing import Any

from thinbit._native import ffi


def text(characters: Any) -> str:
    """The text at a C pointer, or in an array."""
    return bytes(ffi.string(characters)).decode("utf-8", "replace")


def texts(entries: Any) -> tuple[str, ...]:
    """The texts of a list that ends with NULL."""
    found: list[str] = []
    while entries[len(found)] != ffi.NULL:
        found.append(text(entries[len(found)]))
    return tuple(found)
