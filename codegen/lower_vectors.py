"""The conformance vectors: `tests/vectors/<op>.vectors`, what every language and backend has to do.

Calls come from the schema, results from the reference model, errors from the derived rules.
`codegen.vectors.file_format` describes the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.model import Op, Schema
from codegen.vectors import fp8_cases, gather_cases, matmul_cases, quantize_cases
from codegen.vectors.breaches import breaches
from codegen.vectors.case import Case
from codegen.vectors.file_format import Writer

FOLDER = "tests/vectors"

_CALLS: dict[str, Callable[[Schema, Op], Iterator[Case]]] = {
    "quantize": quantize_cases.quantize,
    "dequantize": quantize_cases.dequantize,
    "quantized_matmul": matmul_cases.cases,
    "quantized_addmm": matmul_cases.cases,
    "gather_qmm": gather_cases.cases,
    "qqmm": matmul_cases.cases,
    "qqaddmm": matmul_cases.cases,
    "gather_qqmm": gather_cases.cases,
    "to_fp8": fp8_cases.to_fp8,
    "from_fp8": fp8_cases.from_fp8,
}


def cases(schema: Schema, op: Op) -> list[Case]:
    """The calls of one op: those that succeed, then those that break a rule."""
    if op.name not in _CALLS:
        raise ValueError(f"{op.name} has no conformance vectors: add its calls to lower_vectors.py")
    return [*_CALLS[op.name](schema, op), *(broken.case for broken in breaches(schema, op))]


def lower(schema: Schema) -> dict[str, bytes]:
    """Every vector file: path to content."""
    writer = Writer(schema)
    return {f"{FOLDER}/{op.name}.vectors": writer.file(cases(schema, op)) for op in schema.ops}
