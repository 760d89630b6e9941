"""What is measured of thinbit beside its products: codecs, calls, and other ways to a product."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

import thinbit
from bench import data
from bench.model import C_FUNCTION, Job
from bench.native_code import compiled
from thinbit import QuantizedTensor

_TINY_N, _TINY_K = 32, 64
_CODEC_MODES = (
    ("affine", 4),
    ("affine", 8),
    ("mxfp4", 4),
    ("mxfp8", 8),
    ("nvfp4", 4),
    ("affine", 1),
    ("affine", 2),
    ("affine", 3),
    ("affine", 5),
    ("affine", 6),
)
_FLOATS: dict[str, Any] = {"f32": np.float32, "bf16": ml_dtypes.bfloat16, "f16": np.float16}


def codecs(n: int, k: int) -> list[Job]:
    """Quantize and dequantize, each way with its output given."""
    jobs = []
    for x, dtype in _FLOATS.items():
        full = data.whole(data.weight(n, k), n).astype(dtype)
        back = np.empty_like(full)
        for mode, bits in _CODEC_MODES:
            name = f"affine {bits}" if mode == "affine" else mode
            settings: dict[str, Any] = {"mode": mode, "bits": bits}
            parts = thinbit.quantize(full, **settings)
            amount = full.nbytes + sum(part.nbytes for part in parts if part is not None)
            there: Any = partial(thinbit.quantize, full, out=tuple(parts), **settings)
            tensor = QuantizedTensor(*parts, **settings)
            again = partial(tensor.dequantize, np.dtype(dtype).name, out=back)
            jobs.append(Job(f"quantize {name}", there, 1, amount, x))
            jobs.append(Job(f"dequantize {name}", again, 1, amount, x))
    return jobs


def tiny_calls() -> list[Job]:
    """A product (1, 64) x (32, 64): what the call costs; one thread has all of it."""
    x = np.ones((1, _TINY_K), np.float32)
    tensor = QuantizedTensor.quantize(data.weight(_TINY_N, _TINY_K))
    wq, scales, biases = tensor.packed, tensor.scales, tensor.biases
    out = np.empty((1, _TINY_N), np.float32)
    calls = 2000

    def five_operands() -> None:
        for _ in range(calls):
            thinbit.quantized_matmul(x, wq, scales, biases, out=out)

    def four_operands() -> None:
        for _ in range(calls):
            thinbit.quantized_matmul(x, wq, scales, biases)

    def prebuilt() -> None:
        for _ in range(calls):
            thinbit.quantized_matmul(x, tensor, out=out)

    return [
        Job(C_FUNCTION, _in_c(x, wq, scales, biases, out, calls), calls, 0),
        Job("Python, five numpy operands", five_operands, calls, 0),
        Job("Python, four numpy operands", four_operands, calls, 0),
        Job("Python, QuantizedTensor and out", prebuilt, calls, 0),
    ]


def _in_c(x: Any, wq: Any, scales: Any, biases: Any, out: Any, calls: int) -> Callable[[], None]:
    package = Path(thinbit.__file__).parent
    directory = package / "lib"
    library = next(directory.glob("libthinbit.*"))
    flags = (f"-I{package / 'include'}", str(library), f"-Wl,-rpath,{directory}")
    function = compiled("calls", *flags).bench_calls
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p] * 5 + [ctypes.c_int64] * 3
    pointers = [array.ctypes.data for array in (x, wq, scales, biases, out)]

    def run() -> None:
        if function(*pointers, _TINY_N, _TINY_K, calls) < 0:
            raise RuntimeError("thinbit_quantized_matmul failed")

    return run


def paths(rows: int) -> list[Job]:
    """Ways to multiply with 4-bit affine weights (4096, 4096), bf16; a pass takes eight of them."""
    n = k = 4096
    count = 8
    bf16 = ml_dtypes.bfloat16
    part = QuantizedTensor.quantize(data.weight(n, k).astype(bf16))
    stack = [np.stack([data.whole(each, n)] * count) for each in _parts(part)]
    many = QuantizedTensor(*stack)
    single = [QuantizedTensor(*(each[i] for each in stack)) for i in range(count)]
    x = data.activations(rows, k).astype(bf16)
    wide = np.empty((rows, 2 * k), bf16)
    wide[:, ::2] = x
    strided = wide[:, ::2]
    out, bias = np.empty((rows, n), bf16), np.ones(n, bf16)
    batch, batch_out = np.stack([x] * count), np.empty((count, rows, n), bf16)
    shuffled = np.random.default_rng(0).permutation(count).astype(np.uint32)
    ordered = np.arange(count, dtype=np.uint32)

    def each(multiply: Callable[[QuantizedTensor], Any]) -> Callable[[], None]:
        def run() -> None:
            for weight in single:
                multiply(weight)

        return run

    def picked(indices: Any, is_sorted: bool) -> Callable[[], None]:
        return lambda: thinbit.gather_qmm(
            batch, many, rhs_indices=indices, sorted_indices=is_sorted, out=batch_out
        )

    mm = thinbit.quantized_matmul
    return [
        Job("quantized_matmul", each(lambda w: mm(x, w, out=out)), count, 0),
        Job("transpose=False", each(lambda w: mm(x, w, transpose=False, out=out)), count, 0),
        Job("x with a stride", each(lambda w: mm(strided, w, out=out)), count, 0),
        Job(
            "quantized_addmm",
            each(lambda w: thinbit.quantized_addmm(bias, x, w, out=out)),
            count,
            0,
        ),
        Job("a batch of eight", lambda: mm(batch, many, out=batch_out), count, 0),
        Job("gather_qmm, sorted", picked(ordered, True), count, 0),
        Job("gather_qmm, shuffled", picked(shuffled, False), count, 0),
    ]


def _parts(tensor: QuantizedTensor) -> list[Any]:
    return [tensor.packed, tensor.scales, tensor.biases]
