"""What thinbit computes on a GPU, beside the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import thinbit
from tools.cuda_check.gpu import Array, Gpu
from tools.cuda_check.weights import Format, formats, quantized


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is checked; a machine that emulates a GPU takes long."""

    columns: int  # of what is quantized
    products: int
    rows: int  # of x and of a weight, at most
    depth: int  # K, at most
    rounds: int  # of two streams


_GROUP_SIZES = (32, 64, 128)

# Relative to the result, and to the sum of the magnitudes of what is added: the contract's bounds,
# and an ulp for the rounding of the weights that they are compared with.
_BOUNDS = {"float32": (2.0**-23, 1.1e-6), "float16": (2.0**-10, 2.0**-11)}


def quantized_bytes(gpu: Gpu, extent: Extent) -> Iterator[str]:
    """Codes, scales and biases of every mode and width, byte for byte."""
    random = np.random.default_rng(1)
    context = thinbit.Context("cuda")
    for form in formats(_GROUP_SIZES):
        for dtype in ("float32", "float16"):
            w = random.normal(size=(37, extent.columns)).astype(dtype)
            w[3] = 0
            w[5, ::7] *= 1e-3
            expected = thinbit.quantize(w, **form.options)
            parts = quantized(gpu, gpu.put(w), w.shape, form, dtype, context)
            context.sync()
            for part, wanted in zip(parts, expected, strict=True):
                if wanted is not None and gpu.get(part).tobytes() != wanted.tobytes():
                    yield f"quantize of {dtype} in {form}: other bytes than the CPU's"


class _RandomProduct:
    """x and a weight of random sizes, on both sides."""

    def __init__(
        self, gpu: Gpu, extent: Extent, random: np.random.Generator, form: Format, dtype: str
    ) -> None:
        self.gpu, self.form, self.dtype = gpu, form, dtype
        few = int(random.integers(1, 9))  # decoding
        rows = int(random.choice([few, int(random.integers(1, extent.rows + 1))]))
        columns = int(random.integers(1, extent.rows + 1))
        depth = int(random.integers(1, extent.depth // 128 + 1)) * 128
        self.x = random.normal(size=(rows, depth)).astype(dtype)
        w = random.normal(size=(columns, depth)).astype(dtype)
        host = thinbit.quantize(w, **self.form.options)
        self.w = thinbit.dequantize(*host, **self.form.options).astype(np.float64)
        self.operands: Any = [None if part is None else gpu.put(part) for part in host]
        self.device_x = gpu.put(self.x)
        self.out = gpu.empty((rows, columns), dtype)

    def call(self, context: thinbit.Context) -> None:
        """The product, into `out`."""
        thinbit.quantized_matmul(
            self.device_x, *self.operands, **self.form.options, out=self.out, context=context
        )

    def finding(self) -> str | None:
        """What is wrong with `out`."""
        relative, absolute = _BOUNDS[self.dtype]
        x = self.x.astype(np.float64)
        expected = x @ self.w.T
        bound = relative * np.abs(expected) + absolute * (np.abs(x) @ np.abs(self.w).T)
        error = np.abs(self.gpu.get(self.out).astype(np.float64) - expected)
        if (error <= bound).all():
            return None
        worst = float(np.nanmax(error / bound))
        return f"{self.dtype} {self.x.shape} by {self.w.shape} in {self.form}: {worst} bounds off"


def quantize_here(w: Array) -> tuple[Array, ...]:
    """Codes, scales and biases, in the stream that is current where the array comes from."""
    parts: tuple[Array, ...] = thinbit.quantize(w, bits=4, group_size=64)
    return parts


def products(gpu: Gpu, extent: Extent) -> Iterator[str]:
    """Products of random shapes, modes and widths."""
    random = np.random.default_rng(2)
    every = list(formats(_GROUP_SIZES))
    context = thinbit.Context("cuda")
    for _ in range(extent.products):
        form = every[int(random.integers(len(every)))]
        product = _RandomProduct(gpu, extent, random, form, str(random.choice(list(_BOUNDS))))
        product.call(context)
        context.sync()
        finding = product.finding()
        if finding is not None:
            yield finding


def two_streams(gpu: Gpu, extent: Extent) -> Iterator[str]:
    """Products in two streams at once, each with its context."""
    random = np.random.default_rng(3)
    form = Format("affine", 4, 64)
    sides = [
        (
            thinbit.Context("cuda", stream=gpu.new_stream()),
            _RandomProduct(gpu, extent, random, form, dtype),
        )
        for dtype in _BOUNDS
    ]
    for _ in range(extent.rounds):
        for context, product in sides:
            product.call(context)
    for context, product in sides:
        context.sync()
        finding = product.finding()
        if finding is not None:
            yield f"with two streams: {finding}"


def graphs(gpu: Gpu, extent: Extent) -> Iterator[str]:
    """A captured product, launched after another in the stream."""
    random = np.random.default_rng(4)
    stream = gpu.new_stream()
    context = thinbit.Context("cuda", stream=stream)
    form = Format("affine", 4, 64)
    captured, other = (_RandomProduct(gpu, extent, random, form, "float32") for _ in range(2))
    captured.call(context)
    captured.out = gpu.empty((len(captured.x), len(captured.w)), "float32")
    launch = gpu.graph(stream, lambda: captured.call(context))
    other.call(context)
    for _ in range(3):
        launch()
    context.sync()
    for product in (captured, other):
        finding = product.finding()
        if finding is not None:
            yield f"with a graph: {finding}"


def faults(gpu: Gpu) -> Iterator[str]:
    """What is wrong with values comes out of sync."""
    context = thinbit.Context("cuda")
    w: npt.NDArray[Any] = np.ones((2, 64), np.float32)
    w[1, 7] = np.nan
    form = Format("affine", 4, 64)
    quantized(gpu, gpu.put(w), w.shape, form, "float32", context)
    try:
        context.sync()
    except thinbit.ThinbitError as error:
        if error.status != "non_finite":
            yield f"a NaN is reported as {error}"
    else:
        yield "a NaN in w is not reported"
