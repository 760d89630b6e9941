"""`thinbit modes`."""

from __future__ import annotations

import argparse
from typing import Any

from thinbit._generated.modes import MODES, Mode

from .output import Output
from .table import Table

_HEADINGS = ("mode", "bits", "group size", "biases", "global scale", "what it is")


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "modes",
        help="list the modes with their bits and group sizes",
        description="Lists what `quantize --mode` takes. Defaults stand in brackets.",
    )
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Show the table of modes."""
    table = Table(_HEADINGS)
    for mode in MODES.values():
        table.add(
            mode.name,
            _choices(mode.bits, mode.default_bits),
            _choices(mode.group_sizes, mode.default_group_size),
            "yes" if mode.has_bias else "no",
            "optional" if mode.has_global_scale else "no",
            mode.doc,
        )
    output.table(table)
    output.result({"modes": [_to_json(mode) for mode in MODES.values()]})


def _choices(values: tuple[int, ...], default: int) -> str:
    return " ".join(f"[{value}]" if value == default else str(value) for value in values)


def _to_json(mode: Mode) -> dict[str, Any]:
    return {
        "name": mode.name,
        "bits": list(mode.bits),
        "default_bits": mode.default_bits,
        "group_sizes": list(mode.group_sizes),
        "default_group_size": mode.default_group_size,
        "has_bias": mode.has_bias,
        "has_global_scale": mode.has_global_scale,
        "element": mode.element,
        "scale": mode.scale,
        "doc": mode.doc,
    }
