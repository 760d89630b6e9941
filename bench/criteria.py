"""What the project has promised itself, and whether a run shows it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.model import Cell
from bench.stats import above_c, bits_per_weight, of_limit, seconds

_WIDE = ("affine 4", "affine 5", "affine 6", "affine 8", "mxfp4", "mxfp8", "nvfp4")
_FOUR_AND_EIGHT = ("affine 4", "affine 8", "mxfp4", "mxfp8", "nvfp4")

# Part of the read bandwidth at M = 1, by mode: with bf16 x, with f32 x.
DECODE = {
    **dict.fromkeys(_WIDE, (0.95, 0.85)),
    "affine 2": (0.90, 0.75),
    "affine 3": (0.90, 0.75),
    "affine 1": (0.60, 0.45),
}
FLAT = {"bf16": 2.0, "f32": 3.0}  # time of M = 8 over M = 1, at the most
PREFILL = {"every": 0.80, "four and eight": 0.85, "f32": 0.85}  # part of the multiply unit's peak
OF_TORCH = 0.95
QQMM = {"qqmm mxfp4": 1.25, "qqmm nvfp4": 1.0}  # times the fastest 4-bit peer
# Microseconds of a call with a trivial matrix above the C function, at the most.
CALLS = {
    "Python, five numpy operands": 2.0,
    "Python, QuantizedTensor and out": 1.0,
    "Swift, five operands": 0.5,
    "Swift, QuantizedTensor": 0.5,
}
CODEC = 0.70  # part of the copy bandwidth


@dataclass(frozen=True)
class Verdict:
    """One promise, checked.

    Attributes:
        promise: The regime in a few words.
        what: Mode and dtype.
        where: Shape.
        needed: The number to reach.
        found: The number of the run; NaN where it was not measured.
        at_most: Whether `needed` is a ceiling.
    """

    promise: str
    what: str
    where: str
    needed: float
    found: float
    at_most: bool = False

    @property
    def kept(self) -> bool:
        """Whether the run shows it."""
        return self.found <= self.needed if self.at_most else self.found >= self.needed


def verdicts(cells: Sequence[Cell]) -> list[Verdict]:
    """All promises that speak of what was measured: of products with two threads."""
    products = [c for c in cells if c.regime == "product" and c.threads == 2 and c.seconds]
    ours = [c for c in products if c.peer == "thinbit_cpu"]
    peers = [c for c in products if c.peer != "thinbit_cpu"]
    found = [*_decode(ours, peers), *_flat(ours), *_prefill(ours, peers), *_qqmm(ours, peers)]
    for cell in cells:
        name = cell.name.partition(" ")[2]
        if cell.regime == "codec" and cell.peer == "thinbit_cpu" and name in _FOUR_AND_EIGHT:
            what = f"{cell.name}, {cell.x}"
            promise = "quantize and dequantize, part of the copy bandwidth"
            found.append(Verdict(promise, what, "", CODEC, of_limit(cell)))
    found += _calls(cells)
    bounds = [c.bound for c in cells if c.bound is not None and c.peer == "thinbit_cpu"]
    if bounds:
        promise = "largest error, as a part of the contract's bound"
        found.append(Verdict(promise, "all products", "", 1.0, max(bounds), at_most=True))
    return found


def _decode(ours: Iterable[Cell], peers: Sequence[Cell]) -> Iterable[Verdict]:
    for cell in ours:
        if cell.m != 1 or cell.name not in DECODE:
            continue
        needed = DECODE[cell.name][cell.x == "f32"]
        what, where = f"{cell.name}, {cell.x}", _shape(cell)
        yield Verdict("decode, part of the read bandwidth", what, where, needed, of_limit(cell))
        rivals = [seconds(c) for c in peers if _is_rival(cell, c)]
        if rivals:
            ahead = min(rivals) / seconds(cell)
            yield Verdict("decode, times the fastest rival", what, where, 1.0, ahead)


def _is_rival(cell: Cell, peer: Cell) -> bool:
    wide_enough = bits_per_weight(peer) >= bits_per_weight(cell) - 0.01
    return peer.grouped and _same_place(cell, peer) and wide_enough


def _flat(ours: Sequence[Cell]) -> Iterable[Verdict]:
    for cell in ours:
        if cell.m != 8 or cell.name != "affine 4":
            continue
        one = _find(ours, partial(_is_one_row_of, cell))
        found = seconds(cell) / seconds(one) if one else math.nan
        what, needed = f"{cell.name}, {cell.x}", FLAT[cell.x]
        yield Verdict("M = 8, times M = 1", what, _shape(cell), needed, found, at_most=True)


def _prefill(ours: Iterable[Cell], peers: Sequence[Cell]) -> Iterable[Verdict]:
    for cell in ours:
        if cell.m != 512 or cell.name not in DECODE:
            continue
        wide = "four and eight" if cell.name in _FOUR_AND_EIGHT else "every"
        needed = PREFILL["f32" if cell.x == "f32" else wide]
        unit = "f32 FMA" if cell.x == "f32" else "bf16 dot"
        what, where = f"{cell.name}, {cell.x}", _shape(cell)
        promise = f"prefill, {cell.x} x, part of the {unit} peak"
        yield Verdict(promise, what, where, needed, of_limit(cell))
        torch = _find(peers, partial(_is_dense_torch, cell))
        if torch and cell.x == "bf16":
            promise = "prefill, times torch's bf16 matmul on float weights"
            yield Verdict(promise, what, where, OF_TORCH, seconds(torch) / seconds(cell))


def _qqmm(ours: Iterable[Cell], peers: Sequence[Cell]) -> Iterable[Verdict]:
    for cell in ours:
        if cell.m != 512 or cell.name not in QQMM:
            continue
        rivals = [seconds(c) for c in peers if c.group == "four" and _same_place(cell, c)]
        if rivals:
            found = min(rivals) / seconds(cell)
            promise = "qqmm at M = 512, times the fastest 4-bit peer"
            yield Verdict(promise, cell.name, _shape(cell), QQMM[cell.name], found)


def _calls(cells: Sequence[Cell]) -> Iterable[Verdict]:
    for cell in cells:
        if cell.regime == "call" and cell.name in CALLS and cell.seconds:
            promise = "a call with a trivial matrix, us above the C function"
            above = 1e6 * above_c(cell, cells)
            yield Verdict(promise, cell.name, "", CALLS[cell.name], above, at_most=True)


def _find(cells: Iterable[Cell], wanted: Callable[[Cell], bool]) -> Cell | None:
    return next((cell for cell in cells if wanted(cell)), None)


def _is_one_row_of(cell: Cell, other: Cell) -> bool:
    return other.m == 1 and _same_variant(cell, other)


def _is_dense_torch(cell: Cell, other: Cell) -> bool:
    dense = (other.peer, other.name, other.x) == ("torch_cpu", "float weights", "bf16")
    return dense and _same_place(cell, other)


def _same_place(a: Cell, b: Cell) -> bool:
    return (a.n, a.k, a.m, a.threads) == (b.n, b.k, b.m, b.threads)


def _same_variant(a: Cell, b: Cell) -> bool:
    return (a.name, a.x, a.n, a.k, a.threads) == (b.name, b.x, b.n, b.k, b.threads)


def _shape(cell: Cell) -> str:
    return f"{cell.n} x {cell.k}"
