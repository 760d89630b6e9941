"""What is used on this machine, and why."""

from __future__ import annotations

from thinbit._generated.info import Info, read
from thinbit._native import ffi, lib
from thinbit._native_error import from_native, new_error
from thinbit._native_text import text, texts


def info() -> Info:
    """What this build of thinbit uses on this machine, and why.

    It makes no context: what is wrong with THINBIT_CPU or THINBIT_NUM_THREADS stands in the
    reasons.
    """
    native = ffi.new("thinbit_info *")
    native.struct_size = ffi.sizeof("thinbit_info")
    error = new_error()
    if lib.thinbit_get_info(native, error) != 0:
        raise from_native(error)
    return read(native, text, texts)
