"""Expressions of the schema as C++."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen.expression import Binary, Call, Expression, Integer, Name, names
from codegen.naming import pascal


class LoweringError(ValueError):
    """The schema is legal, but this target has no way to say it."""


def dtype_constant(name: str) -> str:
    """float32 -> DType::kFloat32."""
    return f"DType::k{pascal(name)}"


def mode_constant(name: str) -> str:
    """mxfp4 -> Mode::kMxfp4."""
    return f"Mode::k{pascal(name)}"


def dtype_set(dtypes: tuple[str, ...]) -> str:
    """The set of these dtypes."""
    return f"set_of({', '.join(dtype_constant(name) for name in dtypes)})"


def mode_set(modes: tuple[str, ...]) -> str:
    """The set of these modes."""
    return f"set_of({', '.join(mode_constant(name) for name in modes)})"


def integer(node: Expression, scope: Mapping[str, str]) -> str:
    """An integer expression; an exact division that does not divide is -1."""
    match node:
        case Integer(value):
            return str(value)
        case Name():
            if node.text not in scope:
                raise LoweringError(f"{node.text} is not bound here")
            return scope[node.text]
        case Call("if", (condition, then, otherwise)):
            parts = (integer(part, scope) for part in (condition, then, otherwise))
            return "({} ? {} : {})".format(*parts)
        case Binary("/", left, right):
            return f"exact_quotient({integer(left, scope)}, {integer(right, scope)})"
        case Binary(operator, left, right):
            return f"({integer(left, scope)} {operator} {integer(right, scope)})"
        case _:
            raise LoweringError(f"{node} is not an integer")


def dtype(
    node: Expression, dtypes: frozenset[str], scope: Mapping[str, str], view: Callable[[str], str]
) -> str:
    """An expression that names one dtype; `view` gives the view of an argument."""
    match node:
        case Call("if", (condition, then, otherwise)):
            first, second = (dtype(part, dtypes, scope, view) for part in (then, otherwise))
            return f"({integer(condition, scope)} ? {first} : {second})"
        case Call("same", (Name() as target,)):
            return f"{view(target.text)}.dtype"
        case Name((name,)) if name in dtypes:
            return dtype_constant(name)
        case Name() if node.text in scope:
            return scope[node.text]
        case _:
            raise LoweringError(f"{node} is not a dtype")


def unbound(node: Expression, scope: Mapping[str, str]) -> tuple[str, ...]:
    """The names of an expression that have no value yet."""
    return tuple(dict.fromkeys(name.text for name in names(node) if name.text not in scope))


def solve(node: Expression, target: str, value: str, scope: Mapping[str, str]) -> str:
    """The C++ value of `target` for which the expression is `value`; -1 where there is none."""
    match node:
        case Name() if node.text == target:
            return value
        case Binary("/", left, right) if target in unbound(left, scope):
            return solve(left, target, f"({value} * {integer(right, scope)})", scope)
        case Binary("*", left, right) if target in unbound(left, scope):
            return solve(left, target, f"exact_quotient({value}, {integer(right, scope)})", scope)
        case _:
            raise LoweringError(f"cannot solve for {target}")
