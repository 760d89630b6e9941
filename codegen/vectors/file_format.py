"""The vector file: little-endian, so that any language reads it with a cursor and nothing else.

    file:     8 bytes "TBVEC001", u32 case count, cases
    text:     u16 byte count, UTF-8
    case:     text name, text op, u16 argument count, arguments, u8 expectation, its body
    argument: text flat name, u8 kind, value: 1 tensor, 2 i64, 3 f64, 4 text (modes and dtypes),
              5 bool as u8
    tensor:   u8 dtype, u8 ndim, i64 shape[ndim], u8 has strides, i64 strides[ndim] if so,
              u64 byte offset of element 0, u64 byte count, bytes
    success:  expectation 0: u8 output count; each: text name, u8 dtype (0: absent, and nothing
              follows), u8 ndim, i64 shape[ndim], u8 comparison: 0, then the contiguous bytes; or 1,
              then f64 relative, f64 of_R, f64 ref[n], f64 R[n]
    error:    expectation 1: text status, text rule, text argument

An output with comparison 1 is right where |out - ref| <= relative * |ref| + of_R * R, is NaN
exactly where ref is, and equals an infinite ref.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence

import numpy as np

from codegen.model import Schema
from codegen.vectors.case import Absent, Bounded, Case, Exact, Failure, StoredTensor, Value, name_of
from codegen.vectors.layouts import store

MAGIC = b"TBVEC001"


class Writer:
    """Encodes cases; dtypes have the schema's numbers."""

    def __init__(self, schema: Schema) -> None:
        if sys.byteorder != "little":
            raise RuntimeError("vector files are written on little-endian machines only")
        self._dtypes = {dtype.name: dtype.value for dtype in schema.dtypes}

    def file(self, cases: Sequence[Case]) -> bytes:
        """A whole file."""
        return MAGIC + struct.pack("<I", len(cases)) + b"".join(self._case(case) for case in cases)

    def _case(self, case: Case) -> bytes:
        head = _text(case.name) + _text(case.op) + struct.pack("<H", len(case.arguments))
        values = [
            _text(name) + self._value(value, case.layout) for name, value in case.arguments.items()
        ]
        return head + b"".join(values) + self._expectation(case)

    def _value(self, value: Value, layout: str) -> bytes:
        match value:
            case bool():
                return struct.pack("<BB", 5, value)
            case int():
                return struct.pack("<Bq", 2, value)
            case float():
                return struct.pack("<Bd", 3, value)
            case str():
                return b"\x04" + _text(value)
            case _:
                return b"\x01" + self._tensor(store(value, layout))

    def _tensor(self, tensor: StoredTensor) -> bytes:
        strides = b"\0" if tensor.strides is None else b"\1" + _sizes(tensor.strides)
        place = struct.pack("<QQ", tensor.byte_offset, len(tensor.data))
        return self._shape(tensor.dtype, tensor.shape) + strides + place + tensor.data

    def _shape(self, dtype: str, shape: tuple[int, ...]) -> bytes:
        return struct.pack("<BB", self._dtypes[dtype], len(shape)) + _sizes(shape)

    def _expectation(self, case: Case) -> bytes:
        if isinstance(case.expectation, Failure):
            failure = case.expectation
            return b"\1" + _text(failure.status) + _text(failure.rule) + _text(failure.argument)
        outputs = [_text(output.name) + self._output(output) for output in case.expectation]
        return struct.pack("<BB", 0, len(outputs)) + b"".join(outputs)

    def _output(self, output: Absent | Exact | Bounded) -> bytes:
        match output:
            case Absent():
                return b"\0"
            case Exact(value=value):
                return (
                    self._shape(name_of(value), value.shape)
                    + b"\0"
                    + np.ascontiguousarray(value).tobytes()
                )
            case Bounded():
                factors = struct.pack("<Bdd", 1, output.relative, output.of_r)
                return (
                    self._shape(output.dtype, output.ref.shape)
                    + factors
                    + output.ref.tobytes()
                    + output.r.tobytes()
                )


def _text(text: str) -> bytes:
    octets = text.encode()
    return struct.pack("<H", len(octets)) + octets


def _sizes(sizes: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(sizes)}q", *sizes)
