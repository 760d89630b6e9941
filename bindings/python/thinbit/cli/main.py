"""From a command line to an exit status: 0 done, 1 it cannot be done, 2 not understood."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import thinbit
from thinbit.io import CheckpointError, OutputExistsError
from thinbit.io.errors import printable

from . import (
    compare_command,
    convert_command,
    info_command,
    inspect_command,
    modes_command,
    quantize_command,
)
from .output import Output

_COMMANDS = (
    quantize_command,
    convert_command,
    compare_command,
    inspect_command,
    modes_command,
    info_command,
)
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_INTERRUPTED = 128 + signal.SIGINT


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
    except (CheckpointError, thinbit.ThinbitError) as error:
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
        description="Few-bit weights: quantize and convert checkpoints, and look into them.",
        epilog="example: thinbit quantize model.safetensors small.safetensors --mode mxfp4",
    )
    parser.add_argument("--version", action="version", version=f"thinbit {thinbit.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        own: Any = command.add_parser(commands)
        own.add_argument(
            "--json", action="store_true", help="print one JSON object, and nothing else, on stdout"
        )
        own.set_defaults(run=command.run, parser=own)
    return parser


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let the signals that end a process unwind it as Ctrl-C does: no half-written file stays."""

    def unwind(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    changed = []
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            # A signal that is ignored already, as under nohup, stays ignored.
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, unwind)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
