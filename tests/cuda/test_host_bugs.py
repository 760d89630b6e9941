"""The test of the tester: what hosts do wrong, and the error that the emulated driver gives."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cuda.device_array import DeviceArray, driver
from cuda.test_kernel_bugs import HERE, compiled

STREAM = ctypes.c_void_p(12288)
OTHER = ctypes.c_void_p(16384)
BYTES = 256


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> ctypes.c_void_p:
    """A kernel of blocks of 64 threads."""
    cubin = compiled(HERE / "kernel_without_bugs.cu", tmp_path_factory.mktemp("cubin"))
    module, found = ctypes.c_void_p(), ctypes.c_void_p()
    driver()
    assert driver().cuModuleLoadData(ctypes.byref(module), Path(cubin).read_bytes()) == 0
    assert driver().cuModuleGetFunction(ctypes.byref(found), module, b"bug") == 0
    missing = ctypes.c_void_p()
    assert driver().cuModuleGetFunction(ctypes.byref(missing), module, b"other") == 500
    return found


def launch(function: ctypes.c_void_p, grid: tuple[int, int, int], threads: int) -> int:
    operands = (ctypes.c_byte * 16)()
    arguments = (ctypes.c_void_p * 1)(ctypes.addressof(operands))
    block = (threads, 1, 1)
    return int(driver().cuLaunchKernel(function, *grid, *block, 0, STREAM, arguments, None))


@pytest.mark.parametrize(
    ("grid", "threads", "error"),
    [((0, 1, 1), 64, 1), ((1, 65536, 1), 64, 1), ((1, 1, 65536), 64, 1), ((1, 1, 1), 65, 701)],
    ids=["no blocks", "too many along y", "too many along z", "threads beyond the bound"],
)
def test_a_launch_that_cannot_be_is_refused(
    function: ctypes.c_void_p, grid: tuple[int, int, int], threads: int, error: int
) -> None:
    assert launch(function, grid, threads) == error


def test_an_image_that_is_no_cubin_is_refused() -> None:
    module = ctypes.c_void_p()
    assert driver().cuModuleLoadData(ctypes.byref(module), bytes(64)) == 200


def test_what_lies_outside_of_an_allocation_is_refused() -> None:
    array = DeviceArray(np.zeros(BYTES, np.uint8))
    host = (ctypes.c_byte * (BYTES + 4))()
    at, beyond = ctypes.c_uint64(array.address), ctypes.c_size_t(BYTES + 4)
    inside = ctypes.c_uint64(array.address + 4)
    assert driver().cuMemcpyDtoHAsync_v2(host, at, beyond, STREAM) == 1
    assert driver().cuMemcpyHtoD_v2(at, host, beyond) == 1
    assert driver().cuMemsetD32Async(inside, 0, ctypes.c_size_t(BYTES // 4), STREAM) == 1
    assert driver().cuMemFreeAsync(inside, STREAM) == 1


def test_without_a_context_nothing_is_done() -> None:
    context = ctypes.c_void_p()
    array = DeviceArray(np.zeros(BYTES, np.uint8))
    assert driver().cuCtxPopCurrent_v2(ctypes.byref(context)) == 0
    try:
        assert driver().cuMemFree_v2(ctypes.c_uint64(array.address)) == 201
    finally:
        assert driver().cuCtxPushCurrent_v2(context) == 0


@pytest.fixture
def address() -> Iterator[ctypes.c_uint64]:
    yield ctypes.c_uint64(DeviceArray(np.zeros(BYTES, np.uint8)).address)


Call = Callable[[ctypes.c_uint64], int]
CAPTURE_BUGS: dict[str, tuple[Call, int]] = {
    "allocate in the stream": (
        lambda _: driver().cuMemAllocAsync(ctypes.byref(ctypes.c_uint64()), 64, STREAM),
        900,
    ),
    "allocate": (lambda _: driver().cuMemAlloc_v2(ctypes.byref(ctypes.c_uint64()), 64), 900),
    "free in the stream": (lambda at: driver().cuMemFreeAsync(at, STREAM), 900),
    "wait": (lambda _: driver().cuStreamSynchronize(STREAM), 900),
    "load": (lambda _: driver().cuModuleLoadData(ctypes.byref(ctypes.c_void_p()), bytes(64)), 900),
    "copy": (lambda at: driver().cuMemcpyDtoH_v2((ctypes.c_byte * 4)(), at, 4), 906),
    "use the default stream": (lambda at: driver().cuMemsetD32Async(at, 0, 1, None), 906),
}


@pytest.mark.parametrize("name", CAPTURE_BUGS)
def test_what_no_graph_may_is_refused_and_ends_the_capture(
    name: str, address: ctypes.c_uint64
) -> None:
    call, error = CAPTURE_BUGS[name]
    graph = ctypes.c_void_p()
    assert driver().cuStreamBeginCapture_v2(STREAM, 0) == 0
    refused = call(address)
    assert driver().cuStreamEndCapture(STREAM, ctypes.byref(graph)) == 901
    assert refused == error


def test_a_capture_begins_once_and_not_in_the_default_stream() -> None:
    graph = ctypes.c_void_p()
    assert driver().cuStreamBeginCapture_v2(None, 0) == 900
    assert driver().cuStreamEndCapture(OTHER, ctypes.byref(graph)) == 1
    assert driver().cuStreamBeginCapture_v2(OTHER, 0) == 0
    assert driver().cuStreamBeginCapture_v2(OTHER, 0) == 900
    assert driver().cuStreamEndCapture(OTHER, ctypes.byref(graph)) == 0
