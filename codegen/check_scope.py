"""Expressions and shapes against what is bound where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from codegen.check_arguments import CONDITIONS
from codegen.cpp_expression import LoweringError, solve
from codegen.expression import (
    Binary,
    Call,
    Expression,
    Integer,
    Name,
    Shape,
    names,
    unparse,
    unparse_shape,
)
from codegen.model import Arg, same_as
from codegen.problems import Mark, Problems, did_you_mean


@dataclass(slots=True)
class CheckScope:
    """What the checks of an op or a record have bound so far.

    `bindable` are the names that a shape may bind, `sizes` those with an integer, `flags` those
    with a truth value, `batches` the leading axes, `optional` the axes that may be missing,
    `tensors` the tensors whose dtype is known, `dtype_settings` the arguments that hold a dtype.
    """

    problems: Problems
    dtypes: tuple[str, ...]
    bindable: tuple[str, ...]
    has_mode: bool
    sizes: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    batches: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    tensors: set[str] = field(default_factory=set)
    dtype_settings: set[str] = field(default_factory=set)

    def condition(self, node: Expression, where: str, mark: Mark) -> None:
        """A truth value: a bool argument, or a yes-or-no column of the mode table."""
        match node:
            case Name() if node.text in self.flags:
                return
            case Name(("mode", column)) if column in CONDITIONS and self.has_mode:
                return
            case Name(("mode", column)) if self.has_mode:
                hint = did_you_mean(column, CONDITIONS)
                message = f"{where}: the mode table has no yes-or-no column {column!r}{hint}"
            case Name(("mode", _)):
                message = f"{where}: {unparse(node)} needs an argument of type mode"
            case _:
                message = f"{where}: {unparse(node)!r} is neither true nor false"
        self.problems.add(mark, "S031", message)

    def integer(self, node: Expression, where: str, mark: Mark) -> None:
        """An integer of which every name is bound."""
        match node:
            case Integer():
                return
            case Name():
                if node.text not in self.sizes:
                    hint = did_you_mean(node.text, self.sizes)
                    message = f"{where}: {node.text!r} is not bound here{hint}"
                    self.problems.add(mark, "S031", message)
            case Call("if", (condition, then, otherwise)):
                self.condition(condition, where, mark)
                self.integer(then, where, mark)
                self.integer(otherwise, where, mark)
            case Binary(_, left, right):
                self.integer(left, where, mark)
                self.integer(right, where, mark)
            case Call(function, _):
                self.problems.add(mark, "S031", f"{where}: {function}(...) is not an integer")

    def dtype(self, node: Expression, where: str, mark: Mark) -> None:
        """An expression that decides one dtype."""
        match node:
            case Name((name,)) if name in self.dtypes or name in self.dtype_settings:
                return
            case Call("if", (condition, then, otherwise)):
                self.condition(condition, where, mark)
                self.dtype(then, where, mark)
                self.dtype(otherwise, where, mark)
            case Call("same", (Name() as target,)):
                self.same(target.text, where, mark)
            case Name((name,)):
                hint = did_you_mean(name, {*self.dtypes, *self.dtype_settings})
                message = f"{where}: unknown dtype, set or argument {name!r}{hint}"
                self.problems.add(mark, "S021", message)
            case _:
                self.problems.add(mark, "S031", f"{where}: {unparse(node)!r} is not a dtype")

    def same(self, name: str, where: str, mark: Mark) -> None:
        """The dtype of a tensor that is known by now."""
        if name not in self.tensors:
            hint = did_you_mean(name, self.tensors)
            message = f"{where}: same({name}) needs a tensor that is checked earlier{hint}"
            self.problems.add(mark, "S033", message)

    def input_dtypes(self, arg: Arg, where: str) -> None:
        """The legal dtypes of an operand: a set, a column of the mode table, or another's."""
        mark, rule = arg.place.at("dtypes"), arg.dtypes
        if rule is None or isinstance(rule, tuple):
            return
        other = same_as(rule)
        if other is not None:
            self.same(other, where, mark)
        elif isinstance(rule, Name) and rule.parts[0] == "mode" and self.has_mode:
            if rule.text != "mode.scale_dtypes":
                hint = did_you_mean(rule.parts[-1], ["scale_dtypes"])
                message = f"{where}: the mode table has no dtypes {rule.parts[-1]!r}{hint}"
                self.problems.add(mark, "S031", message)
        elif isinstance(rule, Name) and len(rule.parts) == 1:
            hint = did_you_mean(rule.text, self.dtypes)
            self.problems.add(mark, "S021", f"{where}: unknown dtype or set {rule.text!r}{hint}")
        else:
            message = f"{where}: an operand's dtypes are a set, same(...) or mode.scale_dtypes"
            self.problems.add(mark, "S031", message)

    def bind(self, arg: Arg, where: str) -> None:
        """Bind what the shape of an operand binds first, and look up the rest."""
        shape, mark = arg.shape, arg.place.at("shape")
        if not isinstance(shape, Shape):
            return
        if shape.batch is None:
            message = f"{where}: leading axes are missing: write [B..., {unparse_shape(shape)[1:]}"
            self.problems.add(mark, "S032", message)
        for position, axis in enumerate(shape.dimensions):
            if axis.optional:
                self._optional(position, axis.size, where, mark)
        for axis in reversed(shape.dimensions):
            self._axis(arg, axis.size, where, mark)
        if shape.batch in (*self.sizes, *self.bindable):
            message = f"{where}: {shape.batch} is a size, and cannot be leading axes too"
            self.problems.add(mark, "S032", message)
        self.optional |= {unparse(axis.size) for axis in shape.dimensions if axis.optional}
        if shape.batch is not None:
            self.batches.add(shape.batch)

    def _optional(self, position: int, size: Expression, where: str, mark: Mark) -> None:
        text = unparse(size)
        if position or text not in self.bindable:
            message = f"{where}: only the first axis of a shape may be optional, and it is a name"
            self.problems.add(mark, "S032", message)
        elif text in self.sizes:
            self.problems.add(mark, "S032", f"{where}: the optional axis {text} is bound already")

    def _axis(self, arg: Arg, size: Expression, where: str, mark: Mark) -> None:
        missing = list(dict.fromkeys(n.text for n in names(size) if n.text not in self._known()))
        new = [name for name in missing if name in self.bindable]
        if len(new) != 1 or len(missing) != 1:
            self.integer(size, where, mark)
            return
        (name,) = new
        if arg.nullable:
            message = f"{where}: may be absent, so it cannot be the one that binds {name}"
            self.problems.add(mark, "S032", message)
        try:
            solve(size, name, "", {known: known for known in self.sizes})
        except LoweringError:
            message = f"{where}: {unparse(size)!r} does not say what {name} is"
            self.problems.add(mark, "S032", message)
        self.sizes.add(name)

    def _known(self) -> set[str]:
        return self.sizes | self.flags | {f"mode.{column}" for column in CONDITIONS}
