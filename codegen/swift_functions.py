"""The public Swift functions: with flat operands, with a whole record, and one for each mode."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.expression import Name
from codegen.model import Arg, Mode, Op, Record, Schema
from codegen.naming import swift_label
from codegen.swift_call import call_parameters, outputs_of, result_type, signature, spread, tuple_of
from codegen.swift_docs import function_doc, result_text
from codegen.swift_types import (
    Parameter,
    UnboundArgument,
    case_name,
    context_parameter,
    local_name,
    mode_suffix,
    parameter,
    record_class,
    record_parameter,
    setting_arguments,
)


@dataclass(frozen=True, slots=True)
class Function:
    """A public function that ends in another one: its text before the body, and the body."""

    doc: str
    signature: str
    body: list[str]


def _record_initializer(op: Op, record: Record, flat: list[Parameter]) -> list[str]:
    """Lines that make the record of flat operands; every field has a value, or this raises."""
    by_field = {
        item.field.name: value
        for item, value in zip(op.flat_args, flat, strict=True)
        if item.field is not None
    }
    lines: list[str] = []
    arguments: list[str] = []
    for part in record.fields:
        if part.type in ("reserved", "handle"):
            continue
        label = swift_label(part.name)
        if part.name not in by_field:
            if op.can_be_present(part) or not part.nullable:
                raise UnboundArgument(op.name, part.name)
            arguments.append(f"{label}: nil")
            continue
        item = by_field[part.name]
        if part.type == "int32":
            if "mode" not in by_field:
                raise UnboundArgument(op.name, "mode")
            mode = by_field["mode"].local
            lines += spread(f"let {item.local} = try setting", setting_arguments(op, item, mode))
        arguments.append(f"{label}: {item.local}")
    return [*lines, *spread(f"let record = {record_class(record.name)}", arguments)]


def _forward(op: Op, values: dict[str, str]) -> list[str]:
    items = [*call_parameters(op), context_parameter()]
    arguments = [item.passing(values.get(item.name, item.local)) for item in items]
    return spread("return try call", arguments)


def flat_function(schema: Schema, op: Op) -> Function:
    """The function that takes every operand on its own."""
    flat = [parameter(item) for item in op.flat_args]
    parameters = [*flat, context_parameter()]
    body: list[str] = []
    values: dict[str, str] = {}
    if op.record is not None and op.record_arg is not None:
        body = _record_initializer(op, op.record, flat)
        values[op.record_arg.name] = "record"
    body += _forward(op, values)
    returns = result_text(schema, op, op.outputs)
    return Function(
        function_doc(schema, op, parameters, returns, op.doc, op.detail),
        signature("public", op.swift, parameters, result_type(outputs_of(op))),
        body,
    )


def record_function(schema: Schema, op: Op, record_arg: Arg) -> Function:
    """The overload that takes a whole record in place of its parts."""
    parameters: list[Parameter] = []
    for item in op.flat_args:
        if item.field is None:
            parameters.append(parameter(item))
        elif item.field.name == "packed":
            parameters.append(record_parameter(record_arg))
    parameters.append(context_parameter())
    values = {record_arg.name: f"{local_name(record_arg.name)}.record"}
    return Function(
        function_doc(
            schema, op, parameters, result_text(schema, op, op.outputs), op.doc, op.detail
        ),
        signature("public", op.swift, parameters, result_type(outputs_of(op))),
        _forward(op, values),
    )


def _mode_parameter(item: Parameter, mode: Mode) -> bool:
    """Whether a mode leaves this parameter a choice."""
    condition = item.source.present_if or item.source.allowed_if
    if condition is not None and not mode.holds(condition):
        return False
    if item.source.type == "mode":
        return False
    match item.source.one_of:
        case Name(("mode", column)):
            return len(getattr(mode, column)) > 1
        case _:
            return True


def mode_function(schema: Schema, op: Op, mode: Mode) -> Function:
    """The entry of one mode: exactly its results, and only the parameters that it leaves a choice."""
    parameters, arguments = [], []
    for item in map(parameter, op.flat_args):
        if item.source.type == "mode":
            arguments.append(item.passing(case_name(mode.name)))
        elif _mode_parameter(item, mode):
            parameters.append(item)
            arguments.append(item.argument)
    parameters.append(context_parameter())
    arguments.append(context_parameter().argument)
    present = [
        (arg, out)
        for arg, out in zip(op.outputs, outputs_of(op), strict=True)
        if arg.present_if is None or mode.holds(arg.present_if)
    ]
    lines = spread(f"let result = try {op.swift}", arguments)
    results = []
    for arg, out in present:
        value = f"result.{out.label}"
        if arg.nullable:
            lines.append(f'let {out.local} = try present({value}, of: "{op.name}", "{arg.name}")')
            value = out.local
        results.append(value)
    lines.append(f"return {tuple_of(results)}")
    kinds = tuple_of([f"{out.label}: Tensor" for _, out in present])
    encoding = f"{mode.doc} Element: {mode.element}. Scale: {mode.scale}."
    returns = result_text(schema, op, tuple(arg for arg, _ in present))
    summary = f"{op.doc.removesuffix('.')}, in the mode `{mode.name}`."
    return Function(
        function_doc(schema, op, parameters, returns, summary, encoding, op.detail),
        signature("public", f"{op.swift}{mode_suffix(mode.name)}", parameters, kinds),
        lines,
    )
