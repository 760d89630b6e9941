"""`thinbit inspect PATH`."""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

from thinbit.io import Checkpoint, open_source
from thinbit.io.errors import printable
from thinbit.io.open_source import is_base_format

from .inspect_rows import Row, checkpoint_rows, source_rows, totals
from .number_ranges import collapse
from .output import Output, human_bytes, human_count, human_number
from .table import Table

_HEADINGS = ("tensor", "shape", "dtype", "mode", "bits/weight", "bytes")
_NUMBERS = frozenset({"shape", "bits/weight", "bytes"})
_SUMMARY = ("stored as", "tensors", "weights", "bits/weight", "bytes", "of all")
_LONGEST_METADATA = 100


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "inspect",
        help="show what a checkpoint holds",
        description=(
            "Shows what a checkpoint of any known format holds: how its weights are stored, and its"
            " tensors, those of equal layers in one row. The parts of a quantized weight are one"
            " tensor, with the shape that the weight has; its mode comes from the metadata, from"
            " config.json, or from the dtypes and shapes where they leave no choice."
        ),
    )
    parser.add_argument("path", metavar="PATH", help="a safetensors or GGUF file, or a folder")
    parser.add_argument("--all", action="store_true", help="a row for every tensor")
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Show what is stored how, and a table of the tensors."""
    if is_base_format(options.path):
        with Checkpoint(options.path) as checkpoint:
            kind = "MLX" if checkpoint.modules else "safetensors"
            rows, size, metadata = checkpoint_rows(checkpoint), checkpoint.size, checkpoint.metadata
    else:
        # What has no exact form is shown all the same, as what it would be decoded to.
        with open_source(options.path, decode="F32", own_names=True) as source:
            kind, rows, size = source.format, source_rows(source), source.size
            metadata = dict(source.metadata)
    rows.sort(key=lambda row: row.sort_key)
    total = totals(rows)
    output.line(
        f"{printable(options.path)}: {kind}, {human_bytes(size)}; {len(rows)}"
        f" tensor{'' if len(rows) == 1 else 's'}, {human_count(total.elements)} weights,"
        f" {human_number(total.bits_per_weight)} bits per weight"
    )
    for key, value in metadata.items():
        text = printable(value)
        text = text if len(text) <= _LONGEST_METADATA else text[:_LONGEST_METADATA] + "..."
        output.line(f"  {printable(key)}: {text}")
    if len({row.stored_as for row in rows}) > 1:
        output.table(_summary(rows))
        output.line("")
    output.table(_table(rows, options.all))
    output.result(
        {
            "file": options.path,
            "format": kind,
            "bytes": size,
            "metadata": metadata,
            "tensors": [row.to_json() for row in rows],
            "total": total.to_json(),
        }
    )


def _summary(rows: list[Row]) -> Table:
    """How much is stored how, the largest share first."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.stored_as].append(row)
    table = Table(_SUMMARY, frozenset(_SUMMARY[1:]))
    everything = sum(row.bytes for row in rows) or 1
    for name, members in sorted(groups.items(), key=lambda item: -sum(r.bytes for r in item[1])):
        own = totals(members)
        size = sum(row.bytes for row in members)
        table.add(
            name,
            str(len(members)),
            human_count(own.elements),
            human_number(own.bits_per_weight),
            f"{size:,}",
            f"{size / everything:.1%}",
        )
    return table


def _table(rows: list[Row], every: bool) -> Table:
    table = Table(_HEADINGS, _NUMBERS)
    collapsed = (
        [(row.name, [row]) for row in rows]
        if every
        else collapse(rows, lambda row: row.name, lambda row: row.alike)
    )
    for name, members in collapsed:
        row = members[0]
        count = f" x {len(members)}" if len(members) > 1 else ""
        table.add(
            printable(name),
            row.shape_text + count,
            row.dtypes,
            row.mode or "-",
            human_number(row.bits_per_weight),
            f"{sum(member.bytes for member in members):,}",
        )
    total = totals(rows)
    plural = "" if total.tensors == 1 else "s"
    table.total = (
        f"{total.tensors} tensor{plural}, {total.quantized} quantized",
        "",
        "",
        "",
        human_number(total.bits_per_weight),
        f"{total.bytes:,}",
    )
    return table
