"""The Python package's generated modules, and the C shim under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codegen.cpp_expression import LoweringError
from codegen.expression import Name
from codegen.model import FlatArg, Op, Record, Schema
from codegen.naming import pascal, python_name
from codegen.python_docs import docstring
from codegen.python_numpy import numpy_calls
from codegen.python_shim import layout_facts, scalar_args, shim_files, tensor_args
from codegen.python_stub import primary, result_class, stub
from codegen.render import render

_RESERVED = ("out", "device", "stream", "context")


@dataclass(frozen=True, slots=True)
class PythonOp:
    """One op as the template prints it."""

    name: str
    constant: str
    inputs: str
    outputs: str
    primary: int
    result: str
    parameters: list[str]
    doc: list[str]
    body: list[str]


@dataclass(frozen=True, slots=True)
class ResultType:
    """A named tuple: the fields with the type variable of each."""

    name: str
    variables: list[str]
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A frozen dataclass with the fields of a record: name, type and doc of each."""

    name: str
    doc: str
    fields: list[tuple[str, str, str]]


def _quoted(names: list[str]) -> str:
    inner = ", ".join(f'"{name}"' for name in names)
    return f"({inner},)" if len(names) == 1 else f"({inner})"


def _parameter(flat: FlatArg) -> str:
    """A parameter with its default; the annotations stand in the stub."""
    name = python_name(flat.name)
    if flat.type == "mode":
        return f'{name}=_DefaultMode("{flat.default}")'
    if flat.default is not None:
        return f"{name}={flat.default!r}".replace("'", '"')
    if flat.required and (flat.field is None or flat.source.name == "packed"):
        return name
    return f"{name}=None"


def _parameters(op: Op) -> list[str]:
    operands = [_parameter(flat) for flat in op.flat_args if flat.operand]
    keywords = [_parameter(flat) for flat in op.flat_args if not flat.operand]
    return [*operands, "*", *keywords, *(f"{name}=None" for name in _RESERVED)]


def _scalar(op: Op, flat: FlatArg) -> str:
    name = python_name(flat.name)
    start = f'"{op.name}", "{flat.name}", {name}'
    if flat.type == "int32":
        mode = next((python_name(f.name) for f in op.flat_args if f.type == "mode"), "None")
        column = flat.source.one_of
        if not isinstance(column, Name) or column.parts[0] != "mode":
            raise LoweringError(f"{op.name}: {flat.name} is no column of the mode table")
        return f'_integer({start}, {mode}, "{column.parts[1]}")'
    if flat.type == "mode":
        return f"_mode({start}, {_quoted([mode.name for mode in op.modes])})"
    if flat.type == "dtype":
        return f"_dtype({start}, {_quoted(list(flat.source.one_of or ()))})"  # type: ignore[arg-type]
    return {"bool": "_boolean", "float32": "_real"}[flat.type] + f"({start})"


def _spread(op: Op) -> list[str]:
    """Takes a QuantizedTensor apart."""
    if op.record is None or op.record_arg is None:
        return []
    parts = [flat for flat in op.flat_args if flat.field is not None]
    packed = next(python_name(flat.name) for flat in parts if flat.source.name == "packed")
    given = [flat for flat in parts if flat.source.name != "packed"]
    lines = [f"    if isinstance({packed}, _QuantizedTensorFields):"]
    lines.append("        _forbid(")
    lines.append(f'            "{op.name}",')
    lines.append(f'            "{packed}",')
    lines += [f'            ("{flat.name}", {python_name(flat.name)}),' for flat in given]
    lines.append("        )")
    # The record itself is read last: its name becomes that of the packed array.
    ordered = [*given, *(flat for flat in parts if flat.source.name == "packed")]
    lines += [f"        {python_name(flat.name)} = {packed}.{flat.source.name}" for flat in ordered]
    return lines


def _direct(op: Op, tensors: list[str]) -> list[str]:
    """Tries the way of numpy's arrays."""
    given = [*tensors, *(python_name(flat.name) for flat in scalar_args(op)), "out", "context"]
    result = "result" if len(op.outputs) == 1 else f"_{result_class(op)}(*result)"
    return [
        "    if device is None and stream is None:",
        f"        result = _numpy_calls.{op.name}(",
        *(f"            {name}," for name in given),
        "        )",
        "        if result is not None:",
        f"            return {result}",
    ]


def _body(op: Op) -> list[str]:
    tensors = [python_name(flat.name) for flat in tensor_args(op)]
    lines = _direct(op, tensors)
    lines += _spread(op)
    lines.append("    return _run(")
    lines.append(f"        _operations.{op.name.upper()},")
    lines.append(f"        ({', '.join(tensors)}{',' if len(tensors) == 1 else ''}),")
    # The mode is converted first: what is wrong with it explains what is wrong with the rest.
    scalars = [_scalar(op, flat) for flat in scalar_args(op)]
    lines += (
        ["        (", *(f"            {scalar}," for scalar in scalars), "        ),"]
        if scalars
        else ["        (),"]
    )
    lines += [f"        {name}," for name in _RESERVED]
    lines.append("    )")
    return lines


def _op(schema: Schema, op: Op) -> PythonOp:
    if clash := sorted({flat.name for flat in op.flat_args} & set(_RESERVED)):
        raise LoweringError(
            f"{op.name}: {', '.join(clash)} is a parameter that every Python function has"
        )
    tensors = [flat.name for flat in tensor_args(op)]
    return PythonOp(
        name=op.name,
        constant=op.name.upper(),
        inputs=_quoted(tensors),
        outputs=_quoted([out.name for out in op.outputs]),
        primary=tensors.index(primary(op).name),
        result=result_class(op) if len(op.outputs) > 1 else "None",
        parameters=_parameters(op),
        doc=docstring(schema, op),
        body=_body(op),
    )


def _result(schema: Schema, op: Op) -> ResultType:
    variables, fields = ["ArrayT_co"], []
    for out in op.outputs:
        variable = "ArrayT_co"
        if out.present_if is not None:
            variable = f"{out.name.capitalize()}T_co"
            variables.append(variable)
        fields.append((python_name(out.name), variable, out.doc))
    return ResultType(result_class(op), variables, fields)


def _record(record: Record) -> RecordType:
    types = {"tensor": "Any", "mode": "str", "int32": "int"}
    fields = []
    for part in record.fields:
        if part.type in ("reserved", "handle"):
            continue
        optional = " | None" if part.nullable else ""
        fields.append((python_name(part.name), types[part.type] + optional, part.doc))
    return RecordType(f"{pascal(record.name)}Fields", record.doc, fields)


def lower(schema: Schema) -> dict[str, str]:
    """Every file of `thinbit._generated`, the shim and its declarations."""
    shim = shim_files(schema)
    shim["bindings/python/native/numpy_calls.gen.c"] = numpy_calls(schema)
    ops = [_op(schema, op) for op in schema.ops]
    results = [_result(schema, op) for op in schema.ops if len(op.outputs) > 1]
    variables = sorted({name for result in results for name in result.variables})
    values: dict[str, dict[str, Any]] = {
        "__init__.py": {},
        "backends.py": {"backends": schema.backends},
        "dtypes.py": {"dtypes": schema.dtypes},
        "layout.py": {
            "abi_version": schema.abi_version,
            "digest": schema.digest,
            "facts": layout_facts(schema),
        },
        "modes.py": {"modes": schema.modes},
        "operations.py": {"ops": ops, "results": results},
        "ops.py": {"ops": ops, "results": results},
        "ops.pyi": {"stubs": [stub(op) for op in schema.ops], "results": results},
        "records.py": {"records": [_record(record) for record in schema.records]},
        "results.py": {"results": results, "variables": variables},
        "statuses.py": {"statuses": schema.statuses},
    }
    package = "bindings/python/thinbit/_generated"
    files = {
        f"{package}/{name}": render(f"python/{name}.j2", **given) for name, given in values.items()
    }
    return files | shim
