"""One way for a rank to end, while nothing frees its group: the argument says which."""

import os
import signal
import sys
import time

import numpy as np

from thinbit import distributed

group = distributed.init()
how = sys.argv[1]
if how == "success":
    time.sleep(0.5 * group.rank)
    sys.stdout.write(f"rank {group.rank} is done\n")  # in one piece, unlike print
    sys.exit(0)
if how == "error in with":
    with group:
        if group.rank == 0:
            raise ValueError("rank 0 has failed")
        group.barrier()
if group.rank == 0:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "error":
        raise ValueError("rank 0 has failed")
    if how == "status":
        raise SystemExit(3)
group.all_sum(np.ones(4, np.float32))
