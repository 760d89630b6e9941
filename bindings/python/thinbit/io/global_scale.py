"""The global scale of nvfp4 beside the factor, or the divisor, that other tools store for it.

They multiply an element by its block scale and by a factor; here the factor is
global_scale / 2688, and 2688 = 448 * 6, the largest block scale times the largest element.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from thinbit import QuantizedTensor

_LARGEST = np.float32(448 * 6)
_LOSS = "the global scale is rounded to float32 (a part in 10^7); codes and scales are the same"
Floats = npt.NDArray[np.float32]


def is_legal(factor: Floats) -> bool:
    """Whether 2688 times these, and 2688 by these, are positive and finite: legal global scales."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore"):
        scales = np.stack([_LARGEST * factor, _LARGEST / factor])
    return bool(((scales > 0) & np.isfinite(scales)).all())


def with_global_scale(tensor: QuantizedTensor, global_scale: Floats) -> QuantizedTensor:
    """The same nvfp4 tensor with a global scale."""
    return QuantizedTensor(tensor.packed, tensor.scales, mode="nvfp4", global_scale=global_scale)


def from_factor(factor: Floats) -> Floats:
    """The global scale 2688 * factor."""
    return np.asarray(_LARGEST * factor, np.float32)


def rounding(factor: Floats) -> str | None:
    """What is lost where the global scale does not give the factor back exactly; else None."""
    return None if np.array_equal(from_factor(factor) / _LARGEST, factor) else _LOSS


def from_divisor(divisor: Floats) -> Floats:
    """The global scale 2688 / divisor."""
    return np.asarray(_LARGEST / divisor, np.float32)


def rounding_of_divisor(divisor: Floats) -> str | None:
    """What is lost where multiplying by the factor is not dividing by the divisor; else None."""
    factor = (from_divisor(divisor) / _LARGEST).astype(np.float64)
    return None if np.array_equal(factor * divisor.astype(np.float64), np.ones(1)) else _LOSS
