"""The modules of CUDA kernels: each kernel file, compiled for each mode and width that it serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.kernel_text import CORE, Part, parts
from codegen.model import Schema

FOLDER = "cuda/kernels"

OPTIONS = ("--std=c++17", "-default-device", "-fmad=false", "-diag-suppress=177")
"""Of every compilation: a product and a sum are one operation where kernels say so; constants of
the numerics that a kernel does not use are no fault."""

_OF_EACH_WIDTH = ("dequantize", "prefill", "quantize", "straight")
"""Families that are compiled for a mode and a width; group sizes are arguments."""

_OF_EACH_GROUP_SIZE = ("decode", "hopper")
"""Families that are compiled for a mode, a width and a group size."""


@dataclass(frozen=True, slots=True)
class Module:
    """One compilation: a kernel file and its macros."""

    name: str
    family: str
    options: tuple[str, ...]


def families() -> list[str]:
    """The kernel files, without their ending."""
    return sorted(path.stem for path in (CORE / FOLDER).glob("*.cu"))


def kernel_parts(family: str) -> list[Part]:
    """One kernel file with all that it includes of core/: NVRTC needs no header beside it."""
    return parts(f"{FOLDER}/{family}.cu")


def _modules(schema: Schema) -> Iterator[Module]:
    for family in families():
        if family not in _OF_EACH_WIDTH + _OF_EACH_GROUP_SIZE:
            yield Module(family, family, ())
            continue
        for mode in schema.modes:
            for bits in mode.bits:
                name = f"{family}_{mode.name}_{bits}"
                options = (f"-DTHINBIT_MODE={mode.value}", f"-DTHINBIT_BITS={bits}")
                if family in _OF_EACH_WIDTH:
                    yield Module(name, family, options)
                    continue
                for size in mode.group_sizes:
                    yield Module(f"{name}_{size}", family, (*options, f"-DTHINBIT_GROUP={size}"))


def modules(schema: Schema) -> list[Module]:
    """Every module that the plugin can ask for, in the order of its name."""
    return sorted(_modules(schema), key=lambda module: module.name)
