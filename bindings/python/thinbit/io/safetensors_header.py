"""The header of a safetensors file, checked in full before anything it describes is allocated.

A file is 8 bytes with the length n of the header (little-endian), n bytes of JSON, and the data:
`{"__metadata__": {str: str}, NAME: {"dtype", "shape", "data_offsets": [begin, end]}, ...}`.
Offsets count from the start of the data, which the tensors cover without a gap or an overlap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from thinbit._generated import file_texts

from .errors import CheckpointError, described, fits_64_bits, quoted
from .json_text import JSONFault, parse_json_object

PREFIX_BYTES = 8
MAX_HEADER_BYTES = 100_000_000  # the same limit as the safetensors library
MAX_AXES = 64  # numpy's limit
_MAX_BITS = 2**63 - 1

# In the order of the format's own list, by which the safetensors library sorts what it writes.
DTYPE_BITS: dict[str, int] = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}

NUMPY_DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "U8": np.dtype(np.uint8),
    "I8": np.dtype(np.int8),
    "I16": np.dtype(np.int16),
    "U16": np.dtype(np.uint16),
    "F16": np.dtype(np.float16),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "I32": np.dtype(np.int32),
    "U32": np.dtype(np.uint32),
    "F32": np.dtype(np.float32),
    "C64": np.dtype(np.complex64),
    "F64": np.dtype(np.float64),
    "I64": np.dtype(np.int64),
    "U64": np.dtype(np.uint64),
}


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor of a file; `begin` and `end` are bytes from the start of the data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def nbytes(self) -> int:
        """Bytes of data."""
        return self.end - self.begin

    @property
    def elements(self) -> int:
        """How many elements the shape has."""
        return self.nbytes * 8 // DTYPE_BITS[self.dtype]


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says: the metadata, and the tensors in the order of their data."""

    metadata: dict[str, str]
    tensors: dict[str, TensorInfo]
    data_start: int


def parse_header(path: str | os.PathLike[str], text: bytes, data_bytes: int) -> Header:
    """Check a header against the format and the number of data bytes that follow it.

    Raises CheckpointError, naming the file and what is wrong: not UTF-8, not JSON, repeated keys,
    unknown dtypes, impossible shapes, sizes that do not match, gaps, overlaps, data missing.
    """
    try:
        if not text.startswith(b"{"):
            raise _Malformed(file_texts.header_start())
        entries = parse_json_object(text, "the header")
        metadata = _metadata(entries.pop("__metadata__", None))
        # Of several faults every language finds the same first.
        tensors = [_tensor(name, entries[name], data_bytes) for name in sorted(entries)]
        tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
        _check_coverage(tensors, data_bytes)
    except (_Malformed, JSONFault) as malformed:
        raise CheckpointError(path, str(malformed)) from None
    return Header(metadata, {tensor.name: tensor for tensor in tensors}, PREFIX_BYTES + len(text))


class _Malformed(Exception):
    pass


def _metadata(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Malformed(file_texts.metadata_not_object(value=described(value)))
    for key in sorted(value):
        if not isinstance(value[key], str):
            shown = described(value[key])
            raise _Malformed(file_texts.metadata_not_string(value=shown, key=quoted(key)))
    return value


def _tensor(name: str, entry: Any, data_bytes: int) -> TensorInfo:
    shown = quoted(name)
    if not isinstance(entry, dict):
        raise _Malformed(file_texts.tensor_not_object(name=shown, value=described(entry)))
    for key in ("dtype", "shape", "data_offsets"):
        if key not in entry:
            raise _Malformed(file_texts.tensor_lacks(name=shown, key=key))
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise _Malformed(file_texts.tensor_dtype(name=shown, value=described(dtype)))
    if not _are_counts(shape):
        raise _Malformed(file_texts.tensor_shape(name=shown, value=described(shape)))
    if len(shape) > MAX_AXES:
        raise _Malformed(file_texts.tensor_axes(name=shown, axes=len(shape), most=MAX_AXES))
    if not _are_counts(offsets) or len(offsets) != 2:
        raise _Malformed(file_texts.tensor_offsets(name=shown, value=described(offsets)))
    begin, end = offsets
    if begin > end:
        raise _Malformed(file_texts.tensor_backwards(name=shown, value=described(offsets)))
    if end > data_bytes:
        raise _Malformed(
            file_texts.tensor_cut(name=shown, value=described(offsets), size=data_bytes)
        )
    bits = _bits(shape, dtype)
    if bits is None:
        raise _Malformed(file_texts.tensor_too_large(name=shown, value=described(shape)))
    if bits != (end - begin) * 8:
        text = file_texts.tensor_size if bits % 8 == 0 else file_texts.tensor_part_of_byte
        raise _Malformed(
            text(
                name=shown,
                dtype=dtype,
                shape=described(shape),
                needed=-(-bits // 8),
                held=end - begin,
            )
        )
    return TensorInfo(name, dtype, tuple(shape), begin, end)


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(fits_64_bits(size) and size >= 0 for size in value)


def _bits(shape: list[int], dtype: str) -> int | None:
    """Bits of the data; None where a shape, an empty axis left aside, is beyond any memory."""
    bits = DTYPE_BITS[dtype]
    for size in shape:
        bits *= max(size, 1)
        if bits > _MAX_BITS:
            return None
    return 0 if 0 in shape else bits


def _check_coverage(tensors: list[TensorInfo], data_bytes: int) -> None:
    end = 0
    previous = None
    for tensor in tensors:
        if tensor.begin < end:
            assert previous is not None
            first, second = quoted(previous), quoted(tensor.name)
            raise _Malformed(file_texts.tensors_overlap(first=first, second=second))
        if tensor.begin > end:
            raise _Malformed(
                file_texts.data_gap(begin=end, end=tensor.begin, name=quoted(tensor.name))
            )
        if tensor.nbytes:
            end, previous = tensor.end, tensor.name
    if end != data_bytes:
        raise _Malformed(file_texts.data_left(rest=data_bytes - end, size=data_bytes))
