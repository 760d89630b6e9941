"""The private Swift function that makes an op's C call: every field of the params struct is bound here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.c_types import CField, params_struct
from codegen.model import Arg, Op
from codegen.naming import c_name, swift_label
from codegen.swift_types import (
    Parameter,
    UnboundArgument,
    c_value,
    context_parameter,
    integer_check,
    local_name,
    member,
    member_label,
    parameter,
    record_class,
)


@dataclass(frozen=True, slots=True)
class Output:
    """A result: its local name, its place in the C struct, and how it is made of the inferred shape."""

    local: str
    member: str
    make: str
    label: str
    type: str
    descriptor: str


@dataclass(frozen=True, slots=True)
class Call:
    """The private function that makes the C call."""

    signature: str
    settings: list[str]
    kept: str
    fields: str
    infos: str
    outputs: list[Output]
    result: str


def signature(access: str, name: str, parameters: list[Parameter], result: str) -> str:
    """The head of a function, on one line where it fits."""
    declarations = [item.declaration for item in parameters]
    tail = f") throws(ThinbitError) -> {result} {{"
    one_line = f"{access} func {name}({', '.join(declarations)}{tail}"
    if len(one_line) <= 100:
        return one_line
    body = ",\n  ".join(declarations)
    return f"{access} func {name}(\n  {body}\n{tail}"


def spread(head: str, arguments: list[str]) -> list[str]:
    """A call inside a function: one line where it fits, else a line for each argument."""
    one_line = f"{head}({', '.join(arguments)})"
    if len(one_line) + len("  ") <= 100:
        return [one_line]
    return [f"{head}(", *(f"  {text}," for text in arguments[:-1]), f"  {arguments[-1]})"]


def _output(op: Op, index: int, out: Arg, field: CField) -> Output:
    local = f"{local_name(out.name)}Result" if out.name in op.signature else local_name(out.name)
    info = f"infos.{index}" if len(op.outputs) > 1 else "infos"
    if out.nullable:
        make = f"try Tensor.optional({info})"
        return Output(
            local, member(field), make, swift_label(out.name), "Tensor?", f"{local}?.descriptor"
        )
    make = f"try Tensor({info})"
    return Output(
        local, member(field), make, swift_label(out.name), "Tensor", f"{local}.descriptor"
    )


def outputs_of(op: Op) -> list[Output]:
    """The results, in order."""
    fields = {field.name: field for field in params_struct(op).fields}
    return [_output(op, i, out, fields[c_name(out.name)]) for i, out in enumerate(op.outputs)]


def result_type(outputs: list[Output]) -> str:
    """`Tensor`, or a labelled tuple."""
    if len(outputs) == 1:
        return outputs[0].type
    return f"({', '.join(f'{out.label}: {out.type}' for out in outputs)})"


def tuple_of(values: list[str]) -> str:
    """One value as it is, several in parentheses."""
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def call_parameters(op: Op) -> list[Parameter]:
    """The parameters of the private function: the inputs in the order of C, every one labelled."""
    found: list[Parameter] = []
    flat = {item.name: item for item in op.flat_args if item.field is None}
    for arg in op.inputs:
        if op.record is not None and arg is op.record_arg:
            kind = record_class(op.record.name)
            found.append(
                Parameter(arg.name, swift_label(arg.name), local_name(arg.name), kind, "", arg)
            )
            continue
        if arg.name not in flat:
            raise UnboundArgument(op.name, arg.name)
        item = parameter(flat[arg.name])
        found.append(Parameter(item.name, swift_label(item.name), item.local, item.type, "", arg))
    return found


def _bound_fields(op: Op, parameters: list[Parameter]) -> str:
    """The arguments of the params struct's initializer; every field has one, or this raises."""
    values = {c_name(item.name): c_value(item) for item in parameters}
    values |= {c_name(out.name): "nil" for out in op.outputs}
    values |= {c_name(arg.name): "0" for arg in op.args if arg.type == "reserved"}
    struct = params_struct(op)
    values["struct_size"] = f"UInt64(MemoryLayout<{struct.name}>.size)"
    lines = []
    for field in struct.fields:
        if field.name not in values:
            raise UnboundArgument(op.name, field.name)
        lines.append(f"    {member_label(field)}: {values[field.name]}")
    return ",\n".join(lines)


def _is_setting(item: Parameter) -> bool:
    return item.source.type == "int32"


def call_of(op: Op) -> Call:
    """What the template prints for one op."""
    parameters = call_parameters(op)
    outputs = outputs_of(op)
    settings: list[str] = []
    for item in parameters:
        if _is_setting(item):
            check, arguments = integer_check(op, item)
            settings += spread(f"let {item.local} = try {check}", arguments)
    kept = [
        item.local
        for item in parameters
        if item.source.type not in ("bool", "float32", "int32", "mode", "dtype")
    ]
    declared = [*parameters, replace(context_parameter(), default="")]
    return Call(
        signature=signature("private", "call", declared, result_type(outputs)),
        settings=settings,
        kept=tuple_of(kept),
        fields=_bound_fields(op, parameters),
        infos=tuple_of(["thinbit_tensor_info()"] * len(outputs)),
        outputs=outputs,
        result=tuple_of([out.local for out in outputs]),
    )
