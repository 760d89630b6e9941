"""The blocks of GGUF's types as quantized tensors of the base format, code for code.

A tensor (..., K) of blocks of n elements is K / n structs a row. "Halves" means that a byte's low
nibble is element j of its block and the high nibble element j + n / 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGMLQuantizationType as Type

from thinbit import QuantizedTensor
from thinbit.io.codes import Bytes, affine_tensor, pack_codes
from thinbit.io.specification import QuantizationSpec

_HALF = np.dtype("<f2")
_NAN_SCALE = 0x7F  # of E4M3; GGUF reads it as 0
_K_BLOCK = 256


@dataclass(frozen=True, slots=True)
class BlockFormat:
    """What a GGUF type becomes: `convert` takes the blocks, uint8 (..., K / block, bytes)."""

    spec: QuantizationSpec
    scale_dtype: str
    convert: Callable[[Bytes], QuantizedTensor]


def _affine(bits: int, group_size: int = 32) -> QuantizationSpec:
    return QuantizationSpec("affine", bits, group_size)


def _halves(nibbles: Bytes) -> Bytes:
    """(..., n / 2) bytes as (..., n) codes, all low nibbles first."""
    return np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)


def _fifth_bits(field: Bytes) -> Bytes:
    """(..., 4) bytes with one bit for each of 32 elements, as (..., 32) bytes of 0 or 16."""
    return np.unpackbits(field, axis=-1, bitorder="little") << np.uint8(4)


def _floats(field: Bytes) -> npt.NDArray[np.float16]:
    """(..., 2) bytes as (...) floats."""
    return np.ascontiguousarray(field).view(_HALF)[..., 0].astype(np.float16, copy=False)


def _rows(codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(..., blocks, n) as (..., blocks * n)."""
    return codes.reshape(*codes.shape[:-2], -1)


def _with_offset(codes: Bytes, d: npt.NDArray[Any], offset: int, bits: int) -> QuantizedTensor:
    packed = pack_codes(_rows(codes), bits)
    offsets = np.full(d.shape, offset, np.float64)
    return affine_tensor(packed, d, offsets, bits=bits, group_size=codes.shape[-1])


def _with_minimum(
    codes: Bytes, d: npt.NDArray[Any], m: npt.NDArray[Any], bits: int
) -> QuantizedTensor:
    packed = pack_codes(_rows(codes), bits)
    return QuantizedTensor(packed, d, m, mode="affine", bits=bits, group_size=codes.shape[-1])


def _q4_0(blocks: Bytes) -> QuantizedTensor:
    return _with_offset(_halves(blocks[..., 2:]), _floats(blocks[..., :2]), -8, 4)


def _q4_1(blocks: Bytes) -> QuantizedTensor:
    d, m = _floats(blocks[..., :2]), _floats(blocks[..., 2:4])
    return _with_minimum(_halves(blocks[..., 4:]), d, m, 4)


def _q5_0(blocks: Bytes) -> QuantizedTensor:
    codes = _halves(blocks[..., 6:]) | _fifth_bits(blocks[..., 2:6])
    return _with_offset(codes, _floats(blocks[..., :2]), -16, 5)


def _q5_1(blocks: Bytes) -> QuantizedTensor:
    d, m = _floats(blocks[..., :2]), _floats(blocks[..., 2:4])
    return _with_minimum(_halves(blocks[..., 8:]) | _fifth_bits(blocks[..., 4:8]), d, m, 5)


def _q8_0(blocks: Bytes) -> QuantizedTensor:
    # q + 128 is q with its sign bit turned.
    return _with_offset(blocks[..., 2:] ^ np.uint8(0x80), _floats(blocks[..., :2]), -128, 8)


def _q1_0(blocks: Bytes) -> QuantizedTensor:
    d = _floats(blocks[..., :2])
    codes = np.unpackbits(blocks[..., 2:], axis=-1, bitorder="little")
    twice = d * np.float16(2)
    if not np.isfinite(twice).all():
        raise ValueError("a scale, twice the block's, is beyond float16")
    offsets = np.full(d.shape, -0.5)
    packed = pack_codes(_rows(codes), 1)
    return affine_tensor(packed, twice, offsets, bits=1, group_size=codes.shape[-1])


def _k_scales(field: Bytes) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The 8 scales and the 8 minima, 6 bits each, of the 12 bytes of Q4_K and Q5_K."""
    low_scales, low_minima, rest = field[..., 0:4], field[..., 4:8], field[..., 8:12]
    scales = [low_scales & 63, rest & 15 | low_scales >> 2 & 48]
    minima = [low_minima & 63, rest >> 4 | low_minima >> 2 & 48]
    return (
        np.concatenate(scales, axis=-1).astype(np.float32),
        np.concatenate(minima, axis=-1).astype(np.float32),
    )


def _k_quant(blocks: Bytes, codes: Bytes, bits: int) -> QuantizedTensor:
    """Sub-blocks of 32: d * scale and -dmin * minimum have at most 17 bits, so float32 is exact."""
    d = _floats(blocks[..., :2]).astype(np.float32)[..., None]
    dmin = _floats(blocks[..., 2:4]).astype(np.float32)[..., None]
    scale, minimum = _k_scales(blocks[..., 4:16])
    return _with_minimum(
        codes.reshape(*codes.shape[:-2], -1, 32), _rows(d * scale), _rows(-dmin * minimum), bits
    )


def _q4_k(blocks: Bytes) -> QuantizedTensor:
    nibbles = blocks[..., 16:].reshape(*blocks.shape[:-1], 4, 32)
    return _k_quant(blocks, _halves(nibbles).reshape(*blocks.shape[:-1], _K_BLOCK), 4)


def _q5_k(blocks: Bytes) -> QuantizedTensor:
    nibbles = blocks[..., 48:].reshape(*blocks.shape[:-1], 4, 32)
    codes = _halves(nibbles).reshape(*blocks.shape[:-1], 8, 32)
    places = np.arange(8, dtype=np.uint8)[:, None]
    fifth = (blocks[..., None, 16:48] >> places & np.uint8(1)) << np.uint8(4)
    return _k_quant(blocks, (codes | fifth).reshape(*blocks.shape[:-1], _K_BLOCK), 5)


def _mxfp4(blocks: Bytes) -> QuantizedTensor:
    packed = pack_codes(_rows(_halves(blocks[..., 1:])), 4)
    return QuantizedTensor(packed, np.ascontiguousarray(blocks[..., 0]), mode="mxfp4")


def _nvfp4(blocks: Bytes) -> QuantizedTensor:
    scales = _rows(blocks[..., :4])
    if (scales & 0x80).any():
        raise ValueError("a block scale has a sign, which NVFP4 in GGUF does not have")
    codes = _halves(blocks[..., 4:].reshape(*blocks.shape[:-1], 4, 8))
    packed = pack_codes(codes.reshape(*blocks.shape[:-2], -1), 4)
    return QuantizedTensor(packed, np.where(scales == _NAN_SCALE, 0, scales), mode="nvfp4")


BLOCK_FORMATS: dict[Type, BlockFormat] = {
    Type.Q4_0: BlockFormat(_affine(4), "F16", _q4_0),
    Type.Q4_1: BlockFormat(_affine(4), "F16", _q4_1),
    Type.Q5_0: BlockFormat(_affine(5), "F16", _q5_0),
    Type.Q5_1: BlockFormat(_affine(5), "F16", _q5_1),
    Type.Q8_0: BlockFormat(_affine(8), "F16", _q8_0),
    Type.Q1_0: BlockFormat(_affine(1, 128), "F16", _q1_0),
    Type.Q4_K: BlockFormat(_affine(4), "F32", _q4_k),
    Type.Q5_K: BlockFormat(_affine(5), "F32", _q5_k),
    Type.MXFP4: BlockFormat(QuantizationSpec("mxfp4", 4, 32), "U8", _mxfp4),
    Type.NVFP4: BlockFormat(QuantizationSpec("nvfp4", 4, 16), "U8", _nvfp4),
}
