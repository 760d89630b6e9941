"""The machine's limits as a peer: reading, copying, and the multiply units."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.machine import last_level_cache
from bench.model import Job, Product, Variant
from bench.native_code import limits

UNITS = {"fma": "f32 FMA", "bf16": "bf16 dot product", "int8": "int8 dot product"}
_PEAK_STEPS = 1_000_000


def _aligned(nbytes: int) -> npt.NDArray[np.uint8]:
    raw = np.ones(nbytes + 4096, np.uint8)
    start = -raw.ctypes.data % 4096
    return raw[start : start + nbytes]


class Limits:
    """What the machine can do; each measurement starts its own threads."""

    def __init__(self) -> None:
        """Make no buffer yet."""
        self._source = self._target = np.empty(0, np.uint8)

    def version(self) -> str:
        """The compiler's words about itself."""
        limits()
        return "C kernels, compiled for this run"

    def variants(self) -> Sequence[Variant]:
        """None: limits multiply no weights."""
        return ()

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        """Refused."""
        raise NotImplementedError("limits multiply no weights")

    def read(self, nbytes: int, steps: int, threads: int) -> float:
        """Bytes a second, reading."""
        if self._source.size < nbytes:
            self._source = _aligned(nbytes)
        seconds = limits().bench_read(self._source.ctypes.data, nbytes, steps, threads)
        return nbytes * steps / seconds if seconds > 0 else math.nan

    def copy(self, nbytes: int, threads: int) -> float:
        """Bytes a second, read and written together."""
        if self._target.size < nbytes:
            self._source, self._target = _aligned(nbytes), _aligned(nbytes)
        target, source = self._target.ctypes.data, self._source.ctypes.data
        seconds = limits().bench_copy(target, source, nbytes, 1, threads)
        return 2 * nbytes / seconds if seconds > 0 else math.nan

    def peak(self, unit: str, threads: int) -> float:
        """Operations a second of one of UNITS; 0 where the CPU has it not."""
        found: float = limits().bench_peak(unit.encode(), _PEAK_STEPS, threads)
        return found

    def read_in_cache(self, threads: int) -> float:
        """Bytes a second, reading what fits the last cache."""
        return self.read(last_level_cache() // 2, 40, threads)

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        """None."""
        return ()

    def tiny_calls(self) -> Sequence[Job]:
        """None."""
        return ()

    def paths(self, rows: int, threads: int) -> Sequence[Job]:
        """None."""
        return ()


PEER = Limits()
