"""Arrays on the emulated GPU, as another library has them: `__dlpack__` and nothing else."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

_CUDA = 2
_DEVICE_TYPE = 40  # where DLPack's versioned struct has it, in bytes


@cache
def driver() -> ctypes.CDLL:
    """The driver, device 0 being the calling thread's."""
    library = ctypes.CDLL("libcuda.so.1")
    context = ctypes.c_void_p()
    for status in (
        library.cuInit(0),
        library.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0),
        library.cuCtxPushCurrent_v2(context),
    ):
        assert status == 0
    return library


class DeviceArray:
    """A row-major array on the GPU; `streams` has what each consumer asked for.

    The emulated GPU's memory is the host's: numpy makes the capsule, whose device is changed.
    """

    def __init__(self, host: npt.NDArray[Any]) -> None:
        self._address = ctypes.c_uint64()
        size = max(host.nbytes, 1)
        assert driver().cuMemAlloc_v2(ctypes.byref(self._address), ctypes.c_size_t(size)) == 0
        memory = (ctypes.c_uint8 * size).from_address(self._address.value)
        self._view: npt.NDArray[Any] = np.ndarray(host.shape, host.dtype, memoryview(memory))
        self.streams: list[int | None] = []
        self.fill(host)

    @property
    def address(self) -> int:
        """On the device."""
        return self._address.value

    def fill(self, host: npt.NDArray[Any]) -> None:
        """Copies an array of its shape and dtype to the GPU, after all work that there is."""
        source = np.ascontiguousarray(host)
        pointer = ctypes.c_void_p(source.ctypes.data)
        assert driver().cuMemcpyHtoD_v2(self._address, pointer, ctypes.c_size_t(host.nbytes)) == 0

    def __dlpack_device__(self) -> tuple[int, int]:
        return _CUDA, 0

    def __dlpack__(self, *, stream: int | None = None, max_version: tuple[int, int]) -> Any:
        self.streams.append(stream)
        if stream == 0:
            raise BufferError("stream 0 is ambiguous")
        capsule = self._view.__dlpack__(max_version=max_version)
        address_of = ctypes.pythonapi.PyCapsule_GetPointer
        address_of.restype = ctypes.c_void_p
        address_of.argtypes = [ctypes.py_object, ctypes.c_char_p]
        device = address_of(capsule, b"dltensor_versioned") + _DEVICE_TYPE
        ctypes.c_int32.from_address(device).value = _CUDA
        return capsule

    def now(self) -> npt.NDArray[Any]:
        """What its memory has at this moment, whether or not the GPU is done."""
        return self._view.copy()
