"""`python -m bench`: one run, and the page that it makes."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from bench import regimes, report
from bench.model import Cell, Run
from bench.native_code import BUILD


def main() -> None:
    """Measure, or read what was measured before, and write the page."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, a part of the table")
    parser.add_argument("--peers", nargs="*", help="only these libraries")
    parser.add_argument("--raw", type=Path, default=BUILD / "cpu.json", help="all times, as JSON")
    parser.add_argument("--only-report", action="store_true", help="make the page of an old run")
    parser.add_argument("--page", type=Path, default=Path("docs/benchmarks/cpu.md"))
    arguments = parser.parse_args()
    if not arguments.only_report:
        plan = regimes.QUICK if arguments.quick else regimes.FULL
        run = regimes.measure(plan, arguments.peers)
        arguments.raw.parent.mkdir(parents=True, exist_ok=True)
        arguments.raw.write_text(json.dumps(asdict(run), indent=1))
    found = json.loads(arguments.raw.read_text())
    run = Run(**{**found, "cells": [Cell(**cell) for cell in found["cells"]]})
    for path in report.write(run, arguments.page):
        print(path)


if __name__ == "__main__":
    main()
