"""What float layers compute: no op of thinbit, but the array library of the operands."""

from __future__ import annotations

from typing import Any

import numpy as np

from thinbit._arrays import Array, library_of, numpy_of, same_library
from thinbit._errors import invalid
from thinbit.nn.row_numbers import row_numbers


def float_linear(x: Array, weight: Array, bias: Array | None) -> Any:
    """The product x @ weight^T + bias, summed in float32 and rounded once to the dtype of x.

    The result is an array of torch or cupy where x is, else of numpy.
    """
    last = tuple(x.shape)[-1:]  # type: ignore[attr-defined]
    columns = int(weight.shape[1])  # type: ignore[attr-defined]
    if last != (columns,):
        text = (
            f"the last axis of x has {last[0] if last else 'no'} elements, and must have {columns}"
        )
        raise invalid("linear", "x", "shape", text)
    if library_of(x) in ("torch", "cupy"):
        given = [same_library(part, x) for part in (x, weight, bias) if part is not None]
    else:
        given = [numpy_of(part) for part in (x, weight, bias) if part is not None]
    wide = [_float32(part) for part in given]
    result = wide[0] @ wide[1].T
    if bias is not None:
        result = result + wide[2]
    return _rounded(result, given[0])


def float_rows(weight: Array, indices: Array) -> Any:
    """The rows of a matrix that indices [I..., n] pick."""
    table: Any = weight if library_of(weight) in ("torch", "cupy") else numpy_of(weight)
    return table[row_numbers("embedding", table, indices)]


def _float32(array: Any) -> Any:
    return array.float() if library_of(array) == "torch" else array.astype(np.float32, copy=False)


def _rounded(array: Any, like: Any) -> Any:
    if library_of(like) == "torch":
        return array.to(like.dtype)
    return array.astype(like.dtype, copy=False)
