"""Packing: each row is one little-endian bit stream, stored in little-endian uint32 words.

Element i has the bits [i*bits, (i+1)*bits) of its row, so widths such as 3, 5 and 6 straddle bytes
and words. A row of K elements has K*bits/32 words, which must be integral.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .formats import U8, Array

_WORD_BITS = 32


def pack(codes: Array, bits: int) -> npt.NDArray[np.uint32]:
    """Codes (..., K) below 2^bits -> uint32 (..., K*bits/32)."""
    _check_width(bits)
    *batch, columns = codes.shape
    if columns * bits % _WORD_BITS:
        raise ValueError(f"{columns} elements of {bits} bits do not fill whole words of 32 bits")
    if codes.size and int(codes.max()) >> bits:
        raise ValueError(f"the code {int(codes.max())} does not fit in {bits} bits")
    words = columns * bits // _WORD_BITS
    stream = (codes.astype(np.uint8)[..., None] >> np.arange(bits, dtype=np.uint8)) & np.uint8(1)
    octets = np.packbits(stream.reshape(*batch, words * 4, 8), axis=-1, bitorder="little")
    return octets.reshape(*batch, words * 4).view("<u4").astype(np.uint32)


def unpack(wq: npt.NDArray[np.uint32], bits: int) -> U8:
    """uint32 (..., words) -> codes uint8 (..., words*32/bits); words*32 must divide by bits."""
    _check_width(bits)
    if wq.dtype != np.uint32:
        raise ValueError(f"wq is {wq.dtype}; it must be uint32")
    *batch, words = wq.shape
    if words * _WORD_BITS % bits:
        raise ValueError(f"{words} words do not hold a whole number of {bits}-bit elements")
    columns = words * _WORD_BITS // bits
    octets = np.ascontiguousarray(wq).astype("<u4").view(np.uint8)
    stream = np.unpackbits(octets, axis=-1, bitorder="little").reshape(*batch, columns, bits)
    weighted: U8 = stream << np.arange(bits, dtype=np.uint8)
    return np.asarray(np.bitwise_or.reduce(weighted, axis=-1), dtype=np.uint8)


def _check_width(bits: int) -> None:
    if not 1 <= bits <= 8:
        raise ValueError(f"bits is {bits}; it must be from 1 to 8")
