"""The regimes of products: decoding, time against M, prefill; they share their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.machine import last_level_cache
from bench.model import Cell, Variant
from bench.processes import PeerFailed, PeerProcess
from bench.rounds import Competitor, Patience, run_rounds

MIDDLE = 32  # rows from which on reading the weights is the lesser part
LARGE = 128  # rows from which on it no longer shows
_READ = 128 << 20
EVERYWHERE = (1, 8, 512)
_LONGEST_PASS = 0.5  # seconds; what takes longer is measured once
_NEEDS_NO_WARMING = 0.05  # seconds of a pass
_TOO_LONG = 2.0  # seconds; what would take longer is left out


@dataclass(frozen=True)
class Place:
    """Where a group of variants is compared.

    Attributes:
        threads: Threads for each library.
        n: Rows of the weight.
        k: Columns of the weight.
        rows: The M's, rising.
    """

    threads: int
    n: int
    k: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Effort:
    """How much is done for each cell.

    Attributes:
        rounds: Interleaved rounds.
        large_rounds: The same from M = 32 on.
        least_seconds: How long passes go on in a round.
    """

    rounds: int
    large_rounds: int
    least_seconds: float


class Group:
    """Variants that are compared at one place, round by round."""

    def __init__(
        self,
        place: Place,
        variants: Iterable[Variant],
        processes: dict[str, PeerProcess],
        effort: Effort,
        patience: Patience,
        note: Callable[[str], None],
    ) -> None:
        """Name what is compared where; `processes` has the limits too."""
        self._place, self._variants = place, list(variants)
        self._processes, self._effort, self._patience = processes, effort, patience
        self._limits = processes["limits"]
        self._note = note
        self._sizes: dict[Variant, tuple[int, int]] = {}
        self._starts: dict[Variant, int] = {}
        self._failed: dict[Variant, str] = {}
        self._last: dict[Variant, tuple[int, float]] = {}

    def measure(self) -> list[Cell]:
        """All cells of the group."""
        cells = []
        cache = last_level_cache()
        for low, high, least_bytes in (
            (1, MIDDLE, 4 * cache),
            (MIDDLE, LARGE, cache * 3 // 2),
            (LARGE, 1 << 30, 1),
        ):
            rows = [m for m in self._place.rows if low <= m < high]
            if rows:
                self._release()
                for variant in self._variants:
                    self._prepare(variant, least_bytes)
            for m in rows:
                cells += self._at(m, least_bytes)
        self._release()
        return cells

    def _release(self) -> None:
        self._sizes.clear()
        for process in self._processes.values():
            process.ask("release")

    def _prepare(self, variant: Variant, least_bytes: int) -> None:
        process, place = self._processes[variant.peer], self._place
        if variant in self._failed:
            return
        try:
            size = process.ask("prepare", variant, place.n, place.k, least_bytes)
            self._sizes[variant], self._starts[variant] = size, process.starts
        except PeerFailed as failure:
            self._failed[variant] = str(failure)
            self._note(f"{variant.peer} {variant.label}: {failure}")

    def _at(self, m: int, least_bytes: int) -> list[Cell]:
        variants = [each for each in self._variants if each.sweep or m in EVERYWHERE]
        competitors = [self._competitor(variant, m, least_bytes) for variant in variants]
        rounds = self._effort.rounds if m < MIDDLE else self._effort.large_rounds
        run_rounds(competitors, rounds, list(self._processes.values()), self._patience)
        return [each.cell for each in competitors]

    def _competitor(self, variant: Variant, m: int, least_bytes: int) -> Competitor:
        place, process = self._place, self._processes[variant.peer]
        if self._starts.get(variant, process.starts) != process.starts:
            self._prepare(variant, least_bytes)
        copies, nbytes = self._sizes.get(variant, (1, 0))
        cell = Cell(
            regime="product",
            peer=variant.peer,
            name=variant.name,
            x=variant.x,
            inside=variant.inside,
            group=variant.group,
            grouped=variant.grouped,
            threads=place.threads,
            n=place.n,
            k=place.k,
            m=m,
            nbytes=nbytes,
            copies=copies,
            blank=self._failed.get(variant, ""),
        )
        first = self._first(variant, cell) if not cell.blank else 0.0
        least = self._effort.least_seconds if first < _NEEDS_NO_WARMING else 0.0
        return Competitor(
            cell, partial(process.ask, "measure", variant, m, least), self._beside(cell)
        )

    def _first(self, variant: Variant, cell: Cell) -> float:
        """Seconds of a first pass; sees the error, and whether it is quick enough for more."""
        process = self._processes[variant.peer]
        last_rows, last = self._last.get(variant, (0, 0.0))
        expected = last * cell.m / max(last_rows, 1)
        if expected * cell.copies > _TOO_LONG:
            cell.blank = f"not run: M = {last_rows} took {last:.2g} s"
            return expected
        try:
            first = process.ask("first_pass", variant, cell.m)
            self._last[variant] = (cell.m, first)
            if first * cell.copies > _LONGEST_PASS:
                cell.seconds = [first]
            cell.error, cell.bound = process.ask("judge", variant, cell.m)
            return float(first * cell.copies)
        except PeerFailed as failure:
            cell.blank = str(failure)
            return 0.0

    def _beside(self, cell: Cell) -> Callable[[], float] | None:
        if cell.m == 1:
            return lambda: cell.nbytes / self._limits.ask("limit", "read", _READ, 1)
        if cell.m < LARGE:
            return None
        work = 2.0 * cell.m * cell.n * cell.k
        unit = {"f32": "fma", "bf16": "bf16", "mxfp8": "bf16"}.get(cell.inside, "int8")

        def least() -> float:
            peak = self._limits.ask("limit", "peak", unit)
            return work / peak if peak else 0.0

        return least


def groups(variants: Sequence[Variant], names: Iterable[str]) -> dict[str, list[Variant]]:
    """The variants of each group that is asked for; float weights come with the widest."""
    return {name: [each for each in variants if each.group == name] for name in names}
