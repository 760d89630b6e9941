"""`thinbit info`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import thinbit

from .output import Output
from .table import Table


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "info",
        help="show what thinbit uses on this machine, and why",
        description="Shows the instruction sets and the threads that are used, and why.",
    )
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Show all facts."""
    facts = asdict(thinbit.info())
    table = Table(("what", "is"))
    for name, value in facts.items():
        table.add(name, ", ".join(value) if isinstance(value, tuple) else str(value))
    output.table(table)
    output.result(facts)
