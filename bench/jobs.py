"""The regimes that are no sweep over M: limits, codecs, calls, and other paths to a product."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bench.model import Cell
from bench.peers.limits import UNITS
from bench.processes import PeerFailed, PeerProcess
from bench.rounds import Competitor, Patience, run_rounds

CODEC_SHAPE = (8192, 4096)
_COPY = 128 << 20
_LARGE_READ = 512 << 20


def measure_limits(process: PeerProcess, rounds: int, patience: Patience) -> list[Cell]:
    """Read, copy and the multiply units; `nbytes` is what one second would move or compute."""
    ways: dict[str, Callable[[], float]] = {
        "read from memory": partial(process.ask, "limit", "read", _LARGE_READ, 1),
        "read from the last cache": partial(process.ask, "limit", "read_in_cache"),
        "copy in memory, read and written": partial(process.ask, "limit", "copy", _COPY),
    }
    for unit, name in UNITS.items():
        ways[name] = partial(process.ask, "limit", "peak", unit)
    competitors = []
    for name, rate in ways.items():
        cell = Cell("limit", "limits", name, threads=process.threads, nbytes=1.0)
        if rate() == 0:
            cell.blank = "not on this CPU"
        competitors.append(Competitor(cell, partial(_inverse, rate)))
    run_rounds(competitors, rounds, [process], patience)
    return [each.cell for each in competitors]


def measure_jobs(
    kind: str,
    arguments: tuple[Any, ...],
    processes: dict[str, PeerProcess],
    effort: tuple[int, float],
    patience: Patience,
    wanted: Callable[[str, str], bool] = lambda name, note: True,
) -> list[Cell]:
    """Jobs of all peers ("codecs", "tiny_calls" or "paths"), interleaved.

    Args:
        kind: The method of `bench.model.Peer` that makes the jobs.
        arguments: Its arguments.
        processes: The peers and the limits.
        effort: Rounds, and seconds in each.
        patience: How long to wait for others.
        wanted: Whether a job, by its name and note, is measured.
    """
    limits, (rounds, least_seconds) = processes["limits"], effort
    regime = {"codecs": "codec", "tiny_calls": "call", "paths": "path"}[kind]
    competitors = []
    for peer, process in processes.items():
        try:
            jobs = process.ask("make_jobs", kind, arguments)
        except PeerFailed as failure:
            competitors.append(Competitor(Cell(regime, peer, kind, blank=str(failure)), float))
            continue
        for index, (name, amount, note) in enumerate(jobs):
            if not wanted(name, note):
                continue
            cell = Cell(regime, peer, name, x=note, threads=process.threads, nbytes=amount)
            if kind == "paths":
                cell.m = arguments[0]
            measure = partial(process.ask, "measure_job", index, least_seconds)
            competitors.append(Competitor(cell, measure, _beside(kind, cell, limits)))
    run_rounds(competitors, rounds, list(processes.values()), patience)
    for process in processes.values():
        process.ask("release")
    return [each.cell for each in competitors]


def _inverse(rate: Callable[[], float]) -> float:
    return 1.0 / rate()


def _beside(kind: str, cell: Cell, limits: PeerProcess) -> Callable[[], float] | None:
    if kind != "codecs":
        return None
    return lambda: cell.nbytes / limits.ask("limit", "copy", _COPY)
