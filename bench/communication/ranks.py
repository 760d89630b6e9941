"""As one rank: seconds of sums by their size in bytes, as JSON from the first rank."""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np
import numpy.typing as npt

from bench.communication.model import FLOAT
from thinbit.distributed import Group, init

SIZES = tuple(FLOAT << power for power in (8, 10, 12, 14, 16, 18, 20))
# Hidden states have no more; and ranks without a processor each need seconds for longer ones.
MOST_OF_A_STATE = FLOAT << 14
SHORTEST = 2e-3  # seconds of one timed loop, where nothing disturbs
LONGEST = 6.0  # seconds of all loops of one size
LOOPS = 300


def loop_seconds(group: Group, x: npt.NDArray[np.float32], calls: int) -> float:
    """One sum, as the mean of a loop."""
    group.barrier()
    start = time.perf_counter()
    for _ in range(calls):
        group.all_sum(x)
    return (time.perf_counter() - start) / calls


def best_seconds(group: Group, size: int) -> float:
    """The shortest mean of all loops: the one that others disturbed least."""
    x = np.ones(size // FLOAT, np.float32)
    calls = max(3, int(SHORTEST / (5e-6 + size / 1e9)))
    # All ranks have to make as many loops: the slowest one's time counts.
    trial = float(group.all_gather(np.array([loop_seconds(group, x, calls)], np.float32)).max())
    loops = min(LOOPS, max(3, int(LONGEST / (calls * trial))))
    return min(loop_seconds(group, x, calls) for _ in range(loops))


def main() -> None:
    """Time every size."""
    with init() as group:
        fit = group.size <= len(os.sched_getaffinity(0))
        sizes = [size for size in SIZES if fit or size <= MOST_OF_A_STATE]
        found = {size: best_seconds(group, size) for size in sizes}
        if group.rank == 0:
            sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
