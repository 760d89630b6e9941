# generated from codegen/schema/thinbit.yaml: do not edit
"""The element types that operands and results have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DType:
    """An element type: the number of the C ABI, and its size."""

    name: str
    value: int
    bits: int
    doc: str


DTYPES: Final[dict[str, DType]] = {
    "float32": DType("float32", 1, 32, "IEEE 754 binary32."),
    "float16": DType("float16", 2, 16, "IEEE 754 binary16."),
    "bfloat16": DType("bfloat16", 3, 16, "The upper half of a binary32."),
    "uint8": DType("uint8", 4, 8, "Bytes: E4M3 elements, E8M0 or E4M3 scales."),
    "uint32": DType("uint32", 5, 32, "Words of packed codes, and indices."),
    "int32": DType("int32", 6, 32, "Indices."),
    "int64": DType("int64", 7, 64, "Indices."),
}
"""Dtype name to dtype."""
