"""A small edit of golden/small.yaml."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """An edit of the small schema: what stood there, and what stands there instead."""

    name: str
    old: str
    new: str
    more: tuple[tuple[str, str], ...] = ()
