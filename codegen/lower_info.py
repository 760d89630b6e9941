"""What a library tells about itself, in every language: the same facts, under the names that each language spells."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.model import Info, Schema
from codegen.naming import c_name, python_name, swift_name
from codegen.python_docs import entry, paragraph
from codegen.render import SOURCE, render
from codegen.swift_docs import doc_lines


@dataclass(frozen=True, slots=True)
class FactType:
    """A type of the schema in each language, and what reads a value of C into it."""

    c: str
    python: str
    python_reader: str
    swift: str
    swift_reader: str


_TYPES = {
    "string": FactType("const char*", "str", "text", "String", "text"),
    "strings": FactType("const char* const*", "tuple[str, ...]", "texts", "[String]", "texts"),
    "int": FactType("int64_t", "int", "int", "Int", "Int"),
}


@dataclass(frozen=True, slots=True)
class FactText:
    """One fact as the templates print it."""

    name: str
    type: FactType
    c: str
    python: str
    python_doc: list[str]
    swift: str
    swift_doc: str
    swift_value: str
    doc: str


def _facts(info: Info) -> list[FactText]:
    facts = []
    for fact in info.fields:
        swift = swift_name(fact.name)
        listed = fact.type == "strings"
        facts.append(
            FactText(
                name=fact.name,
                type=_TYPES[fact.type],
                c=c_name(fact.name),
                python=python_name(fact.name),
                python_doc=entry(python_name(fact.name), fact.doc),
                swift=swift,
                swift_doc="\n".join(doc_lines(fact.doc, "  ")),
                swift_value=f'{swift}.joined(separator: ", ")' if listed else swift,
                doc=fact.doc.replace("|", r"\|"),
            )
        )
    return facts


def lower(schema: Schema) -> dict[str, str]:
    """The collecting of all facts in the core, their types in Python and Swift, and their page."""
    facts, doc = _facts(schema.info), schema.info.doc
    html = f"<!-- generated from {SOURCE}: do not edit -->"
    swift_doc = "\n".join(doc_lines(doc))
    files = {
        "core/generated/info.gen.h": "core/info.gen.h",
        "core/generated/info.gen.cpp": "core/info.gen.cpp",
        "bindings/python/thinbit/_generated/info.py": "python/info.py",
        "bindings/swift/Sources/Thinbit/Generated/ThinbitInfo.gen.swift": "swift/info.gen.swift",
        "docs/reference/info.md": "docs/info.md",
    }
    return {
        path: render(
            f"{template}.j2",
            html=html,
            facts=facts,
            doc=doc,
            python_doc=paragraph(f'"""{doc}'),
            swift_doc=swift_doc,
        )
        for path, template in files.items()
    }
