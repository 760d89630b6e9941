"""The header of a GGUF file, checked in full before anything it describes is allocated.

A file is `GGUF`, a version, the numbers of tensors and of keys, the keys with typed values, the
tensors with name, axes, type and offset, and after a gap the data. The library's own GGUFReader
goes on where a count points beyond the end of the file; here every count is held against it.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.regular_file import RegularFile

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_DEFAULT_ALIGNMENT = 32
_MAX_AXES = 4
_MAX_NAME_BYTES = 65_535
_MAX_ELEMENTS = 2**59  # of 8 bytes at most, which numpy can still count
_WINDOW_BYTES = 2**16
_SCALARS = {
    GGUFValueType.UINT8: "<u1",
    GGUFValueType.INT8: "<i1",
    GGUFValueType.UINT16: "<u2",
    GGUFValueType.INT16: "<i2",
    GGUFValueType.UINT32: "<u4",
    GGUFValueType.INT32: "<i4",
    GGUFValueType.FLOAT32: "<f4",
    GGUFValueType.BOOL: "?",
    GGUFValueType.UINT64: "<u8",
    GGUFValueType.INT64: "<i8",
    GGUFValueType.FLOAT64: "<f8",
}


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor: its shape, in the order of numpy, and its place in the file."""

    name: str
    type: GGMLQuantizationType
    shape: tuple[int, ...]
    offset: int
    nbytes: int

    @property
    def elements(self) -> int:
        """How many elements the shape has."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class GgufArray:
    """An array among the keys, left in the file until `read_array` is asked for it."""

    type: GGUFValueType
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The keys with their values, arrays as GgufArray, and the tensors in the file's order."""

    fields: dict[str, Any]
    tensors: dict[str, GgufTensor]


def read_header(file: RegularFile) -> GgufHeader:
    """Read and check the header of an open file; CheckpointError says what is wrong with it."""
    cursor = _Cursor(file)
    if cursor.take(4) != MAGIC:
        raise cursor.error("this is no GGUF file: it does not start with 'GGUF'")
    version = cursor.integer("<I")
    if version not in _VERSIONS:
        raise cursor.error(f"the GGUF version is {version}; 2 and 3, little-endian, can be read")
    tensor_count, field_count = cursor.integer("<Q"), cursor.integer("<Q")
    fields: dict[str, Any] = {}
    for _ in range(field_count):
        key = cursor.text("a key")
        if key in fields:
            raise cursor.error(f"the key {quoted(key)} is there twice")
        fields[key] = _value(cursor, key)
    entries = [_tensor_entry(cursor) for _ in range(tensor_count)]
    return GgufHeader(fields, _place(cursor, entries, _alignment(cursor, fields)))


def read_array(file: RegularFile, array: GgufArray) -> list[str] | npt.NDArray[Any]:
    """The strings, or the numbers, of an array among the keys."""
    cursor = _Cursor(file, array.offset)
    if array.type == GGUFValueType.STRING:
        return [cursor.text("a string") for _ in range(array.count)]
    dtype = np.dtype(_SCALARS[array.type])
    return np.frombuffer(cursor.take(array.count * dtype.itemsize), dtype)


class _Cursor:
    """Reads forward through a window of the file, and never more than the file has."""

    def __init__(self, file: RegularFile, offset: int = 0) -> None:
        self.size, self.offset = file.size, offset
        self._file = file
        self._window, self._start = bytearray(), offset

    def take(self, count: int) -> bytes:
        self._require(count)
        begin = self.offset - self._start
        if begin + count > len(self._window):
            self._start, begin = self.offset, 0
            end = min(self.size, self.offset + max(count, _WINDOW_BYTES))
            self._window = self._file.read(self.offset, end)
        self.offset += count
        return bytes(self._window[begin : begin + count])

    def skip(self, count: int) -> None:
        self._require(count)
        self.offset += count

    def integer(self, code: str) -> int:
        (value,) = struct.unpack(code, self.take(struct.calcsize(code)))
        return int(value)

    def text(self, what: str) -> str:
        length = self.integer("<Q")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise self.error(f"{what} before byte {self.offset} is not UTF-8") from None

    def error(self, problem: str) -> CheckpointError:
        return CheckpointError(self._file.path, problem)

    def _require(self, count: int) -> None:
        if count > self.size - self.offset:
            raise self.error(
                f"byte {self.offset} says that {count} more follow, and {self.size - self.offset}"
                " do: the file is cut short, or its header is wrong"
            )


def _value_type(cursor: _Cursor, key: str) -> GGUFValueType:
    number = cursor.integer("<I")
    try:
        return GGUFValueType(number)
    except ValueError:
        raise cursor.error(f"the key {quoted(key)} has the unknown type {number}") from None


def _value(cursor: _Cursor, key: str) -> Any:
    kind = _value_type(cursor, key)
    if kind == GGUFValueType.STRING:
        return cursor.text(f"the value of {quoted(key)}")
    if kind != GGUFValueType.ARRAY:
        dtype = np.dtype(_SCALARS[kind])
        return np.frombuffer(cursor.take(dtype.itemsize), dtype)[0].item()
    items = _value_type(cursor, key)
    array = GgufArray(items, cursor.integer("<Q"), cursor.offset)
    if items == GGUFValueType.STRING:
        for _ in range(array.count):
            cursor.skip(cursor.integer("<Q"))
    elif items == GGUFValueType.ARRAY:
        raise cursor.error(f"the key {quoted(key)} is an array of arrays, which no tool writes")
    else:
        cursor.skip(array.count * np.dtype(_SCALARS[items]).itemsize)
    return array


def _alignment(cursor: _Cursor, fields: dict[str, Any]) -> int:
    alignment = fields.get("general.alignment", _DEFAULT_ALIGNMENT)
    if type(alignment) is not int or alignment < 1 or alignment & (alignment - 1):
        raise cursor.error(f"general.alignment is {quoted(alignment)}; it must be a power of two")
    return alignment


def _tensor_entry(cursor: _Cursor) -> GgufTensor:
    """A tensor as the header has it: its offset counts from the start of the data."""
    name = cursor.text("the name of a tensor")
    if len(name.encode()) > _MAX_NAME_BYTES:
        raise cursor.error(f"the name {quoted(name)} has more than {_MAX_NAME_BYTES} bytes")
    axes = cursor.integer("<I")
    if axes > _MAX_AXES:
        raise cursor.error(f"tensor {quoted(name)} has {axes} axes; 4 is the most there can be")
    shape = tuple(cursor.integer("<Q") for _ in range(axes))[::-1]
    number = cursor.integer("<I")
    offset = cursor.integer("<Q")
    try:
        kind = GGMLQuantizationType(number)
        block, block_bytes = GGML_QUANT_SIZES[kind]
    except (ValueError, KeyError):
        raise cursor.error(f"tensor {quoted(name)} has the unknown type {number}") from None
    elements = math.prod(shape)
    if math.prod(max(size, 1) for size in shape) > _MAX_ELEMENTS:
        raise cursor.error(
            f"tensor {quoted(name)} has the shape {quoted(list(shape))}; no memory can hold it"
        )
    if (shape[-1] if shape else 1) % block:
        raise cursor.error(
            f"tensor {quoted(name)}, {kind.name} of shape {quoted(list(shape))}: its last axis must"
            f" be a multiple of {block}"
        )
    return GgufTensor(name, kind, shape, offset, elements // block * block_bytes)


def _place(cursor: _Cursor, entries: list[GgufTensor], alignment: int) -> dict[str, GgufTensor]:
    """The tensors with offsets from the start of the file, which hold all their data."""
    start = -(-cursor.offset // alignment) * alignment
    tensors: dict[str, GgufTensor] = {}
    for entry in entries:
        if entry.name in tensors:
            raise cursor.error(f"the tensor {quoted(entry.name)} is there twice")
        offset = start + entry.offset
        if entry.offset % alignment:
            raise cursor.error(
                f"tensor {quoted(entry.name)} is at {entry.offset}, no multiple of {alignment}"
            )
        if entry.nbytes and offset + entry.nbytes > cursor.size:
            raise cursor.error(
                f"tensor {quoted(entry.name)} has the bytes {offset} to {offset + entry.nbytes} of"
                f" the file, and the file {cursor.size}: it is cut short, or its header is wrong"
            )
        tensors[entry.name] = GgufTensor(entry.name, entry.type, entry.shape, offset, entry.nbytes)
    _check_overlap(cursor, tensors)
    return tensors


def _check_overlap(cursor: _Cursor, tensors: dict[str, GgufTensor]) -> None:
    previous = None
    for tensor in sorted(tensors.values(), key=lambda tensor: tensor.offset):
        if not tensor.nbytes:
            continue
        if previous and tensor.offset < previous.offset + previous.nbytes:
            raise cursor.error(f"tensors {quoted(previous.name)} and {quoted(tensor.name)} overlap")
        previous = tensor
