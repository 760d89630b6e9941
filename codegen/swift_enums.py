"""The Swift enums: modes, dtypes, statuses and backends, with what each case knows about itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from codegen.model import Backend, DType, Mode, Schema, Status
from codegen.naming import camel, swift_name
from codegen.render import render
from codegen.swift_docs import doc_lines
from codegen.swift_types import case_name

T = TypeVar("T", Mode, DType, Status, Backend)


@dataclass(frozen=True, slots=True)
class Property:
    """A computed property with a value for each case."""

    doc: str
    declaration: str
    values: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Enum:
    """One enum; each case has a doc comment, a name and what follows it."""

    doc: str
    name: str
    cases: list[tuple[str, str, str]]
    properties: list[Property]


def _property(
    entries: Sequence[T], access: str, declaration: str, doc: str, value: Callable[[T], str]
) -> Property:
    values = [(case_name(entry.name), value(entry)) for entry in entries]
    return Property("\n".join(doc_lines(doc, "  ")), f"{access}{declaration}", values)


def _code(entries: Sequence[T]) -> Property:
    return _property(
        entries,
        "package ",
        "var code: Int32",
        "The number that C has for it.",
        lambda e: str(e.value),
    )


def _enum(
    doc: str, name: str, entries: Sequence[T], docs: Sequence[str], properties: list[Property]
) -> Enum:
    cases = [
        ("\n".join(doc_lines(text, "  ")), swift_name(entry.name), _raw_value(entry.name))
        for entry, text in zip(entries, docs, strict=True)
    ]
    return Enum("\n".join(doc_lines(doc)), name, cases, properties)


def _raw_value(name: str) -> str:
    """Nothing where Swift takes the case's own name."""
    return "" if camel(name) == name else f' = "{name}"'


def _numbers(values: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, values))}]"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _modes(schema: Schema) -> Enum:
    modes, public = schema.modes, "public "
    docs = [f"{m.doc} Element: {m.element}. Scale: {m.scale}." for m in modes]
    properties = [
        _property(
            modes,
            public,
            "var defaultGroupSize: Int",
            "Elements that share a scale, when not given.",
            lambda m: str(m.default_group_size),
        ),
        _property(
            modes,
            public,
            "var defaultBits: Int",
            "Bits for each element, when not given.",
            lambda m: str(m.default_bits),
        ),
        _property(
            modes,
            public,
            "var allowedGroupSizes: [Int]",
            "The legal group sizes, in elements, ascending.",
            lambda m: _numbers(m.group_sizes),
        ),
        _property(
            modes,
            public,
            "var allowedBits: [Int]",
            "The legal widths of an element, in bits, ascending.",
            lambda m: _numbers(m.bits),
        ),
        _property(
            modes,
            public,
            "var hasBiases: Bool",
            "Whether each group has a bias, always there in this mode.",
            lambda m: _flag(m.has_bias),
        ),
        _property(
            modes,
            public,
            "var hasGlobalScale: Bool",
            "Whether a scale for the whole tensor may be given.",
            lambda m: _flag(m.has_global_scale),
        ),
        _property(
            modes,
            public,
            "var scaleDTypes: [DType]",
            "The dtypes that scales may have.",
            lambda m: f"[{', '.join(case_name(name) for name in m.scale_dtypes)}]",
        ),
        _code(modes),
    ]
    doc = "How the values of a quantized tensor are encoded. Raw values are the names that checkpoints and Python use."
    return _enum(doc, "QuantizationMode", modes, docs, properties)


def _dtypes(schema: Schema) -> Enum:
    dtypes = schema.dtypes
    properties = [
        _property(
            dtypes,
            "public ",
            "var size: Int",
            "Bytes for each element.",
            lambda d: str(d.bits // 8),
        ),
        _code(dtypes),
        _property(
            dtypes, "", "var dlpackCode: UInt8", "DLPack's type code.", lambda d: str(d.dlpack_code)
        ),
    ]
    return _enum(
        "The type of a tensor's elements.", "DType", dtypes, [d.doc for d in dtypes], properties
    )


def _statuses(schema: Schema) -> Enum:
    failures = [status for status in schema.statuses if status.value != 0]
    doc = "What kind of failure an error is."
    properties = [_code(failures)]
    return _enum(doc, "ThinbitStatus", failures, [s.doc for s in failures], properties)


def _backends(schema: Schema) -> Enum:
    backends = schema.backends
    properties = [
        _code(backends),
        _property(
            backends,
            "",
            "var dlpackDevice: Int32",
            "DLPack's device type.",
            lambda b: str(b.dlpack_device),
        ),
    ]
    return _enum(
        "A place where calls can run.", "Backend", backends, [b.doc for b in backends], properties
    )


def enums_file(schema: Schema) -> str:
    """Enums.gen.swift."""
    enums = [_modes(schema), _dtypes(schema), _statuses(schema), _backends(schema)]
    return render("swift/enums.gen.swift.j2", enums=enums)
