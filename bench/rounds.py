"""Interleaved rounds: in each, every competitor once, and the limit that it is held against."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.machine import ForeignLoad
from bench.model import Cell
from bench.processes import PeerFailed, PeerProcess
from bench.stats import keep_quietest

BUSY = 0.15  # CPUs that others may use in a round that counts as quiet
_LOOK = 0.1  # seconds


@dataclass
class Patience:
    """How long a run may wait for a quiet machine, and repeat noisy rounds, all in all.

    Attributes:
        left: Seconds left.
        waited: Seconds waited, or spent on rounds that others disturbed.
    """

    left: float
    waited: float = 0.0

    def wait_until_quiet(self, load: ForeignLoad, most: float = 3.0) -> None:
        """Wait until others leave the machine alone, for `most` seconds, or what is left."""
        start = time.monotonic()
        load.since()
        while (spent := time.monotonic() - start) < min(most, self.left):
            time.sleep(_LOOK)
            if load.since() < BUSY:
                break
        self.spend(spent)

    def spend(self, seconds: float) -> None:
        """Count seconds that a quiet machine would have saved."""
        self.left -= seconds
        self.waited += seconds


@dataclass
class Competitor:
    """A cell that is being filled.

    Attributes:
        cell: What is filled.
        measure: Gives one time; PeerFailed where it cannot.
        beside: The limit's time for the same work, in the same moment; None without one.
    """

    cell: Cell
    measure: Callable[[], float]
    beside: Callable[[], float] | None = None

    def run(self) -> None:
        """One time, and the limit's before and after it."""
        before = self.beside() if self.beside else math.nan
        self.cell.seconds.append(self.measure())
        if self.beside:
            self.cell.beside.append((before + self.beside()) / 2)


def run_rounds(
    competitors: Sequence[Competitor],
    rounds: int,
    processes: Sequence[PeerProcess],
    patience: Patience,
) -> None:
    """Fill the empty cells with `rounds` times each; twice as many are made where others are busy.

    The order turns around with every round, so that a drift of the machine hits all alike.
    """
    quiet = 0
    empty = [each for each in competitors if not each.cell.seconds]
    for turn in range(2 * rounds):
        alive = [each for each in empty if not each.cell.blank]
        if quiet == rounds or not alive:
            break
        load = ForeignLoad(process.pid for process in processes)
        patience.wait_until_quiet(load)
        load.since()
        start, ran = time.monotonic(), []
        for each in alive if turn % 2 == 0 else reversed(alive):
            try:
                each.run()
                ran.append(each.cell)
            except PeerFailed as failure:
                each.cell.blank = str(failure)
        foreign = load.since()
        for cell in ran:
            cell.foreign.append(foreign)
        if foreign < BUSY or patience.left <= 0:
            quiet += 1
        else:
            patience.spend(time.monotonic() - start)
    for each in empty:
        if each.cell.blank:
            each.cell.seconds, each.cell.beside, each.cell.foreign = [], [], []
        keep_quietest(each.cell, rounds)
