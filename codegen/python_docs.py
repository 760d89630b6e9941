"""Docstrings of the Python functions, in Google's style."""

from __future__ import annotations

import textwrap

from codegen.expression import Expression
from codegen.model import FlatArg, Op, Schema
from codegen.naming import python_name
from codegen.shapes_text import argument_text, dtypes_text, listing

WIDTH = 100
_INDENT = "    "


def entry(name: str, text: str) -> list[str]:
    """`name: text` as lines of an Args or Attributes section."""
    return textwrap.wrap(
        f"{name}: {text}",
        WIDTH - 2 * len(_INDENT),
        initial_indent=2 * _INDENT,
        subsequent_indent=3 * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraph(text: str) -> list[str]:
    """Text as lines of a docstring."""
    return textwrap.wrap(
        text,
        WIDTH - len(_INDENT),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _argument(schema: Schema, op: Op, flat: FlatArg) -> str:
    source = flat.source
    text = argument_text(schema, op, source)
    if flat.field is not None and source.name == "packed":
        text += " Or a QuantizedTensor, in place of this argument and those that describe it."
        if flat.arg.accepts_float:
            text += " Or a float tensor, quantized by the call, where no scales are given."
    if source.unit:
        text += f" Unit: {source.unit}."
    if flat.type == "mode":
        text += f" One of {listing([repr(mode.name) for mode in op.modes])}."
    if flat.type == "dtype" and isinstance(source.one_of, tuple):
        text += (
            f" One of {listing([repr(name) for name in source.one_of])}, or numpy's name for it."
        )
    if flat.default is not None:
        text += f" Default: {flat.default!r}."
    elif flat.type == "dtype" and isinstance(source.default, Expression):
        text += f" Default: {dtypes_text(source.default)}."
    return text


def _returns(schema: Schema, op: Op) -> str:
    kind = "Arrays of" if len(op.outputs) > 1 else "An array of"
    if len(op.outputs) == 1:
        text = argument_text(schema, op, op.outputs[0])
    else:
        text = " ".join(f"{out.name}: {argument_text(schema, op, out)}" for out in op.outputs)
    return f"{text} {kind} the kind of the first operand (numpy, torch or cupy; numpy for others), or `out`."


def _raises(op: Op) -> str:
    text = f"an argument breaks a rule: `rule` is '{op.name}.<argument>.<kind>'"
    if any(arg.value == "finite" and arg.type == "tensor" for arg in op.inputs):
        text += (
            "; or, with the status 'non_finite', a value is NaN or infinite, or its scale overflows"
        )
    return text + "; or the status is 'unsupported', 'out_of_memory' or 'device'."


def docstring(schema: Schema, op: Op) -> list[str]:
    """The lines of a function's docstring, indented, quotes included."""
    out = "The array to write to: exact dtype and shape, any strides; it is returned."
    if len(op.outputs) > 1:
        names = ", ".join(arg.name for arg in op.outputs)
        out = f"A tuple ({names}) of arrays to write to, None for one that the mode has not; it is returned."
    lines = [f'{_INDENT}"""{op.doc}', ""]
    if op.detail:
        lines += [*paragraph(op.detail), ""]
    lines.append(f"{_INDENT}Args:")
    for flat in op.flat_args:
        lines += entry(python_name(flat.name), _argument(schema, op, flat))
    lines += entry("out", out)
    lines += entry(
        "device",
        "Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when not given.",
    )
    lines += entry(
        "stream",
        "The CUDA stream, as an address; torch's current one, else the default one, when not given.",
    )
    lines += entry(
        "context", "A Context to run in; that of the thread, device and stream, when not given."
    )
    lines += ["", f"{_INDENT}Returns:", *_entry_text(_returns(schema, op))]
    lines += ["", f"{_INDENT}Raises:", *entry("ThinbitError", _raises(op)), f'{_INDENT}"""']
    return lines


def _entry_text(text: str) -> list[str]:
    return [
        _INDENT + line
        for line in textwrap.wrap(
            text,
            WIDTH - 2 * len(_INDENT),
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
        )
    ]
