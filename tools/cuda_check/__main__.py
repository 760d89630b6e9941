"""`python -m tools.cuda_check FILE`: checks thinbit on this machine's GPU, and writes its times.

Needs torch for the GPU and thinbit on the path, and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.cuda_check import benchmark, values
from tools.cuda_check.checks import findings
from tools.cuda_check.torch_gpu import TorchGpu
from tools.cuda_check.values import Extent

_EXTENT = Extent(columns=2048, products=300, rows=200, depth=1024, rounds=20)


def main() -> None:
    """Ends with 1 where something is wrong; the table is written all the same."""
    gpu = TorchGpu()
    found = findings(gpu, _EXTENT)
    found += gpu.check_current_stream(values.quantize_here)
    print("\n".join(found) or "all values are right", flush=True)
    path = Path(sys.argv[1])
    path.write_text(benchmark.page(gpu, benchmark.FULL))
    print(path.read_text())
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
