"""The small language of the schema's shapes, presences, dtypes and defaults.

    expression := term (('+' | '-') term)*
    term       := factor (('*' | '/') factor)*
    factor     := integer | name ('.' name)* | call | '(' expression ')'
    call       := name '(' expression (',' expression)* ')'

`/` is exact division: a value that does not divide breaks the rule that holds the expression. An
expression is parsed once and printed as often as there are languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FUNCTIONS = {"if": 3, "same": 1, "broadcast": 2, "broadcastable": 1}
"""Function name to number of arguments."""

_TOKEN = re.compile(
    r"\s*(?:(?P<int>\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>\.\.\.|[-+*/(),.\[\]?]))"
)


class ExpressionError(ValueError):
    """The text is not in the language; `column` counts from 0 in the text."""

    def __init__(self, message: str, column: int) -> None:
        self.column = column
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Integer:
    """A literal."""

    value: int


@dataclass(frozen=True, slots=True)
class Name:
    """An argument, a dimension, or a column of the mode table: `bits`, `K`, `mode.has_bias`."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The name with its dots."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """One of `FUNCTIONS` with its arguments."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """A sum, difference, product or exact quotient."""

    operator: str
    left: Expression
    right: Expression


Expression = Integer | Name | Call | Binary


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis of a shape; an optional axis (`M?`) is left out together with the operand's."""

    size: Expression
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """`[E..., rows, columns]`: leading axes that one name binds, then axes one by one."""

    batch: str | None
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class ScalarShape:
    """Exactly one element, whatever the axes."""


@dataclass(frozen=True, slots=True)
class BroadcastableShape:
    """Anything that broadcasts to the shape of another argument."""

    to: str


ShapeRule = Shape | ScalarShape | BroadcastableShape


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                column = len(text) - len(text[position:].lstrip())
                raise ExpressionError(f"unexpected {text[column]!r}", column)
            kind = match.lastgroup or ""
            self.tokens.append((kind, match.group(kind), match.start(kind)))
            position = match.end()
        self.index = 0

    def peek(self) -> str:
        return self.tokens[self.index][1] if self.index < len(self.tokens) else ""

    def column(self) -> int:
        return self.tokens[self.index][2] if self.index < len(self.tokens) else len(self.text)

    def accept(self, value: str) -> bool:
        if self.index < len(self.tokens) and self.tokens[self.index][1] == value:
            self.index += 1
            return True
        return False

    def expect(self, value: str) -> None:
        if not self.accept(value):
            found = repr(self.peek()) if self.peek() else "the end"
            raise ExpressionError(f"expected {value!r}, found {found}", self.column())

    def end(self) -> None:
        if self.index < len(self.tokens):
            raise ExpressionError(f"unexpected {self.peek()!r}", self.column())

    def expression(self) -> Expression:
        left = self.term()
        while self.peek() in ("+", "-"):
            operator = self.peek()
            self.index += 1
            left = Binary(operator, left, self.term())
        return left

    def term(self) -> Expression:
        left = self.factor()
        while self.peek() in ("*", "/"):
            operator = self.peek()
            self.index += 1
            left = Binary(operator, left, self.factor())
        return left

    def factor(self) -> Expression:
        if self.index >= len(self.tokens):
            raise ExpressionError("expected a name or a number, found the end", self.column())
        kind, value, column = self.tokens[self.index]
        self.index += 1
        if kind == "int":
            return Integer(int(value))
        if kind == "name":
            if self.accept("("):
                return self.call(value, column)
            parts = [value]
            while self.accept("."):
                kind, part, column = self._next_name()
                parts.append(part)
            return Name(tuple(parts))
        if value == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        raise ExpressionError(f"expected a name or a number, found {value!r}", column)

    def _next_name(self) -> tuple[str, str, int]:
        if self.index >= len(self.tokens) or self.tokens[self.index][0] != "name":
            raise ExpressionError("expected a name after '.'", self.column())
        self.index += 1
        return self.tokens[self.index - 1]

    def call(self, function: str, column: int) -> Call:
        if function not in FUNCTIONS:
            raise ExpressionError(
                f"unknown function {function!r}; known: {', '.join(sorted(FUNCTIONS))}", column
            )
        arguments = [self.expression()]
        while self.accept(","):
            arguments.append(self.expression())
        self.expect(")")
        if len(arguments) != FUNCTIONS[function]:
            raise ExpressionError(
                f"{function} takes {FUNCTIONS[function]} arguments, not {len(arguments)}", column
            )
        return Call(function, tuple(arguments))

    def shape(self) -> ShapeRule:
        if self.peek() != "[":
            return self._named_shape()
        self.expect("[")
        batch: str | None = None
        dimensions: list[Dimension] = []
        while not self.accept("]"):
            if dimensions or batch is not None:
                self.expect(",")
            column = self.column()
            size = self.expression()
            if self.accept("..."):
                if dimensions or batch is not None or not isinstance(size, Name):
                    raise ExpressionError("only the first axis may be a named '...'", column)
                batch = size.text
                continue
            dimensions.append(Dimension(size, optional=self.accept("?")))
        return Shape(batch, tuple(dimensions))

    def _named_shape(self) -> ShapeRule:
        column = self.column()
        node = self.expression()
        if node == Name(("scalar",)):
            return ScalarShape()
        if isinstance(node, Call) and node.function == "broadcastable":
            target = node.arguments[0]
            if isinstance(target, Name):
                return BroadcastableShape(target.text)
        raise ExpressionError("a shape is '[...]', 'scalar' or 'broadcastable(argument)'", column)


def parse(text: str) -> Expression:
    """Parse one expression."""
    parser = _Parser(text)
    node = parser.expression()
    parser.end()
    return node


def parse_shape(text: str) -> ShapeRule:
    """Parse one shape rule."""
    parser = _Parser(text)
    node = parser.shape()
    parser.end()
    return node


_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}


def _print(node: Expression, outer: int) -> str:
    match node:
        case Integer(value):
            return str(value)
        case Name():
            return node.text
        case Call(function, arguments):
            return f"{function}({', '.join(_print(argument, 0) for argument in arguments)})"
        case Binary(operator, left, right):
            inner = _PRECEDENCE[operator]
            text = f"{_print(left, inner)} {operator} {_print(right, inner + 1)}"
            return f"({text})" if inner < outer else text


def unparse(node: Expression) -> str:
    """Print an expression; `parse(unparse(node)) == node`."""
    return _print(node, 0)


def unparse_shape(rule: ShapeRule) -> str:
    """Print a shape rule; `parse_shape(unparse_shape(rule)) == rule`."""
    match rule:
        case ScalarShape():
            return "scalar"
        case BroadcastableShape(to):
            return f"broadcastable({to})"
        case Shape(batch, dimensions):
            axes = [f"{batch}..."] if batch is not None else []
            axes += [unparse(axis.size) + ("?" if axis.optional else "") for axis in dimensions]
            return f"[{', '.join(axes)}]"


def names(node: Expression) -> Iterator[Name]:
    """Every name in an expression, in order."""
    match node:
        case Name():
            yield node
        case Call(_, arguments):
            for argument in arguments:
                yield from names(argument)
        case Binary(_, left, right):
            yield from names(left)
            yield from names(right)
        case Integer():
            pass


def evaluate(node: Expression, lookup: Callable[[str], int]) -> int:
    """The value of an expression; raises ValueError where an exact division has a remainder."""
    match node:
        case Integer(value):
            return value
        case Name():
            return lookup(node.text)
        case Call("if", (condition, then, otherwise)):
            return evaluate(then if evaluate(condition, lookup) else otherwise, lookup)
        case Call(function, _):
            raise ValueError(f"{function} has no integer value")
        case Binary(operator, left, right):
            a, b = evaluate(left, lookup), evaluate(right, lookup)
            if operator == "+":
                return a + b
            if operator == "-":
                return a - b
            if operator == "*":
                return a * b
            if b == 0 or a % b:
                raise ValueError(f"{a} is not divisible by {b} in {unparse(node)}")
            return a // b
