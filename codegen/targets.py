"""Every lowering, in one list."""

from __future__ import annotations

from collections.abc import Callable

from codegen import lower_c
from codegen.model import Schema

Lowering = Callable[[Schema], dict[str, str]]

LOWERINGS: tuple[Lowering, ...] = (lower_c.lower,)
"""Each turns the schema into texts by path."""


def lower_all(schema: Schema) -> dict[str, bytes]:
    """Every generated file of the repository: path to content."""
    outputs: dict[str, bytes] = {}
    for lowering in LOWERINGS:
        for path, text in lowering(schema).items():
            if path in outputs:
                raise ValueError(f"{path} is made twice")
            outputs[path] = text.encode()
    return outputs
