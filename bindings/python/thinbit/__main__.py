"""`python -m thinbit` is the command `thinbit`."""

from __future__ import annotations

import sys

from thinbit.cli import main

if __name__ == "__main__":
    sys.exit(main())
