"""Tables of the page, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bench.criteria import Verdict
from bench.model import GROUPS, Cell
from bench.peers import TITLES
from bench.stats import above_c, bits_per_weight, median, of_limit, operations, seconds, spread

_Place = tuple[int, int, int]


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, and no exponent where it reads without."""
    if value is None or math.isnan(value):
        return ""
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e7):
        return f"{value:.{digits - 2}e}"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{value:f}"


def label(cell: Cell) -> str:
    """Library, weights and activations of a cell; ours are bold."""
    text = f"{TITLES[cell.peer]} {cell.name}" + (f", {cell.x} x" if cell.x else "")
    return f"**{text}**" if cell.peer.startswith("thinbit") else text


def limits(cells: Sequence[Cell]) -> str:
    """The machine's limits for each number of threads."""
    found = [cell for cell in cells if cell.regime == "limit"]
    threads = sorted({cell.threads for cell in found})
    rows = []
    for name in dict.fromkeys(cell.name for cell in found):
        row = [name]
        for count in threads:
            cell = next(c for c in found if (c.name, c.threads) == (name, count))
            unit = "GB/s" if "re" in name.split()[0] or "copy" in name else "G/s"
            value = cell.blank or f"{1e-9 / seconds(cell):.0f} {unit} ± {spread(cell.seconds):.0%}"
            row.append(value)
        rows.append(row)
    return markdown(["limit", *(f"{count} threads" for count in threads)], rows)


def _places(cells: Iterable[Cell]) -> list[_Place]:
    """Most threads first, then in the order of the run."""
    places = dict.fromkeys((cell.threads, cell.n, cell.k) for cell in cells)
    return sorted(places, key=lambda place: -place[0])


def products(cells: Sequence[Cell], group: str, m: int) -> str:
    """One M of one group: each place has two columns, time and part of the limit."""
    found = [c for c in cells if c.regime == "product" and (c.group, c.m) == (group, m)]
    places = _places(found)
    header = [GROUPS[group], "as", "bits/weight"]
    for threads, n, k in places:
        of_what = "of read" if m == 1 else "of peak"
        unit = "ms" if m < 128 else "GFLOP/s"
        header += [f"{n} x {k}, {threads} thr.: {unit}", of_what]
    rows = []
    for cells_of_variant in _by_variant(found):
        first = next((c for c in cells_of_variant.values() if c.seconds), None)
        if first is None:
            continue
        row = [label(first), first.inside, number(bits_per_weight(first))]
        for place in places:
            row += _time_and_part(cells_of_variant.get(place))
        rows.append((_order(cells_of_variant, places), [*row, *_errors(cells_of_variant)]))
    rows.sort(key=lambda pair: pair[0])
    return markdown([*header, "error", "of bound"], [row for _, row in rows])


def _by_variant(cells: Iterable[Cell]) -> Iterable[dict[_Place, Cell]]:
    found: dict[tuple[str, str, str], dict[_Place, Cell]] = {}
    for cell in cells:
        here = found.setdefault((cell.peer, cell.name, cell.x), {})
        here[cell.threads, cell.n, cell.k] = cell
    return found.values()


def _order(cells: dict[_Place, Cell], places: Sequence[_Place]) -> float:
    for place in places:
        if place in cells and cells[place].seconds:
            return seconds(cells[place])
    return math.inf


def _time_and_part(cell: Cell | None) -> list[str]:
    if cell is None:
        return ["", ""]
    if not cell.seconds:
        return [cell.blank, ""]
    shown = seconds(cell) * 1e3 if cell.m < 128 else operations(cell) / 1e9
    once = " (once)" if len(cell.seconds) == 1 and not cell.beside else ""
    return [number(shown) + once, number(of_limit(cell), 2)]


def _errors(cells: dict[_Place, Cell]) -> list[str]:
    errors = [c.error for c in cells.values() if c.error is not None]
    bounds = [c.bound for c in cells.values() if c.bound is not None]
    return [
        f"{max(errors):.1e}" if errors else "",
        number(max(bounds), 2) if bounds else "",
    ]


def against_m(cells: Sequence[Cell], group: str) -> str:
    """Time in ms for every M of one group, at the place with most of them."""
    found = [c for c in cells if c.regime == "product" and c.group == group]
    if not found:
        return ""
    places = _places(found)
    place = max(places, key=lambda p: len({c.m for c in found if (c.threads, c.n, c.k) == p}))
    found = [c for c in found if (c.threads, c.n, c.k) == place and c.seconds]
    rows_of_x = sorted({c.m for c in found})
    rows = []
    for variant in dict.fromkeys((c.peer, c.name, c.x) for c in found):
        own = {c.m: c for c in found if (c.peer, c.name, c.x) == variant}
        times = [number(seconds(own[m]) * 1e3) if m in own else "" for m in rows_of_x]
        rows.append([label(next(iter(own.values()))), *times])
    threads, n, k = place
    head = f"{n} x {k}, {threads} threads: ms"
    return markdown([head, *(f"M = {m}" for m in rows_of_x)], rows)


def codecs(cells: Sequence[Cell]) -> str:
    """Quantizing and dequantizing."""
    rows = []
    for cell in cells:
        if cell.regime == "codec" and cell.seconds:
            rate = cell.nbytes / seconds(cell) / 1e9
            rows.append([label(cell).replace(" x", ""), number(rate), number(of_limit(cell), 2)])
    return markdown(["", "GB/s read and written", "of copy"], rows)


def calls(cells: Sequence[Cell]) -> str:
    """The cost of a call, and what it is above the C function that does the work."""
    found = [cell for cell in cells if cell.regime == "call" and cell.seconds]
    rows = []
    for cell in found:
        above = above_c(cell, found) if cell.peer.startswith("thinbit") else math.nan
        rows.append([label(cell), number(seconds(cell) * 1e6), number(above * 1e6)])
    return markdown(["(1, 64) x (32, 64)", "us", "above the C function, us"], rows)


def paths(cells: Sequence[Cell]) -> str:
    """Other ways to a product, against the plain one at the same M."""
    found = [cell for cell in cells if cell.regime == "path" and cell.seconds]
    rows = []
    for name in dict.fromkeys(cell.name for cell in found):
        row = [name]
        for m in sorted({cell.m for cell in found}):
            here = [cell for cell in found if cell.m == m]
            own = next(cell for cell in here if cell.name == name)
            ratio = seconds(own) / seconds(here[0])
            row += [number(seconds(own) * 1e3), number(ratio)]
        rows.append(row)
    header = ["affine 4, bf16 x, 4096 x 4096"]
    for m in sorted({cell.m for cell in found}):
        header += [f"M = {m}: ms", "times plain"]
    return markdown(header, rows)


def promises(verdicts: Sequence[Verdict]) -> str:
    """Each promise with its shapes side by side; what falls short says what it needs."""
    parts = []
    for promise in dict.fromkeys(each.promise for each in verdicts):
        found = [each for each in verdicts if each.promise == promise]
        kept = sum(each.kept for each in found)
        shapes = list(dict.fromkeys(each.where for each in found))
        rows = []
        for what in dict.fromkeys(each.what for each in found):
            own = {each.where: each for each in found if each.what == what}
            needed = next(iter(own.values()))
            sign = "<=" if needed.at_most else ">="
            shown = [_verdict(own.get(shape)) for shape in shapes]
            rows.append([what, f"{sign} {number(needed.needed)}", *shown])
        table = markdown(["", "needed", *(shape or "found" for shape in shapes)], rows)
        parts.append(f"{promise}: {kept} of {len(found)} kept.\n\n{table}")
    return "\n".join(parts)


def _verdict(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return f"**{number(verdict.found)}**" if verdict.kept else number(verdict.found)


def foreign(cells: Sequence[Cell]) -> tuple[float, float]:
    """CPUs that others used while it ran: median and largest of all rounds that count."""
    found = [load for cell in cells for load in cell.foreign]
    return median(found), max(found, default=math.nan)
