"""thinbit itself: every mode on its native layout, through the Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np

import thinbit
from bench import data
from bench.model import Float64, Job, Product, Sample, Variant
from bench.peers import thinbit_jobs
from thinbit import QuantizedTensor

DTYPES: dict[str, Any] = {"f32": np.float32, "bf16": ml_dtypes.bfloat16, "f16": np.float16}
MODES = (
    ("affine", 1, 64, "low"),
    ("affine", 2, 64, "low"),
    ("affine", 3, 64, "low"),
    ("affine", 4, 64, "four"),
    ("mxfp4", 4, 32, "four"),
    ("nvfp4", 4, 16, "four"),
    ("affine", 5, 64, "five_six"),
    ("affine", 6, 64, "five_six"),
    ("affine", 8, 64, "eight"),
    ("mxfp8", 8, 32, "eight"),
)


def mode_name(mode: str, bits: int) -> str:
    """A mode in a table."""
    return f"affine {bits}" if mode == "affine" else mode


class _Multiplication:
    def __init__(self, variant: Variant, n: int, k: int, least_bytes: int) -> None:
        op, mode, bits, group_size = variant.key
        self._dtype, self._name, self._k = DTYPES[variant.x], variant.x, k
        # Scales are bf16 beside bf16 x and f32 beside f32 x, as a model of that dtype would have.
        part = QuantizedTensor.quantize(
            data.weight(n, k).astype(self._dtype), mode=mode, bits=bits, group_size=group_size
        )
        self._mode = {"mode": mode, "bits": bits, "group_size": group_size}
        self._part = part
        parts = (part.packed, part.scales, part.biases)
        tiled: list[Any] = [None if each is None else data.whole(each, n) for each in parts]
        self.nbytes = sum(each.nbytes for each in tiled if each is not None)
        self.copies = data.copies_for(self.nbytes, least_bytes)
        make: Any = partial(QuantizedTensor, global_scale=part.global_scale, **self._mode)
        self._weights = [
            make(*(None if each is None else each.copy() for each in tiled))
            for _ in range(self.copies)
        ]
        self._out = np.empty((0, n), self._dtype)
        self._x = np.empty((0, k), self._dtype)
        if op == "qqmm":
            self._multiply: Any = thinbit.qqmm
            self._extra = {"global_scale_x": part.global_scale} if mode == "nvfp4" else {}
        else:
            self._multiply, self._extra = thinbit.quantized_matmul, {}

    def set_rows(self, rows: int) -> None:
        if rows != self._x.shape[0]:
            self._x = data.activations(rows, self._k).astype(self._dtype)
            self._out = np.empty((rows, self._out.shape[1]), self._dtype)
            if self._extra:
                largest = np.abs(self._x.astype(np.float32)).max()
                self._extra = {"global_scale_x": np.array(largest, np.float32)}

    def run(self) -> None:
        multiply, x, out, extra = self._multiply, self._x, self._out, self._extra
        for weight in self._weights:
            multiply(x, weight, out=out, **extra)

    def sample(self) -> Sample:
        self._multiply(self._x, self._weights[0], out=self._out, **self._extra)
        x: Any = self._x
        if self._multiply is thinbit.qqmm:
            scale = self._extra.get("global_scale_x")
            x = QuantizedTensor.quantize(x, global_scale=scale, **self._mode).dequantize("float32")
        return Sample(
            self._out[:, : data.SAMPLE].astype(np.float64),
            x.astype(np.float64),
            self._values(),
            self._name,
        )

    def _values(self) -> Float64:
        part = self._part
        if part.biases is None:  # an element times its scale is exact in float32
            values: Float64 = part.dequantize("float32")[: data.SAMPLE].astype(np.float64)
            return values
        scales, biases = (
            each[: data.SAMPLE].astype(np.float64) for each in (part.scales, part.biases)
        )
        packed = part.packed[: data.SAMPLE]
        return data.affine_values(packed, scales, biases, part.bits, part.group_size)


class _Thinbit:
    def version(self) -> str:
        return f"{thinbit.__version__}, {thinbit.info().cpu_level}"

    def variants(self) -> Sequence[Variant]:
        found = [
            Variant("thinbit_cpu", mode_name(mode, bits), x, x, group, key=("mm", mode, bits, size))
            for mode, bits, size, group in MODES
            for x in ("bf16", "f32")
        ]
        found += [
            Variant(
                "thinbit_cpu", f"qqmm {mode}", "bf16", mode, group, key=("qqmm", mode, bits, size)
            )
            for mode, bits, size, group in MODES
            if mode != "affine"
        ]
        return found

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        del threads  # THINBIT_NUM_THREADS says it
        return _Multiplication(variant, n, k, least_bytes)

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        del threads
        return thinbit_jobs.codecs(n, k)

    def tiny_calls(self) -> Sequence[Job]:
        return thinbit_jobs.tiny_calls()

    def paths(self, rows: int, threads: int) -> Sequence[Job]:
        del threads
        return thinbit_jobs.paths(rows)


PEER = _Thinbit()
