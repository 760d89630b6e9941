"""What a layer makes of its fields and inputs before it calls an op."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thinbit._arrays import Array, largest_magnitude, numpy_of
from thinbit.nn.row_numbers import row_numbers
from thinbit.quantized_tensor import QuantizedTensor, is_global_scale


def rows_of(weight: QuantizedTensor, indices: Array) -> QuantizedTensor:
    """The rows of a quantized matrix that indices [I..., n] pick: [I..., n, columns]."""
    numbers = row_numbers("embedding", weight.packed, indices)

    def picked(part: Any) -> Any:
        return None if part is None else part[numbers]

    return QuantizedTensor(
        picked(weight.packed),
        picked(weight.scales),
        picked(weight.biases),
        global_scale=weight.global_scale,
        mode=weight.mode,
        group_size=weight.group_size,
        bits=weight.bits,
    )


def global_scale_beside(weight: QuantizedTensor, x: Array) -> Any:
    """The global scale of x where the weight has one; else None.

    It is the largest finite magnitude of x, so that a row with NaN or infinity spoils no other;
    and 1 where x is zero, or too small to divide by.
    """
    if weight.global_scale is None:
        return None
    largest = largest_magnitude(x)
    if not math.isfinite(largest):
        values = numpy_of(x).astype(np.float32)
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return np.array(largest if is_global_scale(largest) else 1.0, np.float32)
