"""Every module of kernels for every architecture: compiled once, and kept by what went into it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codegen.cuda_modules import OPTIONS, Module, kernel_parts
from tools.cubins.nvrtc import Nvrtc

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build/cubins"

ARCHITECTURES = ("sm_80", "sm_89", "sm_90a", "sm_100f", "sm_120f")
"""What is shipped. A cubin of sm_80 serves 8.6 and 8.7 too, an f serves its family."""


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
    text = "".join(part.text for part in kernel_parts(module.family))
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


def _has_kernels(module: Module, architecture: str) -> bool:
    """Products of warpgroups are Hopper's alone."""
    return module.family != "hopper" or architecture == "sm_90a"


def cubins(wanted: Iterable[Module]) -> Iterator[Cubin]:
    """Modules for each architecture that has kernels of them. Raises CompileError."""
    jobs = [(m, a) for m in wanted for a in ARCHITECTURES if _has_kernels(m, a)]
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_compile, jobs, chunksize=4)
