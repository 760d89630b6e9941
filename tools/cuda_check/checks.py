"""All checks of values, each by its name."""

from __future__ import annotations

from tools.cuda_check import values
from tools.cuda_check.gpu import Gpu


def findings(gpu: Gpu, extent: values.Extent) -> list[str]:
    """What is wrong, a sentence each; prints the name of each check."""
    found: list[str] = []
    for name, check in (
        ("bytes of quantize", values.quantized_bytes(gpu, extent)),
        ("products of random shapes", values.products(gpu, extent)),
        ("two streams", values.two_streams(gpu, extent)),
        ("a graph", values.graphs(gpu, extent)),
        ("faults", values.faults(gpu)),
    ):
        print(f"-- {name}", flush=True)
        found += check
    return found
