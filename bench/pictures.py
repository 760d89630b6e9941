"""Pictures of the page: one for each regime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.patches import Patch

from bench.model import GROUPS, Cell
from bench.peers import TITLES
from bench.stats import of_limit, operations, seconds

_COLOURS = {
    "thinbit_swift": "#d62728",
    "thinbit_cpu": "#d62728",
    "ggml": "#1f77b4",
    "onnx_runtime": "#2ca02c",
    "torch_cpu": "#ff7f0e",
    "mlx_cpu": "#9467bd",
    "openblas": "#7f7f7f",
}
_LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
_SMALL = 6  # points


def decode(cells: Sequence[Cell], path: Path) -> bool:
    """M = 1: the part of the read bandwidth, a panel for each group."""
    found = [c for c in _products(cells) if c.m == 1 and c.beside]
    return _panels(found, path, of_limit, "part of the read bandwidth, M = 1")


def prefill(cells: Sequence[Cell], path: Path) -> bool:
    """M = 512: operations a second, a panel for each group."""
    found = [c for c in _products(cells) if c.m == 512]
    return _panels(found, path, lambda cell: operations(cell) / 1e9, "GFLOP/s, M = 512")


def against_m(cells: Sequence[Cell], path: Path) -> bool:
    """Time against M for 4-bit weights and for float ones."""
    found = [c for c in _products(cells) if c.group == "four" or "float" in c.name]
    found = [c for c in found if not c.name.startswith("qqmm") and c.name != "iq4_nl repacked"]
    if not found:
        return False
    figure, axes = plt.subplots(figsize=(10, 5.5))
    drawn = dict.fromkeys(_COLOURS, 0)
    for variant in dict.fromkeys((c.peer, c.name, c.x) for c in found):
        own = sorted((c for c in found if (c.peer, c.name, c.x) == variant), key=lambda c: c.m)
        peer = own[0].peer
        axes.plot(
            [c.m for c in own],
            [seconds(c) * 1e3 for c in own],
            color=_COLOURS[peer],
            linestyle=_LINES[drawn[peer] % len(_LINES)],
            linewidth=2 if peer == "thinbit_cpu" else 1,
            label=_name(own[0]),
        )
        drawn[peer] += 1
    axes.set(xscale="log", yscale="log", xlabel="M", ylabel="ms")
    rows = sorted({c.m for c in found})
    axes.set_xticks(rows, [str(m) for m in rows])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title(f"{_where(found[0])}: 4-bit weights, and float ones")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=_SMALL, loc="center left", bbox_to_anchor=(1, 0.5))
    return _save(figure, path)


def codecs(cells: Sequence[Cell], path: Path) -> bool:
    """Quantize and dequantize as a part of the copy bandwidth."""
    found = [c for c in cells if c.regime == "codec" and c.seconds]
    if not found:
        return False
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.12 * len(found)))
    _bars(axes, found, of_limit)
    axes.set(xlabel="part of the copy bandwidth")
    _legend(figure, found)
    return _save(figure, path)


def calls(cells: Sequence[Cell], path: Path) -> bool:
    """The cost of a call."""
    found = [c for c in cells if c.regime == "call" and c.seconds]
    if not found:
        return False
    figure, axes = plt.subplots(figsize=(8, 1 + 0.28 * len(found)))
    _bars(axes, found, lambda cell: seconds(cell) * 1e6)
    axes.set(xlabel="us for one call with a trivial matrix")
    return _save(figure, path)


def _panels(found: Sequence[Cell], path: Path, value: Any, title: str) -> bool:
    groups = [name for name in GROUPS if any(c.group == name for c in found)]
    if not groups:
        return False
    rows = (len(groups) + 1) // 2
    most = max(sum(c.group == name for c in found) for name in groups)
    size = (10, 1 + rows * (0.5 + 0.125 * most))
    figure, grid = plt.subplots(rows, min(2, len(groups)), figsize=size, squeeze=False)
    for axes, name in zip(grid.flat, groups, strict=False):
        _bars(axes, [c for c in found if c.group == name], value)
        axes.set_title(GROUPS[name], fontsize=8)
    for axes in list(grid.flat)[len(groups) :]:
        axes.set_axis_off()
    figure.suptitle(f"{title}, {_where(found[0])}", fontsize=10)
    _legend(figure, found)
    return _save(figure, path)


def _bars(axes: Any, found: Sequence[Cell], value: Any) -> None:
    """A bar for each cell, the highest value on top."""
    ordered = sorted(found, key=value)
    axes.barh(
        range(len(ordered)),
        [value(c) for c in ordered],
        color=[_COLOURS[c.peer] for c in ordered],
    )
    axes.set_yticks(range(len(ordered)), [_name(c) for c in ordered], fontsize=_SMALL)
    axes.tick_params(axis="x", labelsize=_SMALL + 1)
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.margins(y=0.01)


def _products(cells: Sequence[Cell]) -> list[Cell]:
    """Products at the first place of the run with most threads."""
    found = [c for c in cells if c.regime == "product" and c.seconds]
    if not found:
        return []
    most = max(c.threads for c in found)
    first = next(c for c in found if c.threads == most)
    place = (first.threads, first.n, first.k)
    return [c for c in found if (c.threads, c.n, c.k) == place]


def _name(cell: Cell) -> str:
    return f"{TITLES[cell.peer]} {cell.name}" + (f", {cell.x}" if cell.x else "")


def _where(cell: Cell) -> str:
    return f"{cell.n} x {cell.k}, {cell.threads} threads"


def _legend(figure: Any, cells: Sequence[Cell]) -> None:
    peers = dict.fromkeys(cell.peer for cell in cells)
    handles = [Patch(color=_COLOURS[peer], label=TITLES[peer]) for peer in peers]
    figure.legend(handles=handles, fontsize=7, ncols=len(handles), loc="lower right")


def _save(figure: Any, path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
    return True
