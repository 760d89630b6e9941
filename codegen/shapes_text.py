"""Shape, dtypes, presence and default of arguments, in words that all docs share."""

from __future__ import annotations

from codegen.expression import Call, Expression, Name, unparse, unparse_shape
from codegen.model import Arg, Op, Schema


def listing(words: tuple[str, ...] | list[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def dtypes_text(rule: tuple[str, ...] | Expression | None) -> str:
    """The legal dtypes in words."""
    match rule:
        case None:
            return ""
        case tuple():
            return listing(rule)
        case Name(("mode", "scale_dtypes")):
            return "the dtype of the mode's scales"
        case Call("same", (Name() as target,)):
            return f"the dtype of {target.text}"
        case Call("if", (condition, then, otherwise)):
            where = condition_text(condition)
            return f"{dtypes_text(then)} where {where}, else {dtypes_text(otherwise)}"
        case Name((name,)):
            return name
        case _:
            return unparse(rule)


def condition_text(node: Expression) -> str:
    """A condition on the mode in words."""
    known = {
        "mode.has_bias": "the mode has biases",
        "mode.has_global_scale": "the mode has a global scale",
    }
    return known.get(unparse(node), unparse(node))


def presence_text(arg: Arg) -> str:
    """When an argument may or must be there, in words; empty when always."""
    if arg.present_if is not None:
        return f"there exactly when {condition_text(arg.present_if)}"
    if arg.allowed_if is not None:
        return f"optional, and only where {condition_text(arg.allowed_if)}"
    return "optional" if arg.nullable else ""


def shape_text(arg: Arg) -> str:
    """The shape in the notation of the docs."""
    if arg.shape is not None:
        text = unparse_shape(arg.shape)
        return {"scalar": "one element"}.get(text, text)
    return "the indices' common shape" if arg.index_of else ""


def argument_text(schema: Schema, op: Op | None, arg: Arg) -> str:
    """One argument in full: what it is, then shape, dtypes, presence."""
    facts = [
        text for text in (shape_text(arg), dtypes_text(arg.dtypes), presence_text(arg)) if text
    ]
    if not facts:
        return arg.doc
    text = "; ".join(facts)
    return f"{arg.doc} {text[0].upper()}{text[1:]}."
