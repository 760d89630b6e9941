"""The public C header and the assertions about its layout."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from codegen.c_types import (
    FIXED_LAYOUTS,
    CStruct,
    all_structs,
    info_struct,
    params_struct,
    record_struct,
)
from codegen.model import Arg, Op, Schema
from codegen.naming import c_name, macro
from codegen.render import render
from codegen.shapes_text import argument_text

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Comment:
    """A C comment, wrapped."""

    lines: tuple[str, ...]


def comment(text: str, indent: str = "") -> str:
    """Text as a C comment of at most `WIDTH` columns."""
    one_line = f"{indent}/* {text} */"
    if len(one_line) <= WIDTH:
        return one_line
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3)
    body = f"\n{indent} * ".join(lines)
    return f"{indent}/* {body} */"


@dataclass(frozen=True, slots=True)
class Constant:
    """A named integer with its comment."""

    name: str
    value: int
    comment: str


def _constants(prefix: str, entries: tuple[tuple[str, int, str], ...]) -> list[Constant]:
    return [
        Constant(f"THINBIT_{prefix}{macro(name)}", value, comment(doc))
        for name, value, doc in entries
    ]


@dataclass(frozen=True, slots=True)
class StructText:
    """A struct as the header prints it."""

    name: str
    comment: str
    fields: tuple[tuple[str, str], ...]
    init_macro: str
    init: str


def _struct_text(struct: CStruct, docs: dict[str, str], init_macro: str) -> StructText:
    fields = tuple(
        (comment(docs.get(field.name, field.doc), "  "), field.declaration)
        for field in struct.fields
    )
    init = ", ".join(field.initial for field in struct.fields)
    return StructText(struct.name, comment(struct.doc), fields, init_macro, init)


@dataclass(frozen=True, slots=True)
class OpText:
    """An op as the header prints it."""

    name: str
    struct: StructText
    comment: str
    outputs_macro: str
    outputs: int


def _op_text(schema: Schema, op: Op) -> OpText:
    docs = {c_name(arg.name): argument_text(schema, op, arg) for arg in op.args}
    struct = _struct_text(params_struct(op), docs, f"THINBIT_{macro(op.name)}_PARAMS_INIT")
    text = f"{op.doc} {op.detail}".strip()
    return OpText(
        op.name, struct, comment(text), f"THINBIT_{macro(op.name)}_OUTPUTS", len(op.outputs)
    )


def _handles(schema: Schema) -> list[str]:
    found: list[Arg] = [f for record in schema.records for f in record.fields if f.type == "handle"]
    return [f"thinbit_{field.name}" for field in found]


def lower(schema: Schema) -> dict[str, str]:
    """thinbit.h and the ABI assertions."""
    records = []
    for record in schema.records:
        docs = {c_name(f.name): argument_text(schema, None, f) for f in record.fields}
        records.append(
            _struct_text(record_struct(record), docs, f"THINBIT_{macro(record.name)}_INIT")
        )
    header = render(
        "c/thinbit.h.j2",
        version=schema.version,
        abi_version=schema.abi_version,
        statuses=_constants("", tuple((s.name, s.value, s.doc) for s in schema.statuses)),
        backends=_constants("BACKEND_", tuple((b.name, b.value, b.doc) for b in schema.backends)),
        modes=_constants("MODE_", tuple((m.name, m.value, m.doc) for m in schema.modes)),
        dtypes=_constants("DTYPE_", tuple((d.name, d.value, d.doc) for d in schema.dtypes)),
        handles=_handles(schema),
        records=records,
        info=_struct_text(info_struct(schema.info), {}, "THINBIT_INFO_INIT"),
        ops=[_op_text(schema, op) for op in schema.ops],
    )
    layouts = [
        *FIXED_LAYOUTS,
        *(
            (struct.name, struct.size, tuple((f.name, f.offset) for f in struct.fields))
            for struct in all_structs(schema)
        ),
    ]
    asserts = render("c/abi_asserts.gen.c.j2", layouts=layouts)
    return {
        "core/include/thinbit/thinbit.h": header,
        "core/generated/abi_asserts.gen.c": asserts,
    }
