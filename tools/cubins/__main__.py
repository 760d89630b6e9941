"""`python -m tools.cubins FILE`: compiles every module for every architecture into one file."""

from __future__ import annotations

import sys
from pathlib import Path

from codegen.cuda_modules import modules
from codegen.schema_file import load_schema
from tools.cubins.budgets import findings
from tools.cubins.build import ROOT, cubins
from tools.cubins.pack import write


def main() -> None:
    """Ends with 1 where a kernel breaks its budget."""
    path = Path(sys.argv[1])
    built = list(cubins(modules(load_schema(ROOT))))
    found = [finding for cubin in built for finding in findings(cubin)]
    if found:
        sys.exit("\n".join(found))
    write(path, built)
    size = path.stat().st_size / 2**20
    print(f"{len(built)} cubins, all within their budgets: {path}, {size:.1f} MiB")


if __name__ == "__main__":
    main()
