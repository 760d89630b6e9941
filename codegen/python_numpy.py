"""The C that takes calls with numpy's arrays straight to the library: one function for each op."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.cpp_expression import LoweringError
from codegen.model import FlatArg, Op, Record, Schema
from codegen.naming import c_name
from codegen.python_shim import SCALARS, Binder, scalar_args, tensor_args
from codegen.render import render

_ZERO = {"float": "0.0f", "int32_t": "0"}


@dataclass(frozen=True, slots=True)
class NumpyOp:
    """One op as the template prints it; `own`, `parts` and `no_parts` are conditions."""

    name: str
    count: int
    operands: int
    inputs: int
    outputs: int
    scalars: list[str]
    weight: str
    own: list[str]
    no_parts: list[str]
    parts: list[str]
    out: str
    out_taken: str
    context: str
    record_types: list[str]
    record: list[str]
    params: list[str]
    bound: list[str]


@dataclass(frozen=True, slots=True)
class NumpyRecord:
    """A record as the template prints it: what is read, and how its fields are set."""

    name: str
    count: int
    tensors: int
    scalars: list[str]
    conditions: list[str]
    fields: list[str]


def positions(op: Op) -> dict[str, int]:
    """Where the function finds each argument: tensors, settings, then out and context."""
    names = [flat.name for flat in (*tensor_args(op), *scalar_args(op))]
    return {name: i for i, name in enumerate((*names, "out", "context"))}


def _read(flat_type: str, name: str, index: int, tensor: int | None) -> str:
    if tensor is not None:
        return f"read_input(args[{index}], &storage[{tensor}], &tensor[{tensor}])"
    kind = {"float32": "float32", "int32": "int32"}.get(flat_type, flat_type)
    return f"read_{kind}(args[{index}], &arg_{name})"


def _op(op: Op) -> NumpyOp:
    index, tensors = positions(op), [flat.name for flat in tensor_args(op)]

    def read(flat: FlatArg) -> str:
        tensor = tensors.index(flat.name) if flat.is_tensor else None
        return _read(flat.type, flat.name, index[flat.name], tensor)

    flats = op.flat_args
    parts = [flat for flat in flats if flat.field is not None]
    packed = next((flat for flat in parts if flat.source.name == "packed"), None)
    others = [flat for flat in parts if flat is not packed]
    structs = Binder(op).structs()
    params = structs[-1].fields
    if op.record_arg is not None:
        whole = f".{c_name(op.record_arg.name)} = &record_{op.record_arg.name}"
        given = f".{c_name(op.record_arg.name)} = parts != NULL ? &parts->record : &record"
        if whole not in params:
            raise LoweringError(f"{op.name}: the params do not hold {op.record_arg.name}")
        params = [given if field == whole else field for field in params]
    out, inputs = f"args[{index['out']}]", len(tensors)
    several = len(op.outputs) > 1
    return NumpyOp(
        name=op.name,
        count=len(index),
        operands=inputs + len(op.outputs),
        inputs=inputs,
        outputs=len(op.outputs),
        scalars=[
            f"{SCALARS[flat.type]} arg_{flat.name} = {_ZERO[SCALARS[flat.type]]};"
            for flat in scalar_args(op)
        ],
        weight="NULL" if packed is None else f"prepared_of(args[{index[packed.name]}])",
        own=[read(flat) for flat in flats if flat.field is None],
        no_parts=[f"is_absent(args[{index[flat.name]}])" for flat in others],
        parts=[read(flat) for flat in parts],
        out=out,
        # A tuple of results is taken apart in Python.
        out_taken="false"
        if several
        else f"read_output({out}, &storage[{inputs}], &tensor[{inputs}])",
        context=f"args[{index['context']}]",
        record_types=[] if op.record is None else [op.record.name],
        record=structs[0].fields if len(structs) > 1 else [],
        params=params,
        bound=[
            f"params.{c_name(output.name)} = tensor[{inputs + i}];"
            for i, output in enumerate(op.outputs)
        ],
    )


def _record(record: Record) -> NumpyRecord:
    tensors = [part for part in record.fields if part.type == "tensor"]
    settings = [part for part in record.fields if part.type in SCALARS]
    conditions, fields = [], []
    for i, part in enumerate(tensors):
        conditions.append(f"read_input(args[{i}], &parts->storage[{i}], &tensor[{i}])")
        fields.append(f".{c_name(part.name)} = tensor[{i}]")
    for i, part in enumerate(settings):
        conditions.append(f"read_{part.type}(args[{len(tensors) + i}], &arg_{part.name})")
        fields.append(f".{c_name(part.name)} = arg_{part.name}")
    known = {*tensors, *settings}
    for part in record.fields:
        if part not in known and part.type not in ("reserved", "handle"):
            raise LoweringError(f"{record.name}: {part.name} has the type {part.type}")
    return NumpyRecord(
        name=record.name,
        count=len(tensors) + len(settings),
        tensors=len(tensors),
        scalars=[f"{SCALARS[part.type]} arg_{part.name} = 0;" for part in settings],
        conditions=conditions,
        fields=fields,
    )


def numpy_calls(schema: Schema) -> str:
    """The functions, and the table that the module is made with."""
    return render(
        "python/numpy_calls.gen.c.j2",
        dtypes=schema.dtypes,
        ops=[_op(op) for op in schema.ops],
        records=[_record(record) for record in schema.records],
    )
