"""Times of quantized_matmul on one device, for one row and for many, beside MLX's.

A call of thinbit takes numpy arrays and returns when the result is in memory: its time includes
what that costs. MLX's arrays are on the device already.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np

import thinbit

ROUNDS = 20
SHAPES = {"decode": 1, "prefill": 512}
MODES = ("affine", "mxfp4", "mxfp8", "nvfp4")


def median(call: Callable[[], object]) -> float:
    """Seconds of a call: the median after two that warm up."""
    times = []
    for _ in range(ROUNDS + 2):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def thinbit_call(
    x: np.ndarray, weight: thinbit.QuantizedTensor, device: str
) -> Callable[[], object]:
    """One product with numpy operands."""
    return lambda: thinbit.quantized_matmul(x, weight, device=device)


def mlx_call(x: np.ndarray, w: np.ndarray, mode: str) -> Callable[[], object] | None:
    """The same product by MLX on its default device; None where MLX is not installed."""
    if importlib.util.find_spec("mlx") is None:
        return None
    import mlx.core as mx

    operands = mx.quantize(mx.array(w), mode=mode)
    activations = mx.array(x)

    def call() -> None:
        mx.eval(mx.quantized_matmul(activations, *operands, mode=mode))

    return call


def main() -> None:
    """Prints one line for each shape and mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="metal", help="as thinbit's device= takes it")
    parser.add_argument("--size", type=int, default=4096, help="rows and columns of the weight")
    options = parser.parse_args()
    random = np.random.default_rng(0)
    print(f"{'':8} {'mode':8} {'thinbit':>12} {'MLX':>12}")
    for name, rows in SHAPES.items():
        x = random.standard_normal((rows, options.size)).astype(np.float16)
        w = random.standard_normal((options.size, options.size)).astype(np.float16)
        for mode in MODES:
            weight = thinbit.QuantizedTensor.quantize(w, mode=mode)
            ours = median(thinbit_call(x, weight, options.device)) * 1e3
            peer = mlx_call(x, w, mode)
            theirs = "not there" if peer is None else f"{median(peer) * 1e3:.3f} ms"
            print(f"{name:8} {mode:8} {ours:9.3f} ms {theirs:>12}")


if __name__ == "__main__":
    main()
