"""The picture of `thinbit compare`: each tensor's error against the bits that it takes."""

from __future__ import annotations

import os
import secrets
from itertools import groupby

from matplotlib.figure import Figure

from thinbit.io import CheckpointError, Comparison
from thinbit.io.comparison import total

_FORMATS = (".png", ".svg", ".pdf")
_SIZE = (8.0, 5.0)
_DPI = 150
# Okabe and Ito's colours, which people with any colour vision tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def refuse_unknown_format(path: str) -> None:
    """CheckpointError for a file's name that ends in no format that can be drawn."""
    if not path.endswith(_FORMATS):
        raise CheckpointError(path, f"a picture's name ends in {' or '.join(_FORMATS)}")


def draw(results: list[Comparison], path: str) -> None:
    """Draw relative RMS against bits per weight, a colour for each mode, to a new or old file."""
    lossy = sorted((r for r in results if 0 < r.relative_rms < float("inf")), key=lambda r: r.b)
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    for number, (mode, group) in enumerate(groupby(lossy, key=lambda result: result.b)):
        members = list(group)
        axes.scatter(
            [result.bits_per_weight or 0 for result in members],
            [result.relative_rms for result in members],
            s=28,
            alpha=0.6,
            linewidths=0,
            color=_COLOURS[number % len(_COLOURS)],
            label=f"{mode}: {len(members)} tensor{'' if len(members) == 1 else 's'}",
        )
    everything = total(results)
    if lossy:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
        axes.axhline(everything.relative_rms, color="#777777", linewidth=1, linestyle="--")
        axes.legend(frameon=False)
    axes.set_xlabel("bits per weight, scales included")
    axes.set_ylabel("relative RMS error")
    axes.set_title(
        f"{len(results)} tensors, {len(results) - len(lossy)} equal; all together"
        f" {everything.bits_per_weight or 0:.2f} bits, {everything.relative_rms:.3g} (dashed)",
        fontsize=10,
    )
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def _save(figure: Figure, path: str) -> None:
    """Write beside the file and rename, so that it is whole or what it was."""
    folder, name = os.path.split(os.path.abspath(path))
    partial = os.path.join(folder, f".{secrets.token_hex(6)}.{name[-64:]}")
    try:
        figure.savefig(partial)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
