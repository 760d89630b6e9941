"""`python -m bench.communication`: measures 1, 2 and 4 ranks here, and writes the page."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from bench.communication.page import page
from bench.machine import describe

MEASURED = (1, 2, 4)


def measured(ranks: int) -> dict[int, float]:
    """Seconds of sums over so many ranks, by their size in bytes."""
    launcher = shutil.which("mpiexec", path=sysconfig.get_path("scripts"))
    if launcher is None:
        raise SystemExit("bench.communication: there is no mpiexec here: pip install mpich")
    print(f"measuring {ranks} ranks", flush=True)
    command = [launcher, "-n", str(ranks), sys.executable, "-m", "bench.communication.ranks"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    return {int(size): seconds for size, seconds in json.loads(done.stdout).items()}


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(prog="bench.communication", description=__doc__)
    default = Path("docs/benchmarks/communication.md")
    parser.add_argument("--page", type=Path, default=default)
    arguments = parser.parse_args()
    machine = describe() | {"load": os.getloadavg()[0]}
    points = {ranks: measured(ranks) for ranks in MEASURED}
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(machine, points))
    print(arguments.page)


if __name__ == "__main__":
    main()
