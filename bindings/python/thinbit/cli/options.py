"""Options that several commands have."""

from __future__ import annotations

import argparse


def add_output(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add OUT and --force."""
    parser.add_argument(
        "output",
        metavar="OUT",
        nargs="?" if optional else None,
        help="what to write: a file if its name ends in .safetensors, else a folder",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output if it exists")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add --jobs."""
    parser.add_argument(
        "--jobs",
        type=positive,
        default=1,
        metavar="N",
        help="tensors in work at a time (default 1); each takes the memory of its tensor",
    )


def positive(text: str) -> int:
    """A number from 1, for argparse."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of them; it must be 1 or more")
    return value
