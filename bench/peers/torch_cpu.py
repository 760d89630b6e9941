"""torch on the CPU: float weights, and its 4-bit and 8-bit kernels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from bench import data
from bench.model import Float64, Job, Product, Sample, Variant
from bench.peers.nothing_else import ProductsOnly

_GROUP = 64
_quantize_dynamic: Any = torch.ao.quantization.quantize_dynamic


class _Multiplication:
    """A product in copies: `make` gives each copy's multiplication, and what all copies share."""

    def __init__(self, variant: Variant, n: int, k: int, least_bytes: int, kernel: _Kernel) -> None:
        self._dtype = torch.bfloat16 if variant.x == "bf16" else torch.float32
        self._k = k
        self.nbytes, self._values = kernel.nbytes, kernel.values
        self.copies = data.copies_for(self.nbytes, least_bytes)
        self._calls = [kernel.copy() for _ in range(self.copies)]
        self._x = torch.empty(0, k)

    def set_rows(self, rows: int) -> None:
        if rows != self._x.shape[0]:
            self._x = torch.from_numpy(data.activations(rows, self._k)).to(self._dtype)

    def run(self) -> None:
        with torch.inference_mode():
            for call in self._calls:
                call(self._x)

    def sample(self) -> Sample:
        with torch.inference_mode():
            columns = self._calls[0](self._x)[:, : data.SAMPLE]
        return Sample(_float64(columns), _float64(self._x), self._values)


class _Kernel:
    """One of torch's kernels with a weight.

    Attributes:
        nbytes: Bytes of the weight.
        values: Its first rows, in float64.
        copy: Makes another copy, and gives what multiplies with it.
    """

    def __init__(self, nbytes: int, values: Float64, copy: Callable[[], Callable[[Any], Any]]):
        self.nbytes, self.values, self.copy = nbytes, values, copy


def _float64(tensor: torch.Tensor) -> Float64:
    array: Float64 = tensor.to(torch.float64).numpy()
    return array


def _dense(n: int, k: int, dtype: torch.dtype) -> _Kernel:
    weight = torch.from_numpy(data.whole(data.weight(n, k), n)).to(dtype)

    def copy() -> Callable[[Any], Any]:
        own = weight.clone()
        return lambda x: torch.nn.functional.linear(x, own)

    return _Kernel(weight.nbytes, _float64(weight[: data.SAMPLE]), copy)


def _int4(n: int, k: int) -> _Kernel:
    generator = np.random.default_rng(2)
    part = generator.integers(0, 16, (512, k), np.int32)
    codes = torch.from_numpy(data.whole(part, n))
    packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes, 2)
    scales = torch.from_numpy(generator.random((k // _GROUP, n, 2), np.float32)).bfloat16()
    first = _float64(scales[:, : data.SAMPLE].permute(1, 0, 2))
    grouped = part[: data.SAMPLE].reshape(-1, k // _GROUP, _GROUP).astype(np.float64) - 8
    values = (grouped * first[:, :, :1] + first[:, :, 1:]).reshape(-1, k)

    def copy() -> Callable[[Any], Any]:
        own, its = packed.clone(), scales.clone()
        return lambda x: torch.ops.aten._weight_int4pack_mm_for_cpu(x, own, _GROUP, its)

    return _Kernel(packed.nbytes + scales.nbytes, values, copy)


def _dynamic(n: int, k: int) -> _Kernel:
    torch.backends.quantized.engine = "onednn"
    weight = torch.from_numpy(data.whole(data.weight(n, k), n))

    def module() -> Any:
        layers: Any = torch.nn.Sequential(torch.nn.Linear(k, n, bias=False))
        layers[0].weight.data.copy_(weight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _quantize_dynamic(layers, {torch.nn.Linear}, torch.qint8)

    values = _float64(module()[0].weight()[: data.SAMPLE].dequantize())
    return _Kernel(n * k, values, module)


_KERNELS: dict[str, Callable[[int, int], _Kernel]] = {
    "bf16": lambda n, k: _dense(n, k, torch.bfloat16),
    "f32": lambda n, k: _dense(n, k, torch.float32),
    "int4": _int4,
    "dynamic": _dynamic,
}


class _Torch(ProductsOnly):
    def version(self) -> str:
        return str(torch.__version__)

    def variants(self) -> Sequence[Variant]:
        name = "torch_cpu"
        return [
            Variant(name, "int4 g64", "bf16", "bf16", "four", key=("int4",)),
            Variant(name, "int8 dynamic", "f32", "int8", "eight", grouped=False, key=("dynamic",)),
            Variant(name, "float weights", "bf16", "bf16", "eight", grouped=False, key=("bf16",)),
            Variant(name, "float weights", "f32", "f32", "eight", grouped=False, key=("f32",)),
        ]

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        torch.set_num_threads(threads)
        return _Multiplication(variant, n, k, least_bytes, _KERNELS[variant.key[0]](n, k))

    def tiny_calls(self) -> Sequence[Job]:
        torch.set_num_threads(1)
        x, bf16 = torch.ones(1, 64), torch.ones(1, 64, dtype=torch.bfloat16)
        weight = torch.ones(32, 64)
        packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(
            torch.ones(32, 64, dtype=torch.int32), 2
        )
        scales = torch.ones(1, 32, 2, dtype=torch.bfloat16)
        calls = 2000

        def dense() -> None:
            with torch.inference_mode():
                for _ in range(calls):
                    torch.nn.functional.linear(x, weight)

        def int4() -> None:
            with torch.inference_mode():
                for _ in range(calls):
                    torch.ops.aten._weight_int4pack_mm_for_cpu(bf16, packed, 64, scales)

        return [
            Job("linear, float weights", dense, calls, 0),
            Job("_weight_int4pack_mm_for_cpu", int4, calls, 0),
        ]


PEER = _Torch()
