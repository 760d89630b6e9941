"""`thinbit inspect FILE`."""

from __future__ import annotations

import argparse
import math
from typing import Any

from thinbit.io import Checkpoint, QuantizedModule, TensorInfo
from thinbit.io.errors import printable
from thinbit.io.mlx_layout import FLOAT_CODES

from .output import Output, human_bytes, human_number
from .table import Table

_HEADINGS = ("tensor", "shape", "dtype", "mode", "bits/weight", "bytes")
_NUMBERS = frozenset({"shape", "bits/weight", "bytes"})
_LONGEST_METADATA = 100


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "inspect",
        help="show what a safetensors file holds",
        description=(
            "Lists the tensors of a safetensors file. The parts of a quantized weight are one row,"
            " with the shape that the weight has; its mode comes from the file's metadata, from a"
            " config.json beside it, or from the dtypes and shapes where they leave no choice."
        ),
    )
    parser.add_argument("file", metavar="FILE", help="a safetensors file, float or quantized")
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Show a table of the tensors."""
    with Checkpoint(options.file) as checkpoint:
        rows = [_plain_row(info) for info in checkpoint.plain.values()]
        rows += [_quantized_row(module) for module in checkpoint.modules.values()]
        rows.sort(key=lambda row: str(row["name"]))
        total = _total(rows)
        output.line(f"{printable(options.file)}: {human_bytes(checkpoint.size)}")
        for key, value in checkpoint.metadata.items():
            text = printable(value)
            text = text if len(text) <= _LONGEST_METADATA else text[:_LONGEST_METADATA] + "..."
            output.line(f"  {printable(key)}: {text}")
        output.table(_table(rows, total))
        output.result(
            {
                "file": options.file,
                "bytes": checkpoint.size,
                "metadata": checkpoint.metadata,
                "tensors": rows,
                "total": total,
            }
        )


def _plain_row(info: TensorInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "shape": list(info.shape),
        "elements": info.elements,
        "mode": None,
        "quantization": None,
        "bits_per_weight": info.nbytes * 8 / info.elements if info.elements else None,
        "bytes": info.nbytes,
        "parts": {"tensor": _part(info)},
    }


def _quantized_row(module: QuantizedModule) -> dict[str, Any]:
    """The weight as it was; its shape and quantization are null where the file leaves a choice."""
    shape, spec = module.shape, module.spec
    return {
        "name": module.parts["weight"].name,
        "shape": None if shape is None else list(shape),
        "elements": None if shape is None else math.prod(shape),
        "mode": " or ".join(str(choice) for choice in ([spec] if spec else module.candidates)),
        "quantization": spec.to_json() if spec else None,
        "bits_per_weight": module.bits_per_weight,
        "bytes": module.nbytes,
        "parts": {part: _part(info) for part, info in module.parts.items()},
    }


def _part(info: TensorInfo) -> dict[str, Any]:
    return {"dtype": info.dtype, "shape": list(info.shape), "bytes": info.nbytes}


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums; bits per weight are those of float and quantized tensors whose size is known."""
    weights = [
        row
        for row in rows
        if row["elements"] and (row["mode"] or row["parts"]["tensor"]["dtype"] in FLOAT_CODES)
    ]
    elements = sum(row["elements"] for row in weights)
    return {
        "tensors": len(rows),
        "quantized": sum(row["mode"] is not None for row in rows),
        "bytes": sum(row["bytes"] for row in rows),
        "bits_per_weight": 8 * sum(row["bytes"] for row in weights) / elements
        if elements
        else None,
    }


def _table(rows: list[dict[str, Any]], total: dict[str, Any]) -> Table:
    table = Table(_HEADINGS, _NUMBERS)
    for row in rows:
        parts = row["parts"]
        stored = next(iter(parts.values()))["shape"]
        table.add(
            printable(row["name"]),
            f"{stored} packed" if row["shape"] is None else str(row["shape"]),
            " + ".join(part["dtype"] for name, part in parts.items() if name != "biases"),
            row["mode"] or "-",
            human_number(row["bits_per_weight"]),
            f"{row['bytes']:,}",
        )
    plural = "" if total["tensors"] == 1 else "s"
    table.total = (
        f"{total['tensors']} tensor{plural}, {total['quantized']} quantized",
        "",
        "",
        "",
        human_number(total["bits_per_weight"]),
        f"{total['bytes']:,}",
    )
    return table
