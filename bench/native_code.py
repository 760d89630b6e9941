"""The C of `bench/native`, compiled when a run starts."""

from __future__ import annotations

import ctypes
import os
import subprocess
from functools import cache
from pathlib import Path

_SOURCES = Path(__file__).parent / "native"
BUILD = Path("build") / "bench"


def compiled(name: str, *flags: str) -> ctypes.CDLL:
    """`native/<name>.c` as a library; it is compiled where it is newer than the last build."""
    source, library = _SOURCES / f"{name}.c", (BUILD / f"{name}.so").resolve()
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        compiler = os.environ.get("CC", "gcc")
        scratch = library.with_suffix(f".{os.getpid()}")
        command = [compiler, "-O2", "-shared", "-fPIC", str(source), "-o", str(scratch), *flags]
        subprocess.run([*command, "-lpthread"], check=True)
        scratch.replace(library)
    return ctypes.CDLL(str(library))


@cache
def limits() -> ctypes.CDLL:
    """`native/limits.c`."""
    library = compiled("limits")
    address, count = ctypes.c_void_p, ctypes.c_int64
    for name, operands in (("bench_read", [address]), ("bench_copy", [address, address])):
        function = getattr(library, name)
        function.restype = ctypes.c_double
        function.argtypes = [*operands, ctypes.c_size_t, count, ctypes.c_int]
    library.bench_peak.restype = ctypes.c_double
    library.bench_peak.argtypes = [ctypes.c_char_p, count, ctypes.c_int]
    return library
