"""GGUF files that tests make, by the gguf package's own writer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Type


def write_gguf(
    path: Path,
    tensors: Mapping[str, tuple[npt.NDArray[Any], Type]],
    architecture: str = "test",
    fields: Mapping[str, Any] | None = None,
) -> Path:
    """Write tensors, quantized ones as their bytes (..., row bytes), and fields by type."""
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in (fields or {}).items():
        match value:
            case bool():
                writer.add_bool(key, value)
            case int():
                writer.add_uint32(key, value)
            case float():
                writer.add_float32(key, value)
            case str():
                writer.add_string(key, value)
            case _:
                writer.add_array(key, value)
    for name, (data, kind) in tensors.items():
        plain = kind in (Type.F32, Type.F16)
        writer.add_tensor(name, data, raw_dtype=None if plain else kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def random_blocks(
    source: np.random.Generator, kind: Type, shape: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """Blocks with every bit random, apart from float16 scales, which are finite."""
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    blocks = (*shape[:-1], shape[-1] // block)
    data = source.integers(0, 256, (*blocks, block_bytes), np.uint8)
    halves = {
        Type.Q4_1: 2,
        Type.Q5_1: 2,
        Type.Q4_K: 2,
        Type.Q5_K: 2,
        Type.MXFP4: 0,
        Type.NVFP4: 0,
    }.get(kind, 1)
    if kind != Type.Q6_K:
        scales = (source.standard_normal((*blocks, halves)) / 16).astype("<f2")
        data[..., : 2 * halves] = scales.view(np.uint8)
    else:
        scales = (source.standard_normal((*blocks, 1)) / 16).astype("<f2")
        data[..., -2:] = scales.view(np.uint8)
    if kind == Type.NVFP4:
        data[..., :4] &= 0x7F
    if kind == Type.MXFP4:
        # From 2^-100 to 2^100: beyond them float32 has subnormals, which count as zero here.
        data[..., 0] = source.integers(27, 228, blocks)
    return data.reshape(*shape[:-1], -1)
