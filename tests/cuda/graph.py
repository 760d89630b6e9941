"""CUDA graphs by the driver's functions."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from cuda.device_array import driver


class Graph:
    """What a stream was given while it was captured."""

    def __init__(self) -> None:
        self._executable = ctypes.c_void_p()

    @contextmanager
    def capture(self, stream: int) -> Iterator[None]:
        """Captures; raises RuntimeError afterwards where something ended the capture."""
        graph = ctypes.c_void_p()
        assert driver().cuStreamBeginCapture_v2(ctypes.c_void_p(stream), 0) == 0
        try:
            yield
        finally:
            ended = driver().cuStreamEndCapture(ctypes.c_void_p(stream), ctypes.byref(graph))
        if ended != 0:
            raise RuntimeError(f"cuStreamEndCapture gives {ended}")
        instantiate = driver().cuGraphInstantiateWithFlags
        assert instantiate(ctypes.byref(self._executable), graph, ctypes.c_uint64(0)) == 0

    def launch(self, stream: int) -> None:
        assert driver().cuGraphLaunch(self._executable, ctypes.c_void_p(stream)) == 0
