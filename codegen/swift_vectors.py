"""Calls by op name for the conformance vectors: the same flat arguments in every language."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.model import Op, Record, Schema
from codegen.naming import swift_label
from codegen.render import render
from codegen.swift_types import Parameter, parameter

READERS = {
    "tensor": "tensor",
    "int32": "integer",
    "float32": "number",
    "bool": "flag",
    "mode": "mode",
    "dtype": "dtype",
}
"""The method of `VectorArguments` for each type."""


@dataclass(frozen=True, slots=True)
class VectorCall:
    """One call: the op, the expression, and the expressions of its results by name."""

    op: str
    call: str
    results: str


def _value(item: Parameter) -> str:
    reader = READERS[item.source.type]
    if item.type.endswith("?"):
        return f'arguments.optional{reader.capitalize()}("{item.name}")'
    if item.default:
        return f'arguments.{reader}("{item.name}", default: {item.default.removeprefix(" = ")})'
    return f'arguments.{reader}("{item.name}")'


def _results(op: Op) -> str:
    if len(op.outputs) == 1:
        return f'[VectorOutput("{op.outputs[0].name}", result)]'
    items = [f'VectorOutput("{out.name}", result.{swift_label(out.name)})' for out in op.outputs]
    lines = "".join(f"      {item},\n" for item in items)
    return f"[\n{lines}    ]"


def _call(op: Op, values: list[str]) -> VectorCall:
    body = ",\n      ".join(values)
    return VectorCall(op.name, f"try {op.swift}(\n      {body})", _results(op))


def _flat_call(op: Op) -> VectorCall:
    items = [parameter(item) for item in op.flat_args]
    return _call(op, [item.passing(_value(item)) for item in items])


def _record_call(op: Op, record: Record) -> VectorCall:
    """The record is made of the flat arguments; what no flat argument of this op reaches is nil."""
    mode = next(p for f in op.flat_args if f.type == "mode" for p in [parameter(f)])
    by_field = {item.field.name: parameter(item) for item in op.flat_args if item.field is not None}
    order = ("packed", "scales", "biases", "group_size", "bits", "mode", "global_scale")
    known = {part.name for part in record.fields if part.type not in ("reserved", "handle")}
    if known != set(order):
        raise ValueError(
            f"{record.name}: QuantizedTensor's initializer knows {sorted(order)}, not {sorted(known)}"
        )
    parts = []
    for name in order:
        label = swift_label(name)
        if name not in by_field:
            parts.append(f"{label}: nil")
        elif name == "scales":
            parts.append(f'{label}: arguments.tensor("{by_field[name].name}")')
        else:
            parts.append(f"{label}: {_value(by_field[name] if name != 'mode' else mode)}")
    weight = "try QuantizedTensor(\n        " + ",\n        ".join(parts) + ")"
    values = []
    for item in op.flat_args:
        if item.field is None:
            values.append(parameter(item).passing(_value(parameter(item))))
        elif item.field.name == "packed":
            values.append(weight)
    return _call(op, values)


def vector_calls_file(schema: Schema) -> str:
    """VectorCalls.gen.swift."""
    return render(
        "swift/vector_calls.gen.swift.j2",
        flat=[_flat_call(op) for op in schema.ops],
        whole=[_record_call(op, op.record) for op in schema.ops if op.record is not None],
    )
