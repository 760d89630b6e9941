"""A GPU as the checks and the benchmark use it: by torch, or by the emulation of tests/cuda."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

Array = Any
Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Product:
    """x of (M, K) times the transpose of w, which has N rows."""

    M: int
    N: int
    K: int


class Gpu(Protocol):
    """Arrays, streams, graphs and times; thinbit gets the arrays through DLPack."""

    name: str
    float_name: str  # the dtype of `normal`
    cache_bytes: int  # no less than the GPU's cache
    peers: tuple[str, ...]  # what times are compared with

    def put(self, host: npt.NDArray[Any]) -> Array:
        """A copy on the GPU."""
        ...

    def get(self, array: Array) -> npt.NDArray[Any]:
        """A copy in the host's memory, of what work that was waited for has written."""
        ...

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        """An uninitialised array."""
        ...

    def normal(self, shape: tuple[int, ...]) -> Array:
        """Random numbers of 16 bits."""
        ...

    def new_stream(self) -> int:
        """The address of a stream of its own."""
        ...

    def graph(self, stream: int, call: Call) -> Call:
        """Captures the work of a call in a stream, and gives what launches it there."""
        ...

    def seconds(self, stream: int, launch: Call) -> float:
        """The time of what `launch` starts in a stream: a median."""
        ...

    def copy_bandwidth(self) -> float:
        """Bytes read and written in a second by a copy on the GPU."""
        ...

    def peer(self, name: str, product: Product, dequantize: Callable[[Array], None]) -> Call | str:
        """A peer's product of random operands, or why there is none.

        `dequantize` writes a weight of (N, K) into an array of the GPU.
        """
        ...
