"""Times on a GPU, beside what it can do and what others do there, as one table.

All times are of work in a CUDA graph, a median of several launches. Weights are taken in turn from
as many copies as do not fit into the GPU's cache together, so that each is read from memory.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import thinbit
from tools.cuda_check.gpu import Array, Gpu, Product
from tools.cuda_check.weights import MICROSCALING, Format, quantized

_MOST_COPIES = 16

_FORMATS = (
    *(Format("affine", bits, 64) for bits in (1, 2, 3, 4, 5, 6, 8)),
    *MICROSCALING,
)
_CONVERTED = tuple(form for form in _FORMATS if form.bits in (4, 8))

Context = thinbit.Context


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is measured."""

    decode: tuple[Product, ...]
    prefill: tuple[Product, ...]
    convert: tuple[int, int]  # rows and columns


FULL = Sizes(
    decode=tuple(Product(m, n, n) for n in (4096, 8192, 16384) for m in (1, 8)),
    prefill=tuple(Product(m, 8192, 8192) for m in (64, 512, 4096)),
    convert=(16384, 16384),
)


class _Measured:
    """The table's rows."""

    def __init__(self, gpu: Gpu) -> None:
        self.gpu = gpu
        self.stream = gpu.new_stream()
        self.context = Context("cuda", stream=self.stream)
        self.bandwidth = gpu.copy_bandwidth()

    def seconds(self, calls: list[Callable[[], object]]) -> float:
        """The time of one of these calls, made one after another in a graph."""

        def all_of_them() -> None:
            for call in calls:
                call()

        all_of_them()
        self.context.sync()
        launch = self.gpu.graph(self.stream, all_of_them)
        seconds = self.gpu.seconds(self.stream, launch) / len(calls)
        self.context.sync()
        return seconds

    def quantized(self, product: Product, form: Format) -> list[tuple[Array, ...]]:
        """Copies of a weight."""
        gpu, shape = self.gpu, (product.N, product.K)
        w = gpu.normal(shape)
        copies = min(_MOST_COPIES, -(-gpu.cache_bytes // form.bytes_of(product.N * product.K)))
        return [quantized(gpu, w, shape, form, gpu.float_name, self.context) for _ in range(copies)]

    def product_seconds(self, product: Product, form: Format) -> float:
        """The time of x times the transpose of a quantized weight."""
        gpu = self.gpu
        x = gpu.normal((product.M, product.K))
        out = gpu.empty((product.M, product.N), gpu.float_name)

        def call(weight: tuple[Array, ...]) -> Callable[[], object]:
            return lambda: thinbit.quantized_matmul(
                x, *weight, **form.options, out=out, context=self.context
            )

        return self.seconds([call(weight) for weight in self.quantized(product, form)])

    def peers(self, product: Product) -> Iterator[float | str]:
        """The same product by others: seconds, or why not."""
        form = Format("affine", 4, 64)
        weight = self.quantized(product, form)[0]

        def dequantize(to: Array) -> None:
            thinbit.dequantize(*weight, **form.options, out=to, context=self.context)

        for name in self.gpu.peers:
            call = self.gpu.peer(name, product, dequantize)
            yield call if isinstance(call, str) else self.seconds([call])

    def conversions(self, shape: tuple[int, int], form: Format) -> Iterator[tuple[str, float]]:
        """The two conversions, and their times."""
        gpu = self.gpu
        w = gpu.normal(shape)
        weight = quantized(gpu, w, shape, form, gpu.float_name, self.context)
        yield (
            "quantize",
            self.seconds(
                [lambda: thinbit.quantize(w, **form.options, out=weight, context=self.context)]
            ),
        )
        yield (
            "dequantize",
            self.seconds(
                [
                    lambda: thinbit.dequantize(
                        *weight, **form.options, dtype=gpu.float_name, out=w, context=self.context
                    )
                ]
            ),
        )


def _time(seconds: float | str) -> str:
    return seconds if isinstance(seconds, str) else f"{seconds * 1e6:.1f}"


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |\n"


def _product_rows(measured: _Measured, products: tuple[Product, ...]) -> Iterator[str]:
    for product in products:
        peers = list(measured.peers(product))
        others = [_time(seconds) for seconds in peers]
        reference = next((seconds for seconds in peers if not isinstance(seconds, str)), None)
        for form in _FORMATS:
            seconds = measured.product_seconds(product, form)
            moved = form.bytes_of(product.N * product.K) + 2 * product.M * (product.N + product.K)
            of_copy = f"{moved / seconds / measured.bandwidth:.0%}"
            of_peer = "" if reference is None else f"{reference / seconds:.0%}"
            shape = f"{product.M} x {product.N} x {product.K}"
            name = f"{form.name}, {form.group_size}"
            yield _row("product", name, shape, _time(seconds), of_copy, of_peer, *others)


def _conversion_rows(measured: _Measured, shape: tuple[int, int]) -> Iterator[str]:
    elements = shape[0] * shape[1]
    for form in _CONVERTED:
        moved = 2 * elements + form.bytes_of(elements)
        for op, seconds in measured.conversions(shape, form):
            of_copy = f"{moved / seconds / measured.bandwidth:.0%}"
            blank = [""] * (1 + len(measured.gpu.peers))
            size = f"{shape[0]} x {shape[1]}"
            yield _row(op, f"{form.name}, {form.group_size}", size, _time(seconds), of_copy, *blank)


def page(gpu: Gpu, sizes: Sizes) -> str:
    """The table with what it was measured on."""
    measured = _Measured(gpu)
    head = ("op", "mode, group size", "M x N x K", "µs", "of the copy bandwidth")
    columns = (*head, f"of {gpu.peers[0]}", *(f"{name}, µs" for name in gpu.peers))
    return (
        f"# Times on {gpu.name}\n\n"
        f"{datetime.date.today()}, thinbit {thinbit.__version__}. x is {gpu.float_name}. A copy on "
        f"this GPU moves {measured.bandwidth / 1e12:.2f} TB/s, bytes read and written, in the same "
        "run. Times are those of calls in a CUDA graph, without Python's. The peers' operands do "
        "not follow from the row's mode: dequantize is of affine 4, and torch's int4 has codes of "
        "its own in groups of 64.\n\n"
        + _row(*columns)
        + _row(*["---"] * len(columns))
        + "".join(_product_rows(measured, sizes.decode + sizes.prefill))
        + "".join(_conversion_rows(measured, sizes.convert))
    )
