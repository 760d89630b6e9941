"""Indices that pick rows, checked: no array library says so when one is negative."""

from __future__ import annotations

from typing import Any

import numpy as np

from thinbit._arrays import Array, numpy_of, same_library
from thinbit._errors import invalid, type_of

_INTEGERS = ("int32", "uint32", "int64")


def row_numbers(op: str, table: Any, indices: Array) -> Any:
    """Indices [I..., n] of the kind that `table` is indexed with.

    Raises:
        ThinbitError: they are no integers, have no axis, or lie outside of the table's rows.
    """
    if not hasattr(indices, "__dlpack__"):
        text = f"indices is {type_of(indices)}, and must be an array of integers"
        raise invalid(op, "indices", "dtype", text)
    numbers = numpy_of(indices)
    if numbers.dtype.name not in _INTEGERS:
        text = f"indices is {numbers.dtype.name}, and must be int32, uint32 or int64"
        raise invalid(op, "indices", "dtype", text)
    if numbers.ndim == 0:
        text = "indices has no axis, and must have one or more: [I..., n]"
        raise invalid(op, "indices", "rank", text)
    rows = int(table.shape[0])
    wrong = numbers[(numbers < 0) | (numbers >= rows)] if numbers.size else numbers
    if wrong.size:
        text = f"indices has {int(wrong[0])}, and must be from 0 to {rows - 1}"
        raise invalid(op, "indices", "range", text)
    return same_library(numbers.astype(np.int64), table)
