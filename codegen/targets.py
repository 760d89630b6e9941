"""Every lowering, in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen import lower_c, lower_core, lower_vector_runner
from codegen.model import Schema

Lowering = Callable[[Schema], Mapping[str, str | bytes]]

LOWERINGS: tuple[Lowering, ...] = (
    lower_c.lower,
    lower_core.lower,
    lower_vector_runner.lower,
)
"""Each turns the schema into contents by path."""


def lower_all(schema: Schema) -> dict[str, bytes]:
    """Every generated file of the repository: path to content."""
    outputs: dict[str, bytes] = {}
    for lowering in LOWERINGS:
        for path, content in lowering(schema).items():
            if path in outputs:
                raise ValueError(f"{path} is made twice")
            outputs[path] = content.encode() if isinstance(content, str) else content
    return outputs
