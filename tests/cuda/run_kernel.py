"""`python -m cuda.run_kernel CUBIN`: runs the kernel `bug` of an emulated cubin in two blocks.

Prints the driver's error, 0 where there is none; what the checker finds goes to the standard error.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np

from cuda.device_array import DeviceArray, driver

THREADS = 64


class Operands(ctypes.Structure):
    """As bugs/bug.h has it."""

    _fields_ = (("out", ctypes.c_void_p), ("x", ctypes.c_void_p))


def main() -> None:
    out, x = (DeviceArray(np.ones(THREADS, np.float32)) for _ in range(2))
    operands = Operands(out.address, x.address)
    arguments = (ctypes.c_void_p * 1)(ctypes.addressof(operands))
    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    assert driver().cuModuleLoadData(ctypes.byref(module), Path(sys.argv[1]).read_bytes()) == 0
    assert driver().cuModuleGetFunction(ctypes.byref(function), module, b"bug") == 0
    grid, block = (2, 1, 1), (THREADS, 1, 1)
    assert driver().cuLaunchKernel(function, *grid, *block, 0, None, arguments, None) == 0
    print(driver().cuStreamSynchronize(None))


if __name__ == "__main__":
    main()
