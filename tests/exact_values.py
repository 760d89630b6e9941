"""What a quantized tensor stands for, by the reference model and not by the library."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reference_model import real_weights
from thinbit import QuantizedTensor


def exact_values(tensor: QuantizedTensor) -> npt.NDArray[np.float64]:
    """Its real values in float64: code * scale + bias, or element * scale * factor."""
    return real_weights(
        tensor.packed,
        tensor.scales,
        tensor.biases,
        mode=tensor.mode,
        group_size=tensor.group_size,
        bits=tensor.bits,
        global_scale=None if tensor.global_scale is None else tensor.global_scale.item(),
    )
