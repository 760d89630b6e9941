"""Every module of kernels for every architecture: compiled once, and kept by what went into it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codegen.cuda_modules import Module, kernel_text, modules
from codegen.schema_file import load_schema
from tools.cubins.nvrtc import Nvrtc

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build/cubins"

ARCHITECTURES = ("sm_80", "sm_89", "sm_90a", "sm_100f", "sm_120f")
"""What is shipped. A cubin of sm_80 serves 8.6 and 8.7 too, an f serves its family."""

OPTIONS = ("--std=c++17", "-default-device", "-fmad=false", "-diag-suppress=177")
"""Of every compilation, as the plugin's own: a product and a sum are one operation where kernels
say so; constants of the numerics that a kernel does not use are no fault."""


@dataclass(frozen=True, slots=True)
class Cubin:
    """One compiled module."""

    module: Module
    architecture: str
    content: bytes


@cache
def _nvrtc() -> Nvrtc:
    return Nvrtc()


def _compile(job: tuple[Module, str]) -> Cubin:
    module, architecture = job
    options = [f"--gpu-architecture={architecture}", *OPTIONS, *module.options]
    text = kernel_text(module.family)
    key = hashlib.sha256("\0".join([str(_nvrtc().version()), text, *options]).encode())
    path = CACHE / f"{key.hexdigest()[:32]}.cubin"
    if path.exists():
        return Cubin(module, architecture, path.read_bytes())
    content = _nvrtc().compile(module.name, text, options)
    CACHE.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
    return Cubin(module, architecture, content)


def cubins(architectures: Iterable[str] = ARCHITECTURES) -> Iterator[Cubin]:
    """Every module of the schema for each architecture. Raises CompileError."""
    jobs = [(m, a) for a in architectures for m in modules(load_schema(ROOT))]
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_compile, jobs, chunksize=4)
