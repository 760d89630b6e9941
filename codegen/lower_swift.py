"""The Swift package's generated part: functions, enums, the record, and the calls of the vectors.

Every op becomes a function with flat operands, one with a `QuantizedTensor` in their place, and, where the mode decides
which results there are, one for each mode with exactly that mode's results (`quantizedAffine`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.c_types import CField, params_struct, record_struct
from codegen.model import Arg, Mode, Op, Record, Schema
from codegen.naming import c_name, swift_label
from codegen.render import render
from codegen.swift_docs import function_doc, result_text
from codegen.swift_enums import enums_file
from codegen.swift_types import (
    Parameter,
    UnboundArgument,
    c_value,
    case_name,
    context_parameter,
    local_name,
    member,
    member_label,
    mode_suffix,
    parameter,
    record_class,
    record_parameter,
    setting_call,
)
from codegen.swift_vectors import vector_calls_file

SOURCES = "bindings/swift/Sources/Thinbit/Generated"


@dataclass(frozen=True, slots=True)
class Function:
    """A public function that ends in another one: its text before the body, and the body."""

    doc: str
    signature: str
    body: list[str]


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


def _output(op: Op, index: int, out: Arg, field: CField) -> Output:
    local = f"{local_name(out.name)}Result" if out.name in op.signature else local_name(out.name)
    if out.nullable:
        make = f"try Tensor.optional(infos[{index}])"
        return Output(local, member(field), make, swift_label(out.name), "Tensor?", f"{local}?.descriptor")
    make = f"try Tensor(infos[{index}])"
    return Output(local, member(field), make, swift_label(out.name), "Tensor", f"{local}.descriptor")


def _outputs(op: Op) -> list[Output]:
    fields = {field.name: field for field in params_struct(op).fields}
    return [_output(op, i, out, fields[c_name(out.name)]) for i, out in enumerate(op.outputs)]


def result_type(outputs: list[Output]) -> str:
    """`Tensor`, or a labelled tuple."""
    if len(outputs) == 1:
        return outputs[0].type
    return f"({', '.join(f'{out.label}: {out.type}' for out in outputs)})"


def _tuple(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def _call_parameters(op: Op) -> list[Parameter]:
    """The parameters of the private function: the inputs in the order of C, every one labelled."""
    found: list[Parameter] = []
    flat = {item.name: item for item in op.flat_args if item.field is None}
    for arg in op.inputs:
        if op.record is not None and arg is op.record_arg:
            kind = record_class(op.record.name)
            found.append(Parameter(arg.name, swift_label(arg.name), local_name(arg.name), kind, "", arg))
            continue
        item = parameter(flat[arg.name])
        found.append(Parameter(item.name, swift_label(item.name), item.local, item.type, "", arg))
    return found


def _bound_fields(op: Op, parameters: list[Parameter]) -> str:
    """The arguments of the params struct's initializer; every field has one, or this raises."""
    values = {
        c_name(item.name): item.local if _is_setting(item) else c_value(op, item)
        for item in parameters
    }
    values |= {c_name(out.name): "nil" for out in op.outputs}
    values |= {c_name(arg.name): "0" for arg in op.args if arg.type == "reserved"}
    struct = params_struct(op)
    values["struct_size"] = f"UInt64(MemoryLayout<{struct.name}>.size)"
    lines = []
    for field in struct.fields:
        if field.name not in values:
            raise UnboundArgument(f"{op.name}: nothing in Swift reaches {field.name} of {struct.name}")
        lines.append(f"    {member_label(field)}: {values[field.name]}")
    return ",\n".join(lines)


def _is_setting(item: Parameter) -> bool:
    return item.source.type == "int32"


def _call(op: Op) -> Call:
    parameters = _call_parameters(op)
    outputs = _outputs(op)
    settings = [
        f"let {item.local} = {c_value(op, item)}" for item in parameters if _is_setting(item)
    ]
    kept = [item.local for item in parameters if item.source.type not in ("bool", "float32", "int32", "mode", "dtype")]
    declared = [*parameters, replace(context_parameter(), default="")]
    return Call(
        signature=signature("private", "call", declared, result_type(outputs)),
        settings=settings,
        kept=", ".join(kept),
        fields=_bound_fields(op, parameters),
        outputs=outputs,
        result=_tuple([out.local for out in outputs]),
    )


def _record_initializer(op: Op, record: Record, flat: list[Parameter]) -> list[str]:
    """Lines that make the record of flat operands; every field has a value, or this raises."""
    by_field = {
        item.field.name: value
        for item, value in zip(op.flat_args, flat, strict=True)
        if item.field is not None
    }
    mode = by_field["mode"].local
    lines, arguments = [], []
    for part in record.fields:
        if part.type in ("reserved", "handle"):
            continue
        label = swift_label(part.name)
        if part.name not in by_field:
            if op.can_be_present(part) or not part.nullable:
                raise UnboundArgument(f"{op.name}: no flat argument reaches {part.name}")
            arguments.append(f"{label}: nil")
            continue
        item = by_field[part.name]
        if part.type == "int32":
            lines.append(f"let {item.local} = {setting_call(op, item, mode)}")
        arguments.append(f"{label}: {item.local}")
    head = f"let record = {record_class(record.name)}("
    return [*lines, head, *(f"  {text}," for text in arguments[:-1]), f"  {arguments[-1]})"]


def _forward(op: Op, values: dict[str, str]) -> str:
    items = [*_call_parameters(op), context_parameter()]
    arguments = [item.passing(values.get(item.name, item.local)) for item in items]
    return f"return try call({', '.join(arguments)})"


def _flat_function(schema: Schema, op: Op) -> Function:
    flat = [parameter(item) for item in op.flat_args]
    parameters = [*flat, context_parameter()]
    body: list[str] = []
    values: dict[str, str] = {}
    if op.record is not None and op.record_arg is not None:
        body = _record_initializer(op, op.record, flat)
        values[op.record_arg.name] = "record"
    body.append(_forward(op, values))
    returns = result_text(schema, op, op.outputs)
    return Function(
        function_doc(schema, op, parameters, returns, op.doc, op.detail),
        signature("public", op.swift, parameters, result_type(_outputs(op))),
        body,
    )


def _record_function(schema: Schema, op: Op, record_arg: Arg) -> Function:
    parameters: list[Parameter] = []
    for item in op.flat_args:
        if item.field is None:
            parameters.append(parameter(item))
        elif item.field.name == "packed":
            parameters.append(record_parameter(record_arg))
    parameters.append(context_parameter())
    values = {record_arg.name: f"{local_name(record_arg.name)}.record"}
    return Function(
        function_doc(schema, op, parameters, result_text(schema, op, op.outputs), op.doc, op.detail),
        signature("public", op.swift, parameters, result_type(_outputs(op))),
        [_forward(op, values)],
    )


def _mode_parameter(item: Parameter, mode: Mode) -> bool:
    """Whether a mode leaves this parameter a choice."""
    condition = item.source.present_if or item.source.allowed_if
    if condition is not None and not mode.holds(condition):
        return False
    if item.source.type == "mode":
        return False
    if item.source.type == "int32" and item.default == " = nil":
        return len(mode.bits if item.name == "bits" else mode.group_sizes) > 1
    return True


def _mode_function(schema: Schema, op: Op, mode: Mode) -> Function:
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
        for arg, out in zip(op.outputs, _outputs(op), strict=True)
        if arg.present_if is None or mode.holds(arg.present_if)
    ]
    lines = [f"let result = try {op.swift}({', '.join(arguments)})"]
    results = []
    for arg, out in present:
        value = f"result.{out.label}"
        if arg.nullable:
            lines.append(f'let {out.local} = try present({value}, of: "{op.name}", "{arg.name}")')
            value = out.local
        results.append(value)
    lines.append(f"return {_tuple(results)}")
    kinds = _tuple([f"{out.label}: Tensor" for _, out in present])
    encoding = f"{mode.doc} Element: {mode.element}. Scale: {mode.scale}."
    returns = result_text(schema, op, tuple(arg for arg, _ in present))
    summary = f"{op.doc.removesuffix('.')}, in the mode `{mode.name}`."
    return Function(
        function_doc(schema, op, parameters, returns, summary, encoding, op.detail),
        signature("public", f"{op.swift}{mode_suffix(mode.name)}", parameters, kinds),
        lines,
    )


def _op_file(schema: Schema, op: Op) -> str:
    functions = [_flat_function(schema, op)]
    if op.record_arg is not None:
        functions.append(_record_function(schema, op, op.record_arg))
    if any(out.present_if is not None for out in op.outputs):
        functions += [_mode_function(schema, op, mode) for mode in op.modes]
    return render(
        "swift/op.gen.swift.j2",
        op=op.name,
        functions=functions,
        call=_call(op),
        outputs=len(op.outputs),
    )


def _record_file(record: Record) -> str:
    struct = record_struct(record)
    kinds = {"tensor": "Tensor", "mode": "QuantizationMode", "int32": "Int32"}
    parameters, assignments, kept = [], [], []
    parts = {c_name(part.name): part for part in record.fields}
    for field in struct.fields:
        part = parts.get(field.name)
        if part is None or part.type in ("reserved", "handle"):
            continue  # struct_size is set by the template; reserved and handles stay zero
        if part.type not in kinds:
            raise UnboundArgument(f"{record.name}: nothing in Swift reaches {field.name}")
        local, target = local_name(part.name), member(field)
        if part.type == "tensor":
            optional = part.name != "packed"
            parameters.append(f"{local}: Tensor{'?' if optional else ''}")
            kept.append(local)
            value = f"if let {local} {{ unsafe pointer.pointee.{target} = {local}.descriptor }}"
            assignments.append(value if optional else f"unsafe pointer.pointee.{target} = {local}.descriptor")
        else:
            parameters.append(f"{local}: {kinds[part.type]}")
            value = f"{local}.code" if part.type == "mode" else local
            assignments.append(f"unsafe pointer.pointee.{target} = {value}")
    return render(
        "swift/record.gen.swift.j2",
        name=record.name,
        swift=record_class(record.name),
        struct=struct.name,
        parameters=",\n    ".join(parameters),
        assignments=assignments,
        kept=", ".join(kept),
    )


def lower(schema: Schema) -> dict[str, str]:
    """Every generated file of the Swift package."""
    files = {f"{SOURCES}/Enums.gen.swift": enums_file(schema)}
    for record in schema.records:
        files[f"{SOURCES}/{record_class(record.name)}.gen.swift"] = _record_file(record)
    for op in schema.ops:
        name = op.swift[0].upper() + op.swift[1:]
        files[f"{SOURCES}/{name}.gen.swift"] = _op_file(schema, op)
    path = "bindings/swift/Sources/ThinbitTestSupport/Generated/VectorCalls.gen.swift"
    files[path] = vector_calls_file(schema)
    return files
