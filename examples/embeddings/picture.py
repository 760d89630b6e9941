"""The picture: what is lost against bits per weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

_BLUE, _RED, _GREEN, _INK = "#2f6db5", "#c2571a", "#2e8b57", "#22272e"

# Where names stand beside their points, in points: the 4-bit modes are close neighbours.
_PLACES = {"affine:4:g64": (10, -6), "nvfp4+inputs": (6, 7)}


def draw(points: Sequence[tuple[str, float, float]], path: Path) -> None:
    """Save a PNG of (spec, bits per weight, 1 - mean cosine), each point with its name."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8.6, 5.4), dpi=120)
    affine = sorted(
        (bits, loss) for spec, bits, loss in points if spec.startswith("affine") and "g64" in spec
    )
    axes.plot(*zip(*affine, strict=True), color=_BLUE, linewidth=1.4, zorder=2)
    for spec, bits, loss in points:
        inputs = spec.endswith("+inputs")
        color = _BLUE if spec.startswith("affine") else _GREEN if "nv" in spec else _RED
        face = "white" if inputs else color
        axes.plot([bits], [loss], "o", color=color, markerfacecolor=face, markersize=7, zorder=3)
        name = spec.removesuffix(":g64").replace(":", " ").replace("+inputs", ", inputs too")
        left = not inputs and not spec.startswith("affine")
        axes.annotate(
            name,
            (bits, loss),
            xytext=_PLACES.get(spec, (-8, -4) if left else (8, 2)),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=9,
            color=color,
        )
    axes.set_yscale("log")
    axes.set_xlim(1.6, 10.4)
    axes.set_xlabel("bits per weight, scales and biases included", color=_INK)
    axes.set_ylabel("1 - mean cosine to the float embeddings", color=_INK)
    axes.set_title("all-MiniLM-L6-v2: what a weight costs, and what it loses", color=_INK)
    axes.grid(color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
