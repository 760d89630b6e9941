"""The GPU by torch."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tools.cuda_check.gpu import Array, Call, Product

_ROUNDS = 7
_COPY_BYTES = 1 << 30
_INT4_GROUP = 64
_INT4_TILES = 8


class TorchGpu:
    """Device 0."""

    float_name = "bfloat16"
    cache_bytes = 256 << 20
    peers: tuple[str, ...] = ("torch bf16", "dequantize, cuBLAS", "torch int4")

    def __init__(self) -> None:
        if not torch.cuda.is_available():
            raise SystemExit("torch finds no GPU")
        self.name = f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
        self._streams: dict[int, torch.cuda.Stream] = {}

    def put(self, host: npt.NDArray[Any]) -> Array:
        """A copy on the GPU."""
        return torch.from_numpy(np.ascontiguousarray(host)).cuda()

    def get(self, array: Array) -> npt.NDArray[Any]:
        """A copy in the host's memory."""
        host: npt.NDArray[Any] = array.cpu().numpy()
        return host

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        """An uninitialised array."""
        return torch.empty(shape, dtype=getattr(torch, dtype), device="cuda")

    def normal(self, shape: tuple[int, ...]) -> Array:
        """Random bfloat16 numbers."""
        return torch.randn(shape, dtype=torch.bfloat16, device="cuda")

    def new_stream(self) -> int:
        """The address of a stream that begins after what the current one has."""
        stream = torch.cuda.Stream()
        self._streams[stream.cuda_stream] = stream
        stream.wait_stream(torch.cuda.current_stream())
        return int(stream.cuda_stream)

    def graph(self, stream: int, call: Call) -> Call:
        """Captures by torch."""
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, stream=self._streams[stream]):
            call()

        def launch() -> None:
            with torch.cuda.stream(self._streams[stream]):
                graph.replay()

        return launch

    def seconds(self, stream: int, launch: Call) -> float:
        """A median by events."""
        torch.cuda.synchronize()
        times: list[float] = []
        for _ in range(_ROUNDS + 1):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            with torch.cuda.stream(self._streams[stream]):
                start.record()
                launch()
                end.record()
            end.synchronize()
            times.append(float(start.elapsed_time(end)) / 1e3)
        return statistics.median(times[1:])  # the first warms up

    def copy_bandwidth(self) -> float:
        """Of torch's copy."""
        source, target = (self.empty((_COPY_BYTES,), "uint8") for _ in range(2))
        source.zero_()
        stream = self.new_stream()
        return 2 * _COPY_BYTES / self.seconds(stream, lambda: target.copy_(source))

    def peer(self, name: str, product: Product, dequantize: Callable[[Array], None]) -> Call | str:
        """By cuBLAS, after a dequantization or not, or torch's own of 4-bit codes."""
        x = self.normal((product.M, product.K))
        if name == "torch int4":
            return self._int4(product, x)
        w = self.normal((product.N, product.K))
        if name == "torch bf16":
            return lambda: torch.nn.functional.linear(x, w)

        def both() -> None:
            dequantize(w)
            torch.nn.functional.linear(x, w)

        return both

    def _int4(self, product: Product, x: Array) -> Call | str:
        """The product by torch of 4-bit codes in groups of 64, of random codes."""
        try:
            codes = torch.randint(
                256, (product.N, product.K // 2), dtype=torch.uint8, device="cuda"
            )
            packed = torch.ops.aten._convert_weight_to_int4pack(codes, _INT4_TILES)
            scales = self.normal((product.K // _INT4_GROUP, product.N, 2))
            multiply = torch.ops.aten._weight_int4pack_mm
            multiply(x, packed, _INT4_GROUP, scales)
        except (AttributeError, RuntimeError) as error:
            return str(error).splitlines()[0]
        return lambda: multiply(x, packed, _INT4_GROUP, scales)

    def check_current_stream(self, quantize: Callable[[Array], tuple[Array, ...]]) -> list[str]:
        """Calls run in torch's current stream, between what torch does there before and after."""
        stream = torch.cuda.Stream()
        found = []
        expected = [part.clone() for part in quantize(torch.ones(256, 256, device="cuda"))]
        torch.cuda.synchronize()
        with torch.cuda.stream(stream):
            w = torch.zeros(256, 256, device="cuda")
            torch.cuda._sleep(1 << 26)  # cycles: the call comes long before its operand is there
            w += 1
            parts = [part.clone() for part in quantize(w)]
        stream.synchronize()
        for part, wanted in zip(parts, expected, strict=True):
            if not torch.equal(part, wanted):
                found.append("a call is not in torch's current stream")
        return found
