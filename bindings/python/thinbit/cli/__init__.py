"""The command `thinbit`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_EXTRAS = ("ml_dtypes", "safetensors")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `thinbit` with these arguments, by default those of the process; the exit status.

    Raises SystemExit as argparse does, with 2 for a command line that is not understood.
    """
    try:
        from .main import run
    except ImportError as error:
        if error.name not in _EXTRAS:
            raise
        print(f"thinbit: error: {error}", file=sys.stderr)
        return 1
    return run(arguments)


__all__ = ["main"]
