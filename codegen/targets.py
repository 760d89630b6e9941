"""Every lowering, in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen import (
    lower_c,
    lower_core,
    lower_cuda,
    lower_docs,
    lower_info,
    lower_layers,
    lower_metal,
    lower_python,
    lower_swift,
    lower_texts,
    lower_vector_runner,
    lower_vectors,
)
from codegen.model import Schema

Lowering = Callable[[Schema], Mapping[str, str | bytes]]

LOWERINGS: tuple[Lowering, ...] = (
    lower_c.lower,
    lower_core.lower,
    lower_cuda.lower,
    lower_vector_runner.lower,
    lower_docs.lower,
    lower_info.lower,
    lower_layers.lower,
    lower_metal.lower,
    lower_python.lower,
    lower_swift.lower,
    lower_texts.lower,
    lower_vectors.lower,
)
"""Each turns the schema into contents by path."""


class GenerationError(Exception):
    """A legal schema that a target has no way to say; the message names the op and the argument."""


def lower_all(schema: Schema, lowerings: tuple[Lowering, ...] | None = None) -> dict[str, bytes]:
    """Every generated file of the repository: path to content.

    Only the given lowerings, where some are given. Raises GenerationError where one refuses.
    """
    outputs: dict[str, bytes] = {}
    for lowering in LOWERINGS if lowerings is None else lowerings:
        try:
            files = lowering(schema)
        except ValueError as error:
            target = lowering.__module__.removeprefix("codegen.")
            raise GenerationError(f"{target}: {error}") from error
        for path, content in files.items():
            if path in outputs:
                raise GenerationError(f"{path} is made twice")
            outputs[path] = content.encode() if isinstance(content, str) else content
    return outputs
