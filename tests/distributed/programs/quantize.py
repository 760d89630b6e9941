"""Quantizes a checkpoint on all ranks, in rounds of one tensor each; a rank may be killed then.

Arguments: IN OUT [RANK]: the rank that is killed when it has heard of five tensors.
"""

import os
import signal
import sys

from thinbit.distributed import init
from thinbit.io import QuantizationSpec, TensorReport, quantize_file, shared_steps

source, target, *killed = sys.argv[1:]
shared_steps._ROUND_BYTES = 1

with init() as group:
    heard: list[TensorReport] = []

    def hear(report: TensorReport) -> None:
        heard.append(report)
        if len(heard) == 5 and [str(group.rank)] == killed:
            os.kill(os.getpid(), signal.SIGKILL)

    report = quantize_file(
        source, target, QuantizationSpec.parse("mxfp4"), on_tensor=hear, group=group
    )
    assert tuple(heard) == report.tensors
    sys.stdout.write(f"{len(heard)} tensors, {report.relative_rms_error!r}\n")
