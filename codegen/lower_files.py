"""What is said about checkpoint files, in Python and Swift."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.model import FileText, Schema
from codegen.naming import camel, is_swift_word
from codegen.render import render


@dataclass(frozen=True, slots=True)
class Function:
    """A text as a function of its values, as the templates print it."""

    name: str
    text: str
    parameters: str
    literal: str


def lower(schema: Schema) -> dict[str, str]:
    """Both languages' functions."""
    python = [_python(text) for text in schema.file_texts]
    swift = [_swift(text) for text in schema.file_texts]
    return {
        "bindings/python/thinbit/_generated/file_texts.py": render(
            "python/file_texts.py.j2", functions=python
        ),
        "bindings/swift/Sources/ThinbitNN/Generated/FileText.gen.swift": render(
            "swift/file_text.gen.swift.j2", functions=swift
        ),
    }


def _python(text: FileText) -> Function:
    values = ", ".join(f"{value}: object" for value in text.values)
    literal = f'f"{text.text}"' if text.values else f'"{text.text}"'
    return Function(text.name, text.text, f"*, {values}" if values else "", literal)


def _swift(text: FileText) -> Function:
    names = {value: camel(value) for value in text.values}
    literal = text.text
    for value, name in names.items():
        literal = literal.replace(f"{{{value}}}", f"\\({name})")
    parameters = ", ".join(f"{name}: some CustomStringConvertible" for name in names.values())
    name = camel(text.name)
    shown = f"`{name}`" if is_swift_word(name) else name
    return Function(shown, text.text, parameters, f'"{literal}"')
