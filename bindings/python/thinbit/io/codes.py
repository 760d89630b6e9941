"""Packing codes into the base format's words, and blocks of affine codes with exact scales.

Each row is one little-endian stream of bits in uint32 words; see docs/numerics.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import QuantizedTensor

Bytes = npt.NDArray[np.uint8]
_BLOCK_ELEMENTS = 2**20


def pack_codes(codes: Bytes, bits: int) -> npt.NDArray[np.uint32]:
    """Codes below 2^bits, uint8 (..., K), as words (..., K * bits / 32); K * bits % 32 is 0."""
    if bits == 8:
        return words_of(codes)
    if bits == 4:
        return words_of(codes[..., 0::2] | codes[..., 1::2] << np.uint8(4))
    *leading, columns = codes.shape
    stream = np.empty((*leading, columns * bits // 8), np.uint8)
    places = np.arange(bits, dtype=np.uint8)
    for part in _row_blocks(codes.shape):
        ones = codes[part][..., None] >> places & 1
        ones = ones.reshape(*ones.shape[:-2], -1)
        stream[part] = np.packbits(ones, axis=-1, bitorder="little")
    return words_of(stream)


def unpack_codes(words: npt.NDArray[np.uint32], bits: int) -> Bytes:
    """The codes of words (..., W), uint8 (..., W * 32 // bits)."""
    stream = np.ascontiguousarray(words.astype("<u4", copy=False)).view(np.uint8)
    if bits == 8:
        return stream
    count = stream.shape[-1] * 8 // bits
    codes = np.empty((*stream.shape[:-1], count), np.uint8)
    places = np.arange(bits, dtype=np.uint8)
    for part in _row_blocks(codes.shape):
        ones = np.unpackbits(stream[part], axis=-1, bitorder="little")[..., : count * bits]
        ones = ones.reshape(*ones.shape[:-1], count, bits)
        np.bitwise_or.reduce(ones << places, axis=-1, out=codes[part])
    return codes


def _row_blocks(shape: tuple[int, ...]) -> Iterator[tuple[int | slice, ...]]:
    """Rows a few at a time: single bits take 8 times the memory of codes."""
    *leading, rows, columns = shape
    step = max(1, _BLOCK_ELEMENTS // max(columns, 1))
    for index in np.ndindex(*leading):
        for first in range(0, rows, step):
            yield (*index, slice(first, first + step))


def words_of(stream: Bytes) -> npt.NDArray[np.uint32]:
    """Bytes (..., 4 n) as the words (..., n) that they are."""
    return np.ascontiguousarray(stream).view("<u4").astype(np.uint32, copy=False)


def affine_tensor(
    packed: npt.NDArray[np.uint32],
    scales: npt.NDArray[Any],
    offsets: npt.NDArray[np.float64],
    *,
    bits: int,
    group_size: int,
    rounded: bool = False,
) -> QuantizedTensor:
    """The affine tensor whose biases are scale * offset.

    Raises ValueError where the dtype of the scales does not hold a bias exactly, unless it may be
    `rounded`.
    """
    biases, exact = _biases(scales, offsets)
    if not exact and not rounded:
        raise ValueError(
            f"a bias, its scale times {offsets.flat[0]:g}, has no exact {scales.dtype} value"
        )
    return QuantizedTensor(packed, scales, biases, mode="affine", bits=bits, group_size=group_size)


def exact_in_its_dtype(scales: npt.NDArray[Any], offsets: npt.NDArray[np.float64]) -> bool:
    """Whether the dtype of the scales holds every scale * offset exactly."""
    return _biases(scales, offsets)[1]


def _biases(
    scales: npt.NDArray[Any], offsets: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[Any], bool]:
    # A scale that is infinite or no number makes such a bias.
    with np.errstate(over="ignore", invalid="ignore"):
        exact = scales.astype(np.float64) * offsets
        biases = exact.astype(scales.dtype)
    return biases, np.array_equal(biases.astype(np.float64), exact, equal_nan=True)
