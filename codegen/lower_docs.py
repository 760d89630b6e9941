"""The reference pages: ops, modes, capabilities, names in every language, errors."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.c_types import params_struct
from codegen.docs_signatures import c_call, python_signature, swift_signature
from codegen.expression import Expression, unparse
from codegen.model import Arg, FlatArg, Mode, Op, Schema
from codegen.naming import c_name, macro, python_name, swift_label
from codegen.render import SOURCE, render
from codegen.rules import Rule, derive, op_rules
from codegen.shapes_text import dtypes_text, listing, presence_text, shape_text
from codegen.swift_types import case_name, parameter

FOLDER = "docs/reference"
BANNER = f"<!-- generated from {SOURCE}: do not edit -->"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpPage:
    """An op as its page prints it."""

    name: str
    doc: str
    detail: list[str]
    python: str
    swift: str
    c: list[str]
    arguments: list[Row]
    results: list[Row]
    runs_on: str
    rules: list[Row]
    c_rules: list[Row]


def _cell(text: str) -> str:
    """Text that a table can hold."""
    return text.replace("|", r"\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _shape(arg: Arg) -> str:
    text = shape_text(arg)
    return _code(text) if text.startswith("[") else text


def _kind(op: Op, flat: FlatArg) -> str:
    """What an argument is: its dtypes, or the values that it may take."""
    source = flat.source
    if flat.is_tensor:
        text = dtypes_text(source.dtypes)
        packed = flat.field is not None and source.name == "packed"
        return f"{text}, or floats without scales" if packed and flat.arg.accepts_float else text
    match flat.type:
        case "mode":
            return listing([f"`{mode.name}`" for mode in op.modes])
        case "int32" if isinstance(source.one_of, Expression):
            return f"integer ({source.unit}), one of `{unparse(source.one_of)}`"
        case "dtype" if isinstance(source.one_of, tuple):
            return f"dtype: {listing(source.one_of)}"
        case "float32":
            return f"{source.value} number"
        case _:
            return "true or false"


def _presence(flat: FlatArg) -> str:
    """Whether an argument is required, and what stands in for it when it is not."""
    source = flat.source
    parts = [presence_text(source)]
    if flat.default is not None:
        parts.append(
            f"default `{str(flat.default).lower() if isinstance(flat.default, bool) else flat.default}`"
        )
    elif isinstance(source.default, Expression):
        parts.append(f"default: {_default_text(source.default)}")
    elif flat.required:
        parts.append("required")
    elif source.nullable and flat.field is None and not flat.arg.omittable:
        parts.append("to be written out, also where it is `None` or `nil`")
    elif source.name == "scales":
        parts.append("required, but for a float w")
    if source.paired_with is not None:
        parts.append(f"given exactly when `{source.paired_with}` is")
    if flat.arg.per_expert and source.value == "positive_scale":
        parts.append("one element, or one for each expert")
    return "; ".join(part for part in parts if part)


def _default_text(node: Expression) -> str:
    text = unparse(node)
    return f"`{text}`" if text.startswith("mode.") else dtypes_text(node)


def _argument(op: Op, flat: FlatArg) -> Row:
    doc = flat.arg.doc if flat.field is None else flat.source.doc
    if flat.field is not None and flat.source.name == "packed":
        doc = f"{flat.arg.doc} {doc}"
    multiples = [f" Its {size} is a multiple of `{of}`." for size, of in flat.source.multiple_of]
    cells = (_code(flat.name), _kind(op, flat), _shape(flat.source), _presence(flat))
    return (*map(_cell, cells), _cell(doc + "".join(multiples)))


def _result(arg: Arg) -> Row:
    cells = (_code(arg.name), dtypes_text(arg.dtypes), _shape(arg), presence_text(arg) or "always")
    return (*map(_cell, cells), _cell(arg.doc))


def _runs_on(schema: Schema, op: Op) -> str:
    can = {name for name, _ in op.backends}
    yes = [backend.name for backend in schema.backends if backend.name in can]
    no = [backend.name for backend in schema.backends if backend.name not in can]
    text = f"Runs on {listing(yes, 'and')}"
    return f"{text}; `unsupported` on {listing(no, 'and')}." if no else f"{text}."


def _rule_row(rule: Rule) -> Row:
    return (_code(rule.id), rule.status, _cell(rule.text))


def _page(schema: Schema, op: Op) -> OpPage:
    rules = op_rules(schema, op)
    return OpPage(
        name=op.name,
        doc=op.doc,
        detail=[op.detail] if op.detail else [],
        python=python_signature(op),
        swift=swift_signature(op),
        c=c_call(op),
        arguments=[_argument(op, flat) for flat in op.flat_args],
        results=[_result(arg) for arg in op.outputs],
        runs_on=_runs_on(schema, op),
        rules=[_rule_row(rule) for rule in rules if not rule.c_only],
        c_rules=[_rule_row(rule) for rule in rules if rule.c_only],
    )


def _numbers(values: tuple[int, ...], default: int) -> str:
    return ", ".join(f"**{value}**" if value == default else str(value) for value in values)


def _mode(mode: Mode) -> Row:
    return (
        _code(mode.name),
        _numbers(mode.bits, mode.default_bits),
        _numbers(mode.group_sizes, mode.default_group_size),
        _cell(mode.element),
        _cell(mode.scale),
        listing(mode.scale_dtypes),
        "always" if mode.has_bias else "never",
        "may be given" if mode.has_global_scale else "never",
        mode.doc,
    )


def _capability(schema: Schema, op: Op) -> Row:
    can = dict(op.backends)
    return (_op_link(op), *("yes" if backend.name in can else "" for backend in schema.backends))


def _op_link(op: Op) -> str:
    return f"[{op.name}](ops/{op.name}.md)"


def _names(op: Op) -> list[Row]:
    """The arguments of an op in Python, Swift and C."""
    rows: list[Row] = []
    for flat in op.flat_args:
        field = c_name(flat.source.name)
        place = f"{c_name(flat.arg.name)}->{field}" if flat.field is not None else field
        label = parameter(flat).label
        swift = "no label" if label == "_" else _code(f"{label}:")
        rows.append((_code(python_name(flat.name)), swift, _code(place)))
    for arg in op.outputs:
        several = len(op.outputs) > 1
        python = _code(f".{python_name(arg.name)}") if several else "the result"
        swift = _code(f".{swift_label(arg.name)}") if several else "the result"
        rows.append((python, swift, _code(c_name(arg.name))))
    return rows


def _constants(prefix: str, entries: tuple[str, ...]) -> list[Row]:
    return [
        (_code(f'"{name}"'), _code(case_name(name)), _code(f"THINBIT_{prefix}_{macro(name)}"))
        for name in entries
    ]


def _record_fields(schema: Schema) -> list[tuple[str, str, list[Row]]]:
    tables = []
    for record in schema.records:
        rows = []
        for part in record.fields:
            if part.type in ("reserved", "handle"):
                continue
            flat = dict(part.flat).get("packed", part.name)
            facts = "; ".join(t for t in (dtypes_text(part.dtypes), presence_text(part)) if t)
            unit = f" Unit: {part.unit}." if part.unit else ""
            cells = (_code(part.name), _code(flat), _shape(part), facts, part.doc + unit)
            rows.append(tuple(map(_cell, cells)))
        tables.append((record.name, record.doc, rows))
    return tables


# What Python passes on from the arrays it is given, which no other language lets a caller break.
_PASSED_ON = ("layout", "device", "overlap")


def _kinds(schema: Schema) -> list[Row]:
    """Each kind of rule with what it returns, how often it is there, and one of them."""
    rules = derive(schema)
    kinds = dict.fromkeys(rule.kind for rule in rules)
    rows: list[Row] = []
    for kind in kinds:
        of_kind = [rule for rule in rules if rule.kind == kind]
        statuses = list(dict.fromkeys(rule.status for rule in of_kind))
        languages = "all"
        if all(rule.c_only for rule in of_kind):
            languages = "C, Python" if kind in _PASSED_ON else "C"
        example = next((rule for rule in of_kind if not rule.c_only), of_kind[0])
        row = (_code(kind), listing(statuses), str(len(of_kind)), languages, _code(example.id))
        rows.append((*row, _cell(example.text)))
    return rows


def lower(schema: Schema) -> dict[str, str]:
    """Every page of docs/reference."""
    pages = [_page(schema, op) for op in schema.ops]
    dtypes = [(d.name, str(d.bits), str(d.dlpack_code), d.doc) for d in schema.dtypes]
    backends = [(b.name, str(b.dlpack_device), b.doc) for b in schema.backends]
    statuses = [
        (_code(s.name), str(s.value), _code(f"THINBIT_{macro(s.name)}"), _cell(s.doc))
        for s in schema.statuses
    ]
    files = {
        "index.md": render(
            "docs/index.md.j2", html=BANNER, ops=[(_op_link(op), op.doc) for op in schema.ops]
        ),
        "modes.md": render(
            "docs/modes.md.j2",
            html=BANNER,
            modes=[_mode(mode) for mode in schema.modes],
            dtypes=dtypes,
            records=_record_fields(schema),
        ),
        "capabilities.md": render(
            "docs/capabilities.md.j2",
            html=BANNER,
            backends=[backend.name for backend in schema.backends],
            about=backends,
            rows=[_capability(schema, op) for op in schema.ops],
        ),
        "names.md": render(
            "docs/names.md.j2",
            html=BANNER,
            ops=[(op.name, op.swift, f"thinbit_{op.name}") for op in schema.ops],
            modes=_constants("MODE", tuple(mode.name for mode in schema.modes)),
            dtypes=_constants("DTYPE", tuple(dtype.name for dtype in schema.dtypes)),
            arguments=[(op.name, params_struct(op).name, _names(op)) for op in schema.ops],
        ),
        "errors.md": render(
            "docs/errors.md.j2", html=BANNER, statuses=statuses, kinds=_kinds(schema)
        ),
    }
    files |= {
        f"ops/{page.name}.md": render("docs/op.md.j2", html=BANNER, op=page) for page in pages
    }
    return {f"{FOLDER}/{name}": text for name, text in files.items()}
