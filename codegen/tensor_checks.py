"""The C++ statements that check and bind one tensor, from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from codegen.cpp_expression import LoweringError, dtype_set, integer, solve, unbound
from codegen.cpp_text import wrap
from codegen.expression import Name, ScalarShape, Shape, unparse
from codegen.model import Arg, same_as


@dataclass(slots=True)
class Scope:
    """What is bound so far, and the lines that bound it.

    `values` maps names of the schema to C++ expressions, `batches` the bound leading axes,
    `trailing` the C++ text with the number of axes behind them for each tensor, `mode` is the C++
    expression of the mode's row.
    """

    indent: str
    values: dict[str, str] = field(default_factory=dict)
    batches: set[str] = field(default_factory=set)
    trailing: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    mode: str = "mode"

    def line(self, text: str) -> None:
        """Add one line."""
        self.lines.extend(wrap(f"{self.indent}{text}"))

    def require(self, check: str) -> None:
        """Add a check that ends the call when it fails."""
        self.line(f"if (!check.{check}) return false;")

    def bind(self, name: str, value: str) -> None:
        """Declare a dimension."""
        self.line(f"const int64_t {name} = {value};")
        self.values[name] = name


def presence(scope: Scope, arg: Arg, label: str, given: str) -> None:
    """When the tensor has to be there, and when it must not."""
    condition = arg.present_if or arg.allowed_if
    if condition is None:
        if not arg.nullable:
            scope.require(f"required({label}, {given})")
        return
    check = "required_by_mode" if arg.present_if is not None else "allowed_by_mode"
    scope.require(f"{check}({label}, {given}, {scope.mode}, {integer(condition, scope.values)})")


def dtype_and_layout(
    scope: Scope, arg: Arg, label: str, given: str, view: Callable[[str], str]
) -> None:
    """The tensor's struct, device and dtype."""
    target = view(arg.name)
    like = same_as(arg.dtypes)
    if like is not None:
        scope.require(f'same_dtype({label}, {given}, "{like}", {view(like)}, {target})')
    elif arg.dtypes == Name(("mode", "scale_dtypes")):
        scope.require(f"scales({label}, {given}, {scope.mode}, {target})")
    elif isinstance(arg.dtypes, tuple):
        scope.require(f"tensor({label}, {given}, {dtype_set(arg.dtypes)}, {target})")
    else:
        raise LoweringError("an input needs a set of dtypes")


def shape(scope: Scope, arg: Arg, label: str, target: str, per_expert: str = "") -> None:
    """Binds the dimensions that are new here, and checks the others."""
    if isinstance(arg.shape, ScalarShape):
        if per_expert:
            scope.require(f"scalar_or_each({label}, {target}, {per_expert})")
        else:
            scope.require(f"scalar({label}, {target})")
        return
    if not isinstance(arg.shape, Shape):
        raise LoweringError("no shape")
    axes = arg.shape.dimensions
    optional = sum(axis.optional for axis in axes)
    scope.require(f"rank({label}, {target}, {len(axes) - optional})")
    for position, axis in enumerate(reversed(axes), start=1):
        text = unparse(axis.size)
        size = f"axis_size({target}, {position})"
        missing = unbound(axis.size, scope.values)
        if axis.optional:
            scope.line(f"const bool has_{text} = {target}.ndim >= {position};")
            scope.bind(text, f"has_{text} ? {size} : 1")
        elif missing == (text,):
            scope.bind(text, size)
        elif missing:
            (name,) = missing
            scope.bind(name, solve(axis.size, name, size, scope.values))
            scope.require(f'whole({label}, {target}, {position}, {name}, "{text}")')
        else:
            value = integer(axis.size, scope.values)
            scope.require(f'size({label}, {target}, {position}, {value}, "{text}")')
    count = (
        f"has_{unparse(axes[0].size)} ? {len(axes)} : {len(axes) - 1}"
        if optional
        else str(len(axes))
    )
    scope.trailing[arg.name] = count
    _leading(scope, arg.shape, label, target, count)


def _leading(scope: Scope, rule: Shape, label: str, target: str, trailing: str) -> None:
    if rule.batch is None:
        return
    if rule.batch in scope.batches:
        scope.require(f"batch({label}, {target}, {trailing}, {rule.batch})")
        return
    scope.line(f"const Axes {rule.batch} = leading_axes({target}, {trailing});")
    scope.batches.add(rule.batch)
