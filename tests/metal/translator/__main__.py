"""python -m metal.translator SOURCE OUTPUT --library RUNTIME [--fast]: compiles kernels."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from metal.translator.compiler import Settings, compile_kernels
from metal.translator.tokens import TranslationError


def main() -> int:
    """Compiles as the command line says; prints what is wrong, and returns 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--library", type=Path, required=True, help="the emulation's run time")
    parser.add_argument("--fast", action="store_true", help="without the memory checker")
    options = parser.parse_args()
    settings = Settings(library=options.library, check=not options.fast)
    try:
        compile_kernels(options.source, options.output, settings)
    except TranslationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
