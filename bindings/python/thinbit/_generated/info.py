# generated from codegen/schema/thinbit.yaml: do not edit
"""What the library tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["Info"]


@dataclass(frozen=True, slots=True, repr=False)
class Info:
    """What this build of thinbit uses on this machine, and why: which library, which
    instruction sets, how many threads.

    Attributes:
        version: The version of the library.
        abi_version: The version of the C ABI.
        schema_hash: The sha256 of the schema that the library was generated from, in
            hexadecimal.
        backend: Where calls run that name no device.
        cpu_level: The level of instruction sets that the CPU's kernels use; empty where
            THINBIT_CPU cannot be honoured.
        cpu_level_reason: Why it is this one: THINBIT_CPU, or the best this machine runs;
            what is wrong with THINBIT_CPU where it cannot be honoured.
        cpu_levels: The levels that this machine can run, from the plainest to the best.
        cpu_levels_missing: The other levels of this build, each with what the processor or
            the operating system lacks.
        cpu_extensions: The instruction sets that the level in use takes on top of its own
            where it finds them, as here.
        num_threads: The threads of a context that asks for no number; 0 where
            THINBIT_NUM_THREADS cannot be honoured.
        num_threads_reason: Where that number comes from; what is wrong with
            THINBIT_NUM_THREADS where it cannot be honoured.
    """

    version: str
    abi_version: int
    schema_hash: str
    backend: str
    cpu_level: str
    cpu_level_reason: str
    cpu_levels: tuple[str, ...]
    cpu_levels_missing: tuple[str, ...]
    cpu_extensions: tuple[str, ...]
    num_threads: int
    num_threads_reason: str

    def __repr__(self) -> str:
        """One field in a line."""
        lines = [f"    {field.name}={getattr(self, field.name)!r}," for field in fields(self)]
        return "\n".join(["Info(", *lines, ")"])


def read(
    native: Any, text: Callable[[Any], str], texts: Callable[[Any], tuple[str, ...]]
) -> Info:
    """The facts of a thinbit_info."""
    return Info(
        version=text(native.version),
        abi_version=int(native.abi_version),
        schema_hash=text(native.schema_hash),
        backend=text(native.backend),
        cpu_level=text(native.cpu_level),
        cpu_level_reason=text(native.cpu_level_reason),
        cpu_levels=texts(native.cpu_levels),
        cpu_levels_missing=texts(native.cpu_levels_missing),
        cpu_extensions=texts(native.cpu_extensions),
        num_threads=int(native.num_threads),
        num_threads_reason=text(native.num_threads_reason),
    )
