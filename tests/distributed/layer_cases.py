"""Layers of every kind that can be cut, with sizes that two, three and four ranks divide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import MODES, nn

RANKS = (2, 3, 4)
OUTPUTS = 24
GROUPS = 24  # of each row: both segments of it divide by the ranks
ROWS_OF_X = 3


def layers() -> Iterator[tuple[str, Any]]:
    """A name and a layer for every mode, bits and group size, biased and not, plain and QQ."""
    for bias in (False, True):
        yield f"float, bias {bias}", _linear(32, bias)
        for mode in MODES.values():
            for bits in mode.bits:
                for group_size in mode.group_sizes:
                    whole = _linear(group_size, bias)
                    for quantize_input in (False,) if mode.has_bias else (False, True):
                        name = f"{mode.name}:{bits}:g{group_size}, bias {bias}, QQ {quantize_input}"
                        yield (
                            name,
                            whole.to_quantized(group_size, bits, mode.name, quantize_input),
                        )


def activations(columns: int) -> npt.NDArray[np.float32]:
    """Inputs whose last columns are the largest, so that ranks differ."""
    values = np.random.default_rng(5).standard_normal((ROWS_OF_X, columns))
    return (values * np.linspace(0.1, 4, columns)).astype(np.float32)


def _linear(group_size: int, bias: bool) -> nn.Linear:
    random = np.random.default_rng(7)
    weight = random.standard_normal((OUTPUTS, GROUPS * group_size)).astype(np.float32)
    return nn.Linear(weight, random.standard_normal(OUTPUTS).astype(np.float32) if bias else None)
