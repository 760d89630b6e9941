"""The header of a safetensors file, checked in full before anything it describes is allocated.

A file is 8 bytes with the length n of the header (little-endian), n bytes of JSON, and the data:
`{"__metadata__": {str: str}, NAME: {"dtype", "shape", "data_offsets": [begin, end]}, ...}`.
Offsets count from the start of the data, which the tensors cover without a gap or an overlap.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, NoReturn

import ml_dtypes
import numpy as np

from .errors import CheckpointError, quoted

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
        entries = _parse_json(text)
        metadata = _metadata(entries.pop("__metadata__", None))
        tensors = [_tensor(name, entry, data_bytes) for name, entry in entries.items()]
        tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
        _check_coverage(tensors, data_bytes)
    except _Malformed as malformed:
        raise CheckpointError(path, str(malformed)) from None
    return Header(metadata, {tensor.name: tensor for tensor in tensors}, PREFIX_BYTES + len(text))


class _Malformed(Exception):
    pass


def _parse_json(text: bytes) -> dict[str, Any]:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Malformed(f"the header is not UTF-8 at byte {error.start}") from None
    if not decoded.startswith("{"):
        raise _Malformed("the header does not start with '{', as a safetensors header does")
    try:
        parsed = json.loads(
            decoded, object_pairs_hook=_object_without_repeats, parse_constant=_no_constant
        )
    except RecursionError:
        raise _Malformed("the header is nested too deeply") from None
    except ValueError as error:
        raise _Malformed(f"the header is not JSON: {error}") from None
    assert isinstance(parsed, dict)
    return parsed


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _Malformed(f"the header has the key {quoted(key)} twice")
        _check_unicode(key)
        result[key] = value
    return result


def _no_constant(name: str) -> NoReturn:
    raise _Malformed(f"the header is not JSON: it holds {name}")


def _check_unicode(text: str) -> None:
    # JSON can spell half of a surrogate pair, which no file name, terminal or UTF-8 file can hold.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Malformed(f"the header holds {quoted(text)}, which is not valid Unicode") from None


def _metadata(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Malformed(f"__metadata__ is {quoted(value)}; it must map strings to strings")
    for key, text in value.items():
        if not isinstance(text, str):
            raise _Malformed(f"__metadata__ has {quoted(text)} under {quoted(key)}; only strings")
        _check_unicode(text)
    return value


def _tensor(name: str, entry: Any, data_bytes: int) -> TensorInfo:
    shown = f"tensor {quoted(name)}"
    if not isinstance(entry, dict):
        raise _Malformed(f"{shown} is {quoted(entry)}; it must be an object")
    for key in ("dtype", "shape", "data_offsets"):
        if key not in entry:
            raise _Malformed(f"{shown} has no {key}")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise _Malformed(f"{shown} has the unknown dtype {quoted(dtype)}")
    if not _are_counts(shape):
        raise _Malformed(f"{shown} has the shape {quoted(shape)}; sizes are integers from 0")
    if len(shape) > MAX_AXES:
        raise _Malformed(f"{shown} has {len(shape)} axes; {MAX_AXES} is the most there can be")
    if not _are_counts(offsets) or len(offsets) != 2:
        raise _Malformed(f"{shown} has data_offsets {quoted(offsets)}; two integers from 0")
    begin, end = offsets
    if begin > end:
        raise _Malformed(f"{shown} has data_offsets {quoted(offsets)}, which run backwards")
    if end > data_bytes:
        raise _Malformed(
            f"{shown} has data_offsets {quoted(offsets)}, and the data has {data_bytes} B:"
            " the file is cut short, or its header is wrong"
        )
    bits = _bits(shape, dtype)
    if bits is None:
        raise _Malformed(f"{shown} has the shape {quoted(shape)}, which no memory can hold")
    if bits != (end - begin) * 8:
        inside = "" if bits % 8 == 0 else " and ends inside one"
        raise _Malformed(
            f"{shown}, {dtype} of shape {quoted(shape)}, needs {-(-bits // 8)} bytes{inside};"
            f" its data_offsets hold {end - begin}"
        )
    return TensorInfo(name, dtype, tuple(shape), begin, end)


def _are_counts(value: Any) -> bool:
    # bool is a kind of int in Python, but no size.
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


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
            raise _Malformed(f"tensors {quoted(previous)} and {quoted(tensor.name)} overlap")
        if tensor.begin > end:
            raise _Malformed(
                f"bytes {end} to {tensor.begin} of the data, before tensor {quoted(tensor.name)},"
                " belong to no tensor"
            )
        if tensor.nbytes:
            end, previous = tensor.end, tensor.name
    if end != data_bytes:
        raise _Malformed(f"the last {data_bytes - end} of {data_bytes} bytes belong to no tensor")
