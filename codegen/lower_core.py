"""The core's generated C++: tables, resolved calls, the backend table, every op's checks."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.cpp_expression import LoweringError, dtype_set, mode_constant
from codegen.model import Arg, Backend, Op, Schema
from codegen.naming import c_name, macro, pascal
from codegen.op_checks import call_dims, op_lines
from codegen.record_checks import record_lines, record_names
from codegen.render import render

VIEW_TYPES = {"quantized_tensor": "QuantizedView", "tensor": "TensorView"}
_SCALARS = {
    "mode": ("Mode", " = Mode::kUnset"),
    "dtype": ("DType", " = DType::kUnset"),
    "int32": ("int32_t", " = 0"),
    "bool": ("bool", " = false"),
    "float32": ("float", " = 0.0f"),
}


@dataclass(frozen=True, slots=True)
class CallField:
    """A member of a resolved call."""

    type: str
    name: str
    initial: str
    comment: str


def _call_field(op: Op, arg: Arg) -> CallField:
    if arg.type in _SCALARS:
        c_type, initial = _SCALARS[arg.type]
        return CallField(c_type, c_name(arg.name), initial, "")
    if arg.type not in VIEW_TYPES:
        raise LoweringError(f"{op.name}.{arg.name}: the core has no view of a {arg.type}")
    rule = arg.view or ""
    comment = f"  // {rule}" if rule else ""
    return CallField(VIEW_TYPES[arg.type], c_name(arg.name), "", comment)


def _call_fields(op: Op) -> list[CallField]:
    fields = [_call_field(op, arg) for arg in op.args if arg.type != "reserved"]
    return fields + [CallField("int64_t", dim, " = 0", "") for dim in call_dims(op)]


@dataclass(frozen=True, slots=True)
class OpCode:
    """An op as the templates print it."""

    name: str
    doc: str
    type: str
    call: str
    fields: list[CallField]
    outputs: int
    finite_argument: str
    lines: list[str]


def _op(schema: Schema, op: Op) -> OpCode:
    finite = [
        arg.name
        for arg in op.inputs
        if arg.accepts_float or (arg.type == "tensor" and arg.value == "finite")
    ]
    return OpCode(
        name=op.name,
        doc=op.doc,
        type=f"{pascal(op.name)}Op",
        call=f"{pascal(op.name)}Call",
        fields=_call_fields(op),
        outputs=len(op.outputs),
        finite_argument=finite[0] if finite else "",
        lines=op_lines(schema, op),
    )


def _choices(values: tuple[int, ...]) -> str:
    return f"{{{len(values)}, {{{', '.join(str(value) for value in values)}}}}}"


def _tables(schema: Schema) -> str:
    dtypes = [
        {
            "constant": f"k{pascal(d.name)}",
            "name": d.name,
            "value": d.value,
            "dlpack_code": d.dlpack_code,
            "bits": d.bits,
        }
        for d in schema.dtypes
    ]
    modes = [
        {
            "constant": mode_constant(m.name).removeprefix("Mode::"),
            "name": m.name,
            "value": m.value,
            "has_bias": str(m.has_bias).lower(),
            "has_global_scale": str(m.has_global_scale).lower(),
            "scale_dtypes": dtype_set(m.scale_dtypes),
            "default_bits": m.default_bits,
            "default_group_size": m.default_group_size,
            "bits": _choices(m.bits),
            "group_sizes": _choices(m.group_sizes),
        }
        for m in schema.modes
    ]
    most = max(len(values) for m in schema.modes for values in (m.bits, m.group_sizes))
    return render(
        "core/tables.gen.h.j2",
        dtypes=dtypes,
        modes=modes,
        most_choices=most,
        backends=schema.backends,
    )


@dataclass(frozen=True, slots=True)
class RecordCode:
    """A record as the templates print it."""

    name: str
    rules: str
    view: str
    names: tuple[str, ...]
    lines: list[str]


@dataclass(frozen=True, slots=True)
class KernelTable:
    """A backend's kernels as the template prints them: a slot for every op, null where undeclared."""

    name: str
    type: str
    constant: str
    place: str
    forward: str
    declared: list[OpCode]
    slots: list[str]


def _kernel_table(schema: Schema, backend: Backend, ops: list[OpCode]) -> KernelTable:
    can = {op.name for op in schema.ops if backend.name in dict(op.backends)}
    session = f"{backend.name}::Session"
    return KernelTable(
        name=backend.name,
        type=f"BackendOf<{session}>" if backend.plugin else "Backend",
        constant=f"k{pascal(backend.name)}Backend",
        place="Session& session" if backend.plugin else "Context& context",
        forward="class Session;\n\n" if backend.plugin else "",
        declared=[op for op in ops if op.name in can],
        slots=[f"{backend.name}::{op.name}" if op.name in can else "nullptr" for op in ops],
    )


def _forwarding(schema: Schema, backend: Backend, ops: list[OpCode]) -> str:
    """The table of a plugin's backend as the core has it: each op goes through the plugin's own table."""
    can = {op.name for op in schema.ops if backend.name in dict(op.backends)}
    slots = [
        f"forward<&BackendOf<Session>::{op.name}>" if op.name in can else "nullptr" for op in ops
    ]
    return render("core/forwarding.gen.h.j2", backend=backend, slots=slots)


def lower(schema: Schema) -> dict[str, str]:
    """Every file of core/generated but the ABI assertions."""
    ops = [_op(schema, op) for op in schema.ops]
    records = [
        RecordCode(
            record.name,
            f"{pascal(record.name)}Rules",
            VIEW_TYPES[record.name],
            record_names(record),
            record_lines(schema, record),
        )
        for record in schema.records
    ]
    statuses = [{"constant": f"THINBIT_{macro(s.name)}", "name": s.name} for s in schema.statuses]
    files = {
        "tables.gen.h": _tables(schema),
        "backend.gen.h": render("core/backend.gen.h.j2", ops=ops),
        "records.gen.h": render("core/records.gen.h.j2", records=records),
        "records.gen.cpp": render("core/records.gen.cpp.j2", records=records),
        "identity.gen.cpp": render("core/identity.gen.cpp.j2", statuses=statuses),
        "schema_hash.gen.h": render("core/schema_hash.gen.h.j2", digest=schema.digest),
    }
    for backend in schema.backends:
        table = _kernel_table(schema, backend, ops)
        if backend.plugin:
            files[f"{backend.name}_forwarding.gen.h"] = _forwarding(schema, backend, ops)
        if table.declared:
            files[f"{backend.name}_kernels.gen.h"] = render("core/kernels.gen.h.j2", backend=table)
    files |= {f"{op.name}.gen.cpp": render("core/op.gen.cpp.j2", op=op) for op in ops}
    return {f"core/generated/{name}": text for name, text in files.items()}
