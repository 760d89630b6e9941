"""MLX on the CPU: the same formats, one thread by construction."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import mlx.core as mx
import numpy as np

from bench import data
from bench.model import Float64, Job, Product, Sample, Variant

_MODES = (
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
# Its stubs do not see the arrays behind a *.
_quantized_matmul: Any = mx.quantized_matmul
_qqmm: Any = mx.qqmm
_dequantize: Any = mx.dequantize
_DTYPES = {"f32": mx.float32, "bf16": mx.bfloat16}


def _settings(mode: str, bits: int, group_size: int) -> dict[str, Any]:
    return {"mode": mode, "bits": bits, "group_size": group_size}


class _Multiplication:
    def __init__(self, variant: Variant, n: int, k: int) -> None:
        op, mode, bits, group_size = variant.key
        self._settings, self._op, self._k = _settings(mode, bits, group_size), op, k
        self._dtype = _DTYPES[variant.x]
        part = mx.array(data.weight(n, k)).astype(self._dtype)
        self._part = mx.quantize(part, **self._settings)
        repeats = -(-n // part.shape[0])
        # One copy is enough: a product takes far longer than to read its weight.
        self._weight = [mx.contiguous(mx.tile(each, (repeats, 1))[:n]) for each in self._part]
        mx.eval(self._weight, self._part)
        self.nbytes = sum(each.nbytes for each in self._weight)
        self.copies = 1
        self._x = mx.zeros((0, k))

    def set_rows(self, rows: int) -> None:
        if rows != self._x.shape[0]:
            self._x = mx.array(data.activations(rows, self._k)).astype(self._dtype)
            mx.eval(self._x)

    def _multiply(self) -> Any:
        if self._op == "qqmm":
            return _qqmm(self._x, *self._weight, **self._settings)
        return _quantized_matmul(self._x, *self._weight, transpose=True, **self._settings)

    def run(self) -> None:
        mx.eval(self._multiply())

    def sample(self) -> Sample:
        columns = self._multiply()[:, : data.SAMPLE]
        x = self._x
        if self._op == "qqmm":
            x = _dequantize(*mx.quantize(x, **self._settings), **self._settings)
        return Sample(_float64(columns), _float64(x), self._values())

    def _values(self) -> Float64:
        part = [each[: data.SAMPLE] for each in self._part]
        if len(part) == 2:
            return _float64(_dequantize(*part, **self._settings, dtype=mx.float32))
        packed = np.array(part[0])
        scales, biases = (_float64(each) for each in part[1:])
        bits, group_size = self._settings["bits"], self._settings["group_size"]
        return data.affine_values(packed, scales, biases, bits, group_size)


def _float64(array: mx.array) -> Float64:
    return np.array(array.astype(mx.float32)).astype(np.float64)


class _Mlx:
    def version(self) -> str:
        mx.set_default_device(mx.cpu)
        return f"{importlib.metadata.version('mlx')} (CPU, one thread)"

    def variants(self) -> Sequence[Variant]:
        found = []
        for mode, bits, size, group in _MODES:
            name = f"affine {bits}" if mode == "affine" else mode
            # In bf16 it takes ten times as long: the default width stands for the others.
            for x in ("bf16", "f32") if bits == 4 else ("f32",):
                key, sweep = ("mm", mode, bits, size), (mode, bits, x) == ("affine", 4, "f32")
                found.append(Variant("mlx_cpu", name, x, x, group, sweep=sweep, key=key))
        for mode, bits, size, group in _MODES:
            if mode in ("mxfp4", "nvfp4"):
                key = ("qqmm", mode, bits, size)
                name = f"qqmm {mode}"
                found.append(Variant("mlx_cpu", name, "f32", mode, group, sweep=False, key=key))
        return found

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        del least_bytes, threads
        mx.set_default_device(mx.cpu)
        return _Multiplication(variant, n, k)

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        del threads
        mx.set_default_device(mx.cpu)
        jobs = []
        for mode, bits, size, _ in _MODES:
            if bits not in (4, 8):
                continue
            # A quarter of the matrix: it takes seconds for some, and the amount says so.
            full = mx.array(data.whole(data.weight(n, k), n // 4))
            parts = mx.quantize(full, **_settings(mode, bits, size))
            mx.eval(full, parts)
            amount = full.nbytes + sum(each.nbytes for each in parts)
            there = partial(mx.quantize, full, **_settings(mode, bits, size))
            back = partial(_dequantize, *parts, **_settings(mode, bits, size), dtype=mx.float32)
            name = f"affine {bits}" if mode == "affine" else mode
            jobs.append(Job(f"quantize {name}", _evaluated(there), 1, amount, "f32"))
            jobs.append(Job(f"dequantize {name}", _evaluated(back), 1, amount, "f32"))
        return jobs

    def tiny_calls(self) -> Sequence[Job]:
        mx.set_default_device(mx.cpu)
        parts = mx.quantize(mx.array(data.weight(32, 64)))
        x = mx.ones((1, 64))
        mx.eval(parts, x)
        calls = 2000

        def run() -> None:
            for _ in range(calls):
                mx.eval(mx.quantized_matmul(x, *parts))

        return [Job("quantized_matmul and eval", run, calls, 0)]

    def paths(self, rows: int, threads: int) -> Sequence[Job]:
        del rows, threads
        return ()


def _evaluated(make: Callable[[], Any]) -> Callable[[], None]:
    return lambda: mx.eval(make())


PEER = _Mlx()
