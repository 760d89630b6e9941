"""What calls of C report."""

from __future__ import annotations

from typing import Any

from thinbit._errors import ThinbitError
from thinbit._generated.statuses import STATUSES
from thinbit._native import ffi
from thinbit._native_text import text


def new_error() -> Any:
    """A `thinbit_error` for a call to fill."""
    error = ffi.new("thinbit_error *")
    error.struct_size = ffi.sizeof("thinbit_error")
    return error


def from_native(native: Any) -> ThinbitError:
    """The error that a `thinbit_error` holds."""
    return ThinbitError(
        text(native.message),
        status=STATUSES.get(native.status, "internal"),
        op=text(native.op),
        argument=text(native.argument),
        rule=text(native.rule),
    )
