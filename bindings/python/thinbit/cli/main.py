"""From a command line to an exit status: 0 done, 1 it cannot be done, 2 not understood."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import thinbit
from thinbit.io import CheckpointError, OutputExistsError
from thinbit.io.errors import printable

from . import inspect_command, modes_command, quantize_command
from .output import Output

_COMMANDS = (quantize_command, inspect_command, modes_command)
_INTERRUPTED = 128 + signal.SIGINT
_TERMINATED = 128 + signal.SIGTERM


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see `thinbit.cli.main`."""
    options = _parser().parse_args(arguments)
    # A tensor's name can hold what the terminal's encoding cannot.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    output = Output(json_output=options.json)
    try:
        with _terminable():
            options.run(options, output)
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as with `thinbit inspect FILE | head`; python would complain again
        # when it flushes on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OutputExistsError as error:
        return output.fail(f"{error}; --force overwrites it")
    except CheckpointError as error:
        return output.fail(str(error))
    except OSError as error:
        where = f"{printable(str(error.filename))}: " if error.filename else ""
        return output.fail(f"{where}{error.strerror or error}")
    except MemoryError:
        return output.fail("there is not enough memory for this file")
    except KeyboardInterrupt:
        output.fail("interrupted; no file was changed")
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thinbit",
        description="Few-bit weights: quantize checkpoints, and look into them.",
        epilog="example: thinbit quantize model.safetensors small.safetensors --mode mxfp4",
    )
    parser.add_argument("--version", action="version", version=f"thinbit {thinbit.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        own: Any = command.add_parser(commands)
        own.add_argument(
            "--json", action="store_true", help="print one JSON object, and nothing else, on stdout"
        )
        own.set_defaults(run=command.run)
    return parser


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that no half-written file stays."""

    def unwind(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(_TERMINATED)

    try:
        previous = signal.signal(signal.SIGTERM, unwind)
    except ValueError:  # not the main thread, which alone may set handlers
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
