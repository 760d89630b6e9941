"""Doc comments of the Swift functions, in DocC's markup."""

from __future__ import annotations

import textwrap

from codegen.model import Arg, Op, Schema
from codegen.shapes_text import argument_text
from codegen.swift_types import Parameter

WIDTH = 100


def doc_lines(text: str, indent: str = "", hanging: str = "") -> list[str]:
    """Text as lines of a doc comment that is itself indented by `indent`."""
    width = WIDTH - len(indent) - len("/// ")
    wrapped = textwrap.wrap(
        text, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
    return [f"{indent}/// {line}" for line in wrapped]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _default_text(item: Parameter) -> str:
    if item.default in ("", " = nil") or item.source.type == "context":
        return ""
    return f" Default: `{item.default.removeprefix(' = ')}`."


def _parameter_text(schema: Schema, op: Op, item: Parameter) -> str:
    source = item.source
    text = source.doc if source.type == "context" else argument_text(schema, op, source)
    unit = f" Unit: {source.unit}." if source.unit else ""
    return f"{_sentence(text)}{unit}{_default_text(item)}"


def throws_text(op: Op) -> str:
    """What a call can throw."""
    text = (
        f"``ThinbitError``: `.invalidArgument`, with the rule `{op.name}.<argument>.<kind>`, where an "
        "argument is not as described here"
    )
    if any(arg.type == "tensor" and arg.value == "finite" for arg in op.inputs):
        text += "; `.nonFinite` where a value is NaN or infinite, or its scale overflows"
    return text + "; `.unsupported` where the backend cannot do it; `.outOfMemory`."


def result_text(schema: Schema, op: Op, outputs: tuple[Arg, ...]) -> str:
    """What a call returns."""
    if len(outputs) == 1:
        return _sentence(argument_text(schema, op, outputs[0]))
    return " ".join(f"`{out.name}`: {_sentence(argument_text(schema, op, out))}" for out in outputs)


def function_doc(
    schema: Schema, op: Op, parameters: list[Parameter], returns: str, *paragraphs: str
) -> str:
    """The whole comment of one function; the first paragraph is the summary."""
    lines: list[str] = []
    for paragraph in paragraphs:
        if paragraph:
            lines += [*doc_lines(paragraph), "///"]
    lines.append("/// - Parameters:")
    for item in parameters:
        text = _parameter_text(schema, op, item)
        lines += doc_lines(f"  - {item.local}: {text}", hanging="    ")
    lines += doc_lines(f"- Returns: {returns}", hanging="  ")
    lines += doc_lines(f"- Throws: {throws_text(op)}", hanging="  ")
    return "\n".join(lines)
