"""The picture: error against bits per weight."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from sweep import Result

_INK = "#22272e"
_GREY = "#5d6670"
_SUBTITLE = "circles: affine, groups of 64, float32 scales and biases; diamonds: microscaling modes"
_AFFINE = "#2f6db5"
_FLOATS = {"mxfp4": "#c2571a", "nvfp4": "#2e8b57", "mxfp8": "#c2571a"}
# Where a label stands beside its point, in points: the 4-bit formats are close neighbours.
_OFFSETS = {"mxfp4": (-9, 7, "right"), "nvfp4": (-2, -15, "right"), "mxfp8": (9, 5, "left")}


def draw(model_name: str, results: list[Result], path: Path) -> None:
    """Save a PNG with one labelled point for each result."""
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    figure, axes = pyplot.subplots(figsize=(8.6, 5.4), dpi=160)
    affine = sorted(
        (result for result in results if result.mode.startswith("affine")),
        key=lambda result: result.bits_per_weight,
    )
    axes.plot(
        [result.bits_per_weight for result in affine],
        [result.relative_rms_error for result in affine],
        color=_AFFINE,
        linewidth=1.6,
        marker="o",
        markersize=6.5,
        zorder=3,
    )
    for result in affine:
        bits = result.mode.split(":")[1]
        _label(axes, result, f"affine {bits}", (8, 6, "left"), _AFFINE)
    for result in results:
        if result.mode in _FLOATS:
            color = _FLOATS[result.mode]
            x, y = result.bits_per_weight, result.relative_rms_error
            axes.plot([x], [y], "D", color=color, markersize=7, zorder=4)
            _label(axes, result, result.mode, _OFFSETS[result.mode], color)

    axes.set_yscale("log")
    axes.set_xlim(1.4, 9.9)
    low = min(result.relative_rms_error for result in results)
    high = max(result.relative_rms_error for result in results)
    axes.set_ylim(low / 1.6, high * 1.9)
    ticks = [t for t in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2) if low / 1.6 <= t]
    axes.yaxis.set_major_locator(FixedLocator([t for t in ticks if t <= high * 1.9]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_major_locator(FixedLocator(range(2, 10)))
    axes.grid(color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, length=0, labelsize=10)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel("bits per weight, scales and biases included", color=_INK, fontsize=11)
    axes.set_ylabel("relative RMS error of the weights", color=_INK, fontsize=11)
    figure.tight_layout(rect=(0, 0, 1, 0.885))
    title = f"{model_name}: what a weight costs, and what it loses"
    figure.text(0.02, 0.945, title, fontsize=14, fontweight="bold", color=_INK)
    figure.text(0.02, 0.9, _SUBTITLE, fontsize=10, color=_GREY)
    figure.savefig(path)
    pyplot.close(figure)


def _label(
    axes: object, result: Result, text: str, place: tuple[float, float, str], color: str
) -> None:
    x, y, align = place
    axes.annotate(  # type: ignore[attr-defined]
        text,
        (result.bits_per_weight, result.relative_rms_error),
        xytext=(x, y),
        textcoords="offset points",
        ha=align,
        fontsize=10,
        color=color,
    )
