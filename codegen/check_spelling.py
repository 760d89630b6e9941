"""Names and sentences as every language has to spell them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from codegen.load import Document
from codegen.model import Op, Schema
from codegen.naming import c_name, camel, is_c_word, is_swift_word, macro, pascal, python_name
from codegen.problems import Mark, Path, Problems
from codegen.rules import op_rules

OP_BYTES, ARGUMENT_BYTES, RULE_BYTES = 32, 32, 64
"""The text fields of thinbit_error, with the terminating NUL."""

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b")
_UNPRINTABLE = re.compile(r'[^ -~]|\*/|/\*|\\|"""')

Spelling = tuple[str, str, Mark]
"""A name in some language, what it stands for, and where that is declared."""


def check_text(document: Document, problems: Problems) -> None:
    """Collect the sentences that are none, or that some language cannot print."""
    for path, key, text in _texts(document.value, ()):
        mark = document.mark(path)
        if found := _UNFINISHED.search(text):
            problems.add(mark, "S035", f"{key}: {found[0]} is not documentation")
        elif found := _UNPRINTABLE.search(text):
            problems.add(
                mark, "S035", f"{key}: {found[0]!r} cannot stand in every language's comments"
            )
        elif key in ("doc", "detail", "returns") and not text.endswith("."):
            problems.add(mark, "S035", f"{key}: a sentence ends with a period")
        elif text != text.strip() or "  " in text:
            problems.add(mark, "S035", f"{key}: one space between words, none around them")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and key in ("doc", "detail", "element", "scale", "returns"):
                yield (*path, key), key, item
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, (*path, i))


def check_names(schema: Schema, document: Document, problems: Problems) -> None:
    """Collect names that are too long, taken, or equal to another in some language."""
    tables = {
        table: [
            (entry["name"], document.mark((table, i, "name")))
            for i, entry in enumerate(document.value[table])
        ]
        for table in ("dtypes", "statuses", "backends", "modes", "records", "ops")
    }
    _collide("C macro", _macros(tables), problems)
    _collide("C name", _c_names(schema, tables), problems)
    for table in ("dtypes", "modes", "backends", "statuses"):
        unset = [("Unset", "the value 0", Mark("", 0, 0))] if table in ("dtypes", "modes") else []
        _collide("C++ name", [*unset, *_spelled(tables[table], pascal)], problems)
        _collide("Swift name", _spelled(tables[table], camel), problems)
    _collide("C++ name", _spelled(tables["ops"], pascal), problems)
    files = [(name, "a generated file", Mark("", 0, 0)) for name in ("identity", "info", "records")]
    _collide("file name", [*files, *_spelled(tables["ops"], str)], problems)
    _collide("Swift file", _swift_files(schema), problems)
    for record in schema.records:
        _collide("C field", _fields(record.fields, record.name), problems)
    _info_names(document, problems)
    for op in schema.ops:
        _op_names(schema, op, problems)


def _spelled(
    entries: Iterable[tuple[str, Mark]], spell: Callable[[str], str]
) -> Iterator[Spelling]:
    for name, mark in entries:
        yield spell(name), name, mark


def _collide(kind: str, spellings: Iterable[Spelling], problems: Problems) -> None:
    first: dict[str, str] = {}
    for spelling, name, mark in spellings:
        if spelling in first:
            message = f"{name!r}: the {kind} {spelling} is taken by {first[spelling]!r}"
            problems.add(mark, "S037", message)
        first.setdefault(spelling, name)


_FIXED_MACROS = [
    "API",
    "NULLABLE",
    "NOEXCEPT",
    "VERSION",
    "ABI_VERSION",
    "MAX_RANK",
    "ERROR_INIT",
    "CONTEXT_OPTIONS_INIT",
    "COMM_OPTIONS_INIT",
    "INFO_INIT",
    "THINBIT_H",
]
_FIXED_NAMES = [
    "status",
    "mode",
    "dtype",
    "backend",
    "device",
    "dlpack_type",
    "tensor",
    "tensor_info",
    "error",
    "context",
    "context_options",
    "context_create",
    "context_destroy",
    "context_sync",
    "comm",
    "comm_options",
    "comm_init",
    "comm_rank",
    "comm_size",
    "comm_all_sum",
    "comm_all_gather",
    "comm_barrier",
    "comm_free",
    "abi_version",
    "schema_hash",
    "status_name",
    "info",
    "get_info",
]
_PREFIXES = {"statuses": "", "backends": "BACKEND_", "modes": "MODE_", "dtypes": "DTYPE_"}


def _macros(tables: dict[str, list[tuple[str, Mark]]]) -> Iterator[Spelling]:
    for name in _FIXED_MACROS:
        yield f"THINBIT_{name}", "the header", Mark("", 0, 0)
    for table, prefix in _PREFIXES.items():
        for name, mark in tables[table]:
            yield f"THINBIT_{prefix}{macro(name)}", name, mark
    for name, mark in tables["records"]:
        yield f"THINBIT_{macro(name)}_INIT", name, mark
    for name, mark in tables["ops"]:
        for suffix in ("PARAMS_INIT", "OUTPUTS"):
            yield f"THINBIT_{macro(name)}_{suffix}", name, mark


def _c_names(schema: Schema, tables: dict[str, list[tuple[str, Mark]]]) -> Iterator[Spelling]:
    for name in _FIXED_NAMES:
        yield f"thinbit_{name}", "the header", Mark("", 0, 0)
    for record in schema.records:
        yield f"thinbit_{record.name}", record.name, record.place.at("name")
        for part in record.fields:
            if part.type == "handle":
                yield f"thinbit_{part.name}", part.name, part.place.at("name")
    for name, mark in tables["ops"]:
        for suffix in ("", "_params", "_infer", "_supports"):
            yield f"thinbit_{name}{suffix}", name, mark


def _swift_files(schema: Schema) -> Iterator[Spelling]:
    yield "Enums", "the enums", Mark("", 0, 0)
    yield "ThinbitInfo", "info", Mark("", 0, 0)
    for record in schema.records:
        yield f"{pascal(record.name)}Record", record.name, record.place.at("name")
    for op in schema.ops:
        yield op.swift[0].upper() + op.swift[1:], op.name, op.place.at("swift")


def _fields(args: Iterable[Any], owner: str) -> Iterator[Spelling]:
    yield "struct_size", "the struct", Mark("", 0, 0)
    for arg in args:
        yield c_name(arg.name), f"{owner}.{arg.name}", arg.place.at("name")


def _info_names(document: Document, problems: Problems) -> None:
    place = document.place(("info", "fields"))
    facts = [(f["name"], place.at(i)) for i, f in enumerate(document.value["info"]["fields"])]
    own = [("struct_size", "the struct", Mark("", 0, 0))]
    _collide("C field", [*own, *_spelled(facts, c_name)], problems)
    _collide("Python attribute", _spelled(facts, python_name), problems)
    swift = [(name, "the type", Mark("", 0, 0)) for name in ("current", "description", "native")]
    _collide("Swift property", [*swift, *_spelled(facts, camel)], problems)


def _op_names(schema: Schema, op: Op, problems: Problems) -> None:
    mark = op.place.at("name")
    if is_c_word(op.name) or keyword.iskeyword(op.name) or op.name == "name":
        problems.add(mark, "S037", f"the op {op.name!r} has a name that a language keeps to itself")
    if is_swift_word(op.swift):
        message = f"{op.name}: {op.swift!r} is a word that Swift keeps to itself"
        problems.add(op.place.at("swift"), "S037", message)
    _fits(op.name, op.name, OP_BYTES, mark, problems)
    for arg in op.args:
        _fits(f"{op.name}.{arg.name}", arg.name, ARGUMENT_BYTES, arg.place.at("name"), problems)
    for flat in op.flat_args:
        if flat.name != flat.arg.name:
            mark = flat.arg.place.at("flat")
            _fits(f"{op.name}.{flat.name}", flat.name, ARGUMENT_BYTES, mark, problems)
    _collide("C field", _fields(op.args, op.name), problems)
    everywhere = ("out", "device", "stream", "context")
    python = [(name, "every function", Mark("", 0, 0)) for name in everywhere]
    flats = [(f.name, f.arg.place.at("name")) for f in op.flat_args]
    _collide("Python parameter", [*python, *_spelled(flats, python_name)], problems)
    swift = [("context", "every function", Mark("", 0, 0))]
    _collide("Swift label", [*swift, *_spelled(flats, camel)], problems)
    outputs = [(out.name, out.place.at("name")) for out in op.outputs]
    _collide("error argument", _spelled([*flats, *outputs], str), problems)
    _collide("Swift label", _spelled(outputs, camel), problems)
    for rule in op_rules(schema, op):
        if len(rule.id.encode()) >= RULE_BYTES:
            message = f"the rule {rule.id} has {len(rule.id)} bytes; {RULE_BYTES - 1} fit an error"
            problems.add(op.place.at("name"), "S036", message)


def _fits(what: str, name: str, most: int, mark: Mark, problems: Problems) -> None:
    if len(name.encode()) >= most:
        message = f"{what}: the name has {len(name)} bytes; {most - 1} fit an error"
        problems.add(mark, "S036", message)
