"""What a vector file holds, as values: calls by flat argument names, and what they have to give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
F64 = npt.NDArray[np.float64]
Value = Array | str | bool | int | float
Arguments = dict[str, Value]
"""Flat argument name to value; an argument that is absent is not there."""

Changes = Mapping[str, Value | None]
"""Arguments of which some may be None: absent."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """An array as it lies in memory: element 0 at `byte_offset` of `data`, strides in elements."""

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    byte_offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Absent:
    """An output that this call does not have."""

    name: str


@dataclass(frozen=True, slots=True)
class Exact:
    """An output whose bytes are known."""

    name: str
    value: Array


@dataclass(frozen=True, slots=True)
class Bounded:
    """An output within |out - ref| <= relative * |ref| + of_r * r, NaN exactly where ref is."""

    name: str
    dtype: str
    relative: float
    of_r: float
    ref: F64
    r: F64


@dataclass(frozen=True, slots=True)
class Failure:
    """The error that is expected."""

    status: str
    rule: str
    argument: str


Expectation = tuple[Absent | Exact | Bounded, ...] | Failure


@dataclass(frozen=True, slots=True)
class Case:
    """One call; `layout`, one of `codegen.vectors.layouts`, is how its arrays are stored."""

    name: str
    op: str
    arguments: Arguments
    expectation: Expectation
    layout: str = "contiguous"


def dtype_of(name: str) -> np.dtype[Any]:
    """The numpy dtype of a dtype of the schema."""
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def name_of(array: Array) -> str:
    """The schema's name of an array's dtype."""
    return array.dtype.name
