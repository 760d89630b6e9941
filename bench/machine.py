"""The machine that a run is made on, and what others do on it meanwhile."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")
_INTERESTING = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx512_vbmi",
    "avx512_bf16",
    "amx_int8",
    "asimddp",
)


def describe() -> dict[str, Any]:
    """Processor, caches, memory and system, in words."""
    flags, model = set[str](), platform.processor()
    for line in _lines("/proc/cpuinfo"):
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        elif key.strip() in ("flags", "Features"):
            flags = set(value.split())
    return {
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "extensions": [name for name in _INTERESTING if name in flags],
        "caches": _caches(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }


def last_level_cache() -> int:
    """Bytes of the largest cache; 32 MiB where the system does not say."""
    return max((size for _, size in _cache_sizes()), default=32 << 20)


def _caches() -> list[str]:
    return [f"{name} {size >> 10} KiB" for name, size in _cache_sizes()]


def _cache_sizes() -> list[tuple[str, int]]:
    found = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        if kind != "Instruction":
            text = (index / "size").read_text().strip()
            size = int(text.rstrip("KM")) << (20 if text.endswith("M") else 10)
            found.append((f"L{(index / 'level').read_text().strip()}", size))
    return found


class ForeignLoad:
    """How many CPUs processes other than ours use, between two moments."""

    def __init__(self, ours: Iterable[int]) -> None:
        """Watch the machine; `ours` are the process ids whose time is not foreign."""
        self._ours = tuple(ours)
        self._before = self._now()

    def since(self) -> float:
        """CPUs that others used since this was made, or since the last call."""
        before, self._before = self._before, self._now()
        busy, own, at = (now - then for now, then in zip(self._before, before, strict=True))
        return max(0.0, (busy - own) / at) if at > 0 else 0.0

    def _now(self) -> tuple[float, float, float]:
        ticks = [int(word) for word in next(iter(_lines("/proc/stat")), "cpu").split()[1:9]]
        user, nice, system, _, _, irq, softirq, steal = ticks or [0] * 8
        own = sum(_ticks_of(process) for process in self._ours)
        busy = user + nice + system + irq + softirq + steal
        return busy / _TICK, own / _TICK, time.perf_counter()


def _ticks_of(process: int) -> int:
    for line in _lines(f"/proc/{process}/stat"):
        words = line.rpartition(")")[2].split()
        return int(words[11]) + int(words[12])
    return 0


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
