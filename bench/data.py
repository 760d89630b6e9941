"""What all peers get: random weights and activations; and exact values of packed weights."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bench.model import Float64

SAMPLE = 64  # columns of the result that are compared with float64
_TILE = 512


def weight(n: int, k: int) -> npt.NDArray[np.float32]:
    """A random weight (n, k): 512 rows of N(0, 0.02), again and again.

    Repeated, because the slowest quantizers take minutes for a whole matrix, and no cache or branch
    sees the difference.
    """
    # A seed of its own: activations that are rows of the weight give a result like no other.
    generator = np.random.default_rng([7, k])
    return generator.standard_normal((min(n, _TILE), k), np.float32) * np.float32(0.02)


def whole(part: npt.NDArray[np.generic], n: int) -> npt.NDArray[np.generic]:
    """Rows of `weight` in any format, repeated to n rows."""
    repeats = -(-n // part.shape[0])
    return np.ascontiguousarray(np.tile(part, (repeats,) + (1,) * (part.ndim - 1))[:n])


def activations(m: int, k: int) -> npt.NDArray[np.float32]:
    """Activations (m, k) from N(0, 1)."""
    return np.random.default_rng(m).standard_normal((m, k), np.float32)


def copies_for(nbytes: int, least_bytes: int) -> int:
    """How many copies of `nbytes` fill `least_bytes`."""
    return math.ceil(least_bytes / nbytes)


def affine_values(
    packed: npt.NDArray[np.uint32], scales: Float64, biases: Float64, bits: int, group_size: int
) -> Float64:
    """Codes times scales plus biases, unrounded: each row is a little-endian stream of codes."""
    stream = np.unpackbits(packed.view(np.uint8), axis=-1, bitorder="little")
    codes = stream.reshape(packed.shape[0], -1, bits) @ (1 << np.arange(bits, dtype=np.int64))
    grouped = codes.reshape(packed.shape[0], -1, group_size).astype(np.float64)
    return (grouped * scales[..., None] + biases[..., None]).reshape(packed.shape[0], -1)
