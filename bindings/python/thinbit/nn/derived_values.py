"""What a layer makes of its fields and inputs around the call of an op."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thinbit._arrays import Array, largest_magnitude, numpy_of, same_library
from thinbit.distributed import Group
from thinbit.nn.row_numbers import row_numbers
from thinbit.quantized_tensor import QuantizedTensor, is_global_scale


def rows_of(weight: QuantizedTensor, indices: Array) -> QuantizedTensor:
    """The rows of a quantized matrix that indices [I..., n] pick: [I..., n, columns]."""
    numbers = row_numbers("embedding", weight.packed, indices)

    return weight.with_parts(lambda part: part[numbers])


def global_scale_beside(weight: QuantizedTensor, x: Array, *, over: Group | None) -> Any:
    """The global scale of x where the weight has one; else None.

    It is the largest finite magnitude of x, so that a row with NaN or infinity spoils no other;
    and 1 where x is zero, or too small to divide by. `over` is the group whose ranks have a part of
    x each.
    """
    if weight.global_scale is None:
        return None
    largest = largest_magnitude(x)
    if not math.isfinite(largest):
        values = numpy_of(x).astype(np.float32)
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    if over is not None:
        largest = float(over.all_gather(np.array([largest], np.float32)).max())
    return np.array(largest if is_global_scale(largest) else 1.0, np.float32)


def sum_over(group: Group, part: Array, bias: Array | None) -> Any:
    """The sum of `part` over the ranks and of the bias, rounded once to the dtype of `part`."""
    own = numpy_of(part)
    total = group.all_sum(own.astype(np.float32, copy=False))
    if bias is not None:
        total = total + numpy_of(bias).astype(np.float32, copy=False)
    return same_library(total.astype(own.dtype, copy=False), part)
