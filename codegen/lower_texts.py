"""What errors say in Python and Swift alike."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.model import Schema, Text
from codegen.naming import camel, is_swift_word, pascal
from codegen.render import render


@dataclass(frozen=True, slots=True)
class Function:
    """A text as a function of its values, as the templates print it."""

    name: str
    text: str
    parameters: str
    literal: str


def lower(schema: Schema) -> dict[str, str]:
    """The functions of every table in both languages."""
    tables = (
        ("file_text", "What is wrong with a checkpoint's files", schema.file_texts),
        ("shard_text", "What is wrong with cutting a layer", schema.shard_texts),
    )
    files = {}
    for name, subject, texts in tables:
        python = f"bindings/python/thinbit/_generated/{name}s.py"
        files[python] = render(
            "python/texts.py.j2", subject=subject, functions=[_python(text) for text in texts]
        )
        swift = f"bindings/swift/Sources/ThinbitNN/Generated/{pascal(name)}.gen.swift"
        files[swift] = render(
            "swift/texts.gen.swift.j2",
            name=pascal(name),
            subject=subject,
            functions=[_swift(text) for text in texts],
        )
    return files


def _python(text: Text) -> Function:
    values = ", ".join(f"{value}: object" for value in text.values)
    literal = f'f"{text.text}"' if text.values else f'"{text.text}"'
    return Function(text.name, text.text, f"*, {values}" if values else "", literal)


def _swift(text: Text) -> Function:
    names = {value: camel(value) for value in text.values}
    literal = text.text
    for value, name in names.items():
        literal = literal.replace(f"{{{value}}}", f"\\({name})")
    parameters = ", ".join(f"{name}: some CustomStringConvertible" for name in names.values())
    name = camel(text.name)
    shown = f"`{name}`" if is_swift_word(name) else name
    return Function(shown, text.text, parameters, f'"{literal}"')
