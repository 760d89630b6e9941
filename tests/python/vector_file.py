"""Reads a vector file: calls by flat argument names, and what is expected of each."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DTYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype(np.float32),
    2: np.dtype(np.float16),
    3: np.dtype(ml_dtypes.bfloat16),
    4: np.dtype(np.uint8),
    5: np.dtype(np.uint32),
    6: np.dtype(np.int32),
    7: np.dtype(np.int64),
}


@dataclass(frozen=True)
class Output:
    """One result: absent (dtype None), its contiguous bytes, or a bound around a reference."""

    name: str
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...] = ()
    data: bytes | None = None
    relative: float = 0.0
    of_r: float = 0.0
    reference: npt.NDArray[np.float64] | None = None
    r: npt.NDArray[np.float64] | None = None

    def problem(self, found: Any) -> str:
        """What is wrong with a result; empty when nothing is."""
        if self.dtype is None:
            return "" if found is None else f"{self.name} should be absent"
        if found is None:
            return f"{self.name} is absent"
        if found.dtype != self.dtype or found.shape != self.shape:
            expected = f"{self.dtype} {self.shape}"
            return f"{self.name} is {found.dtype} {found.shape}, expected {expected}"
        if self.data is not None:
            same = found.tobytes() == self.data
            return "" if same else f"{self.name} differs: {self._first_difference(found)}"
        return self._bound_problem(found.astype(np.float64))

    def _first_difference(self, found: Array) -> str:
        assert self.dtype is not None and self.data is not None
        expected = np.frombuffer(self.data, np.uint8).reshape(-1, self.dtype.itemsize)
        got = np.frombuffer(found.tobytes(), np.uint8).reshape(-1, self.dtype.itemsize)
        index = int(np.flatnonzero((expected != got).any(axis=1))[0])
        right, wrong = expected[index].tobytes().hex(), got[index].tobytes().hex()
        return f"element {index} is {wrong}, not {right}"

    def _bound_problem(self, found: npt.NDArray[np.float64]) -> str:
        assert self.reference is not None and self.r is not None
        ref = self.reference
        with np.errstate(invalid="ignore"):
            near = np.abs(found - ref) <= self.relative * np.abs(ref) + self.of_r * self.r
        good = np.where(np.isfinite(ref), near, (found == ref) | (np.isnan(found) & np.isnan(ref)))
        if good.all():
            return ""
        index = tuple(int(i) for i in np.argwhere(~good)[0])
        return f"{self.name}{index} is {found[index]}, reference {ref[index]}, R {self.r[index]}"


@dataclass(frozen=True)
class Error:
    """The error that is expected."""

    status: str
    rule: str
    argument: str


@dataclass(frozen=True)
class Case:
    """One call."""

    name: str
    op: str
    arguments: dict[str, Any]
    expected: tuple[Output, ...] | Error


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def bytes(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise ValueError(f"the file ends inside {count} bytes at {self.position}")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def one(self, code: str) -> Any:
        return struct.unpack("<" + code, self.bytes(struct.calcsize("<" + code)))[0]

    def many(self, code: str, count: int) -> tuple[Any, ...]:
        return tuple(self.one(code) for _ in range(count))

    def text(self) -> str:
        return self.bytes(self.one("H")).decode()

    def doubles(self, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self.bytes(8 * count), "<f8").reshape(shape)


def read_vectors(path: Path) -> list[Case]:
    """Every case of a file; ValueError where it is not one."""
    cursor = _Cursor(path.read_bytes())
    if cursor.bytes(8) != b"TBVEC001":
        raise ValueError(f"{path} is no vector file")
    cases = [_case(cursor) for _ in range(cursor.one("I"))]
    if cursor.position != len(cursor.data):
        raise ValueError(f"{path} goes on after its last case")
    return cases


def _case(cursor: _Cursor) -> Case:
    name, op = cursor.text(), cursor.text()
    arguments = {}
    for _ in range(cursor.one("H")):
        argument = cursor.text()
        arguments[argument] = _value(cursor)
    if cursor.one("B") == 1:
        return Case(name, op, arguments, Error(cursor.text(), cursor.text(), cursor.text()))
    return Case(name, op, arguments, tuple(_output(cursor) for _ in range(cursor.one("B"))))


def _value(cursor: _Cursor) -> Any:
    kind = cursor.one("B")
    if kind == 1:
        return _tensor(cursor)
    readers = {
        2: lambda: cursor.one("q"),
        3: lambda: cursor.one("d"),
        4: cursor.text,
        5: lambda: cursor.one("B") != 0,
    }
    return readers[kind]()


def _tensor(cursor: _Cursor) -> Array:
    """A read-only array that lies in memory as the file says."""
    dtype, ndim = DTYPES[cursor.one("B")], cursor.one("B")
    shape = cursor.many("q", ndim)
    strides = cursor.many("q", ndim) if cursor.one("B") else None
    offset = cursor.one("Q")
    data = cursor.bytes(cursor.one("Q"))
    if 0 in shape:
        return np.empty(shape, dtype)
    in_bytes = None if strides is None else tuple(stride * dtype.itemsize for stride in strides)
    return np.ndarray(shape, dtype, data, offset, in_bytes)


def _output(cursor: _Cursor) -> Output:
    name, number = cursor.text(), cursor.one("B")
    if number == 0:
        return Output(name, None)
    dtype, ndim = DTYPES[number], cursor.one("B")
    shape = cursor.many("q", ndim)
    if cursor.one("B") == 0:
        count = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        return Output(name, dtype, shape, cursor.bytes(count))
    relative, of_r = cursor.one("d"), cursor.one("d")
    reference = cursor.doubles(shape)
    return Output(name, dtype, shape, None, relative, of_r, reference, cursor.doubles(shape))
