"""What the Swift program does when it is asked for a sum, as another rank of the same job."""

import sys

import numpy as np

from thinbit.distributed import init

with init() as group:
    x = (np.arange(5) * (group.rank + 1)).astype(np.float32)
    total = group.all_sum(x).tolist()
    gathered = group.all_gather(np.array([group.rank], np.float32)).tolist()
    group.barrier()
    sys.stdout.write(f"Python, rank {group.rank}: {total} {gathered}\n")
