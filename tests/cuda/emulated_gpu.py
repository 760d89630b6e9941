"""The emulated GPU, as the checks for a true one use it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

import thinbit
from cuda.device_array import DeviceArray
from cuda.graph import Graph
from tools.cuda_check.gpu import Array, Call, Product

_ROUNDS = 3
_COPY_BYTES = 1 << 20


class EmulatedGpu:
    """Times mean nothing here. One peer is numpy's product, the other is not there."""

    name = "the emulation"
    float_name = "float16"
    cache_bytes = 1
    peers: tuple[str, ...] = ("numpy", "nobody")

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self._streams = 0

    def put(self, host: npt.NDArray[Any]) -> Array:
        return DeviceArray(host)

    def get(self, array: Array) -> npt.NDArray[Any]:
        host: npt.NDArray[Any] = array.now()
        return host

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        return DeviceArray(np.full(shape, 77, dtype))

    def normal(self, shape: tuple[int, ...]) -> Array:
        return DeviceArray(self._random.normal(size=shape).astype(np.float16))

    def new_stream(self) -> int:
        self._streams += 1
        return 4096 * self._streams

    def graph(self, stream: int, call: Call) -> Call:
        graph = Graph()
        with graph.capture(stream):
            call()
        return lambda: graph.launch(stream)

    def seconds(self, stream: int, launch: Call) -> float:
        context = thinbit.Context("cuda", stream=stream)
        times = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            launch()
            context.sync()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    def copy_bandwidth(self) -> float:
        source = np.ones(_COPY_BYTES, np.uint8)
        start = time.perf_counter()
        source.copy()
        return 2 * _COPY_BYTES / (time.perf_counter() - start)

    def peer(self, name: str, product: Product, dequantize: Callable[[Array], None]) -> Call | str:
        if name == "nobody":
            return "not there"
        w = self.empty((product.N, product.K), "float16")
        x = self._random.normal(size=(product.M, product.K))

        def both() -> None:
            dequantize(w)
            x @ w.now().T

        return both
