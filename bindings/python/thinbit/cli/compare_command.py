"""`thinbit compare A B`."""

from __future__ import annotations

import argparse
import math
from typing import Any

from thinbit.io import CheckpointError, Comparison, Pairing, compare, open_source, pair_tensors
from thinbit.io.comparison import total
from thinbit.io.errors import printable

from .options import positive
from .output import Output, human_number
from .table import Table

_HEADINGS = (
    "tensor", "shape", "A", "B", "bits/weight", "relative RMS", "SNR dB", "cosine", "largest error",
)  # fmt: skip
_NUMBERS = frozenset(_HEADINGS[1:2] + _HEADINGS[4:])
_NAMED = 3


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare",
        help="compare two checkpoints, tensor by tensor",
        description=(
            "Compares the tensors that have one name in two checkpoints of any format: how far the"
            " values of B are from those of A. Relative RMS is sqrt(sum (b - a)^2 / sum a^2), SNR"
            " its square's inverse in dB, cosine that between the tensors as vectors."
        ),
    )
    parser.add_argument("a", metavar="A", help="the checkpoint that counts as exact")
    parser.add_argument("b", metavar="B", help="the checkpoint to judge")
    parser.add_argument(
        "--plot",
        metavar="PNG",
        help="draw error against bits per weight too, to a .png, .svg or .pdf file",
    )
    parser.add_argument(
        "--worst",
        type=positive,
        metavar="N",
        help="show the N tensors with the largest relative RMS alone, the worst first",
    )
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Compare, and draw if that was asked for."""
    draw = _import_picture(options.plot) if options.plot else None
    with open_source(options.a) as a, open_source(options.b) as b:
        pairing = pair_tensors(a, b)
        with output.progress("compare") as progress:
            progress.set_total(sum(one.nbytes for one, _ in pairing.both))
            sizes = {one.name: one.nbytes for one, _ in pairing.both}
            results = compare(pairing, lambda result: progress.advance(sizes[result.name]))
    everything = total(results)
    shown = results
    if options.worst is not None:
        shown = sorted(results, key=lambda result: -result.relative_rms)[: options.worst]
    output.line(f"A is {printable(options.a)}, {a.format}; B is {printable(options.b)}, {b.format}")
    for line in _unmatched(pairing):
        output.line(line)
    output.table(_table(shown, results, everything))
    if draw is not None:
        draw(results, options.plot)
        output.line(f"wrote {printable(options.plot)}")
    output.result(
        {
            "a": options.a,
            "b": options.b,
            "tensors": [result.to_json() for result in shown],
            "only_in_a": list(pairing.only_a),
            "only_in_b": list(pairing.only_b),
            "total": everything.to_json(),
        }
    )


def _import_picture(path: str) -> Any:
    """The function that draws; here, so that a missing library is known before any work."""
    try:
        from .compare_picture import draw, refuse_unknown_format
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        raise CheckpointError(
            path, 'a picture needs the package matplotlib: pip install "thinbit[plot]"'
        ) from None
    refuse_unknown_format(path)
    return draw


def _unmatched(pairing: Pairing) -> list[str]:
    lines = []
    for which, names in (("A", pairing.only_a), ("B", pairing.only_b)):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            shown = ", ".join(map(printable, names[:_NAMED]))
            lines.append(f"  only in {which}: {shown}{more}")
    return lines


def _table(shown: list[Comparison], results: list[Comparison], everything: Comparison) -> Table:
    table = Table(_HEADINGS, _NUMBERS)
    for result in shown:
        table.add(printable(result.name), str(list(result.shape)), *_cells(result))
    same = sum(result.squared_error == 0 for result in results)
    plural = "" if len(results) == 1 else "s"
    table.total = (f"{len(results)} tensor{plural}, {same} equal", "", *_cells(everything))
    return table


def _cells(result: Comparison) -> tuple[str, ...]:
    return (
        result.a,
        result.b,
        human_number(result.bits_per_weight),
        _scientific(result.relative_rms),
        human_number(result.snr_db, 1) if math.isfinite(result.snr_db) else str(result.snr_db),
        f"{result.cosine:.6f}",
        _scientific(result.largest_error),
    )


def _scientific(value: float) -> str:
    return "0" if value == 0 else f"{value:.3g}"
