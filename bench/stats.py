"""Medians of interleaved rounds, and ratios that are taken round by round."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from bench.model import C_FUNCTION, Cell


def median(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return statistics.median(values) if values else math.nan


def spread(values: Sequence[float]) -> float:
    """Half of the distance between the quartiles, as a part of the median; 0 of one value."""
    if len(values) < 2:
        return 0.0 if values else math.nan
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / median(values)


def seconds(cell: Cell) -> float:
    """The time of a cell."""
    return median(cell.seconds)


def of_limit(cell: Cell) -> float:
    """The limit's time over the cell's, median over rounds: 1 is at the limit; NaN without one."""
    pairs = zip(cell.beside, cell.seconds, strict=False)
    return median([limit / own for limit, own in pairs if limit > 0])


def above_c(cell: Cell, cells: Sequence[Cell]) -> float:
    """Seconds of a call above the C function in `cells`, median over rounds; NaN without one."""
    function = next((c for c in cells if (c.regime, c.name) == ("call", C_FUNCTION)), None)
    kernel = function.seconds if function is not None else []
    return median([own - least for own, least in zip(cell.seconds, kernel, strict=False)])


def operations(cell: Cell) -> float:
    """Operations a second of a product, a multiplication and an addition being two."""
    return 2.0 * cell.m * cell.n * cell.k / seconds(cell)


def bits_per_weight(cell: Cell) -> float:
    """Stored bits for each weight, scales and biases included."""
    return 8.0 * cell.nbytes / (cell.n * cell.k)


def quietest(foreign: Sequence[float], count: int) -> list[int]:
    """The rounds, in order, in which others used the machine least."""
    return sorted(sorted(range(len(foreign)), key=lambda i: foreign[i])[:count])


def keep_quietest(cell: Cell, count: int) -> None:
    """Drop the rounds of a cell beyond the `count` quietest."""
    kept = quietest(cell.foreign, count)
    cell.seconds = [cell.seconds[i] for i in kept]
    cell.foreign = [cell.foreign[i] for i in kept]
    if cell.beside:
        cell.beside = [cell.beside[i] for i in kept]
