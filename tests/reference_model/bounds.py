"""How far a result may lie from its reference: |err| <= relative * |ref| + of_R * R."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .formats import BFLOAT16, FLOAT16, FLOAT32, float_dtype

_BOUNDS = {
    FLOAT32: (2.0**-23, 1e-6),
    FLOAT16: (2.0**-10, 2.0**-11),
    BFLOAT16: (2.0**-8, 2.0**-9),
}
_RMS_BOUNDS = {FLOAT32: 3e-6, FLOAT16: 1e-3, BFLOAT16: 4e-3}


def bound(x_dtype: npt.DTypeLike) -> tuple[float, float]:
    """(relative, of_R) of quantized_matmul, quantized_addmm and gather_qmm.

    relative is twice the half ulp of the one output rounding, for bfloat16 just that half ulp. of_R
    leaves room for the float32 accumulation and, with float16 activations, for one rounding of each
    decoded weight.
    """
    return _BOUNDS[float_dtype(x_dtype)]


def qq_bound(x_dtype: npt.DTypeLike) -> tuple[float, float]:
    """(relative, of_R) of qqmm, qqaddmm and gather_qqmm.

    Both operands are decoded exactly, so the accumulation has the float32 share of R whatever x
    is. The result is still rounded once to the dtype of x, so relative is that dtype's.
    """
    return max(bound(np.float32)[0], bound(x_dtype)[0]), bound(np.float32)[1]


def rms_bound(x_dtype: npt.DTypeLike) -> float:
    """The largest RMS(err) / RMS(ref) over a random matrix, for the ops of `bound`."""
    return _RMS_BOUNDS[float_dtype(x_dtype)]
