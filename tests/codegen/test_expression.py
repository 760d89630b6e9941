"""Expressions: parsing and printing are inverse, and every printed form has the same value."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.cpp_expression import integer
from codegen.expression import (
    Binary,
    Call,
    Dimension,
    Expression,
    ExpressionError,
    Integer,
    Name,
    Shape,
    evaluate,
    names,
    parse,
    parse_shape,
    unparse,
    unparse_shape,
)

ROOT = Path(__file__).resolve().parents[2]
SIZES = ("K", "N", "bits", "group_size")
FLAGS = ("transpose", "mode.has_bias")


def random_integer(rng: random.Random, depth: int) -> Expression:
    """An expression over SIZES and FLAGS."""
    kind = rng.randrange(8) if depth else rng.randrange(2)
    if kind == 0:
        return Integer(rng.choice((0, 1, 2, 3, 8, 32)))
    if kind == 1:
        return Name((rng.choice(SIZES),))
    if kind == 2:
        condition = Name(tuple(rng.choice(FLAGS).split(".")))
        branches = (random_integer(rng, depth - 1) for _ in range(2))
        return Call("if", (condition, *branches))
    left, right = random_integer(rng, depth - 1), random_integer(rng, depth - 1)
    return Binary("+-*//"[kind - 3], left, right)


def random_expressions(count: int, depth: int) -> list[Expression]:
    rng = random.Random(7)
    return [random_integer(rng, depth) for _ in range(count)]


@pytest.mark.parametrize("depth", [1, 2, 4, 6])
def test_a_printed_expression_parses_to_itself(depth: int) -> None:
    for node in random_expressions(400, depth):
        assert parse(unparse(node)) == node


@pytest.mark.parametrize(
    "text", ["a - (b - c)", "a - b - c", "a / (b * c)", "a / b * c", "(a + b) * c", "a * b + c"]
)
def test_only_needed_parentheses_are_printed(text: str) -> None:
    assert unparse(parse(text)) == text


def test_a_printed_shape_parses_to_itself() -> None:
    rng = random.Random(11)
    for _ in range(300):
        axes = [Dimension(random_integer(rng, 2)) for _ in range(rng.randrange(4))]
        if axes:
            axes[0] = Dimension(axes[0].size, optional=rng.random() < 0.5)
        shape = Shape(rng.choice((None, "B", "E")), tuple(axes))
        assert parse_shape(unparse_shape(shape)) == shape
    for text in ("scalar", "broadcastable(out)", "[B...]", "[B..., M?, K]"):
        assert unparse_shape(parse_shape(text)) == text


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 0),
        ("K +", 3),
        ("K ** 2", 3),
        ("(K", 2),
        ("K)", 1),
        ("same(a, b)", 0),
        ("max(a, b)", 0),
        ("mode.", 5),
        ("K $ 2", 2),
        ("2 K", 2),
        ("if(a, b)", 0),
    ],
)
def test_what_is_no_expression_is_refused_at_its_place(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.column == column


@pytest.mark.parametrize("text", ["[M, B...]", "K", "[M", "[1..., K]", "broadcastable(2)"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_shape(text)


def test_a_division_with_a_remainder_has_no_value() -> None:
    with pytest.raises(ValueError, match="7 is not divisible by 2 in K / 2"):
        evaluate(parse("K / 2"), {"K": 7}.__getitem__)


def test_the_names_of_an_expression_are_found_in_order() -> None:
    node = parse("if(mode.has_bias, same(x), K * bits / 32)")
    assert [name.text for name in names(node)] == ["mode.has_bias", "x", "K", "bits"]


def divisions(node: Expression) -> Iterator[Binary]:
    match node:
        case Binary(operator, left, right):
            yield from divisions(left)
            yield from divisions(right)
            if operator == "/":
                yield node
        case Call(_, arguments):
            for argument in arguments:
                yield from divisions(argument)


def expected_value(node: Expression, values: dict[str, int]) -> int | None:
    """What C++ has to compute; None where C++ is never asked to: negative sizes, division by 0."""
    for division in divisions(node):
        try:
            dividend = evaluate(division.left, values.__getitem__)
            divisor = evaluate(division.right, values.__getitem__)
        except ValueError:
            return None
        if dividend < 0 or divisor <= 0:
            return None
        if dividend % divisor and division is not node:
            return None
    try:
        return evaluate(node, values.__getitem__)
    except ValueError:
        return -1


def test_cpp_computes_what_python_computes(tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    assert compiler, "no C++ compiler"
    rng = random.Random(3)
    scope = {name: name.replace(".", "_") for name in (*SIZES, *FLAGS)}
    parameters = ", ".join(f"int64_t {name}" for name in scope.values())
    unused = " ".join(f"(void){name};" for name in scope.values())
    functions, calls, expected = [], [], []
    for i, node in enumerate(random_expressions(400, 4)):
        functions.append(
            f"int64_t f{i}({parameters}) {{ {unused} return {integer(node, scope)}; }}"
        )
        for _ in range(25):
            values = {name: rng.choice((1, 2, 4, 8, 16, 24, 32, 64, 96)) for name in SIZES}
            values |= {name: rng.randrange(2) for name in FLAGS}
            value = expected_value(node, values)
            if value is not None and abs(value) < 2**62:
                arguments = ", ".join(str(values[name]) for name in scope)
                calls.append(f'std::printf("%lld\\n", static_cast<long long>(f{i}({arguments})));')
                expected.append(value)
    assert len(expected) > 2000
    assert expected.count(-1) > 20
    text = '#include <cstdint>\n#include <cstdio>\n#include "runtime/axes.h"\n'
    text += "using namespace thinbit;\n" + "\n".join(functions)
    chunks = [calls[i : i + 500] for i in range(0, len(calls), 500)]
    text += "\n".join(f"void part{i}() {{ {' '.join(c)} }}" for i, c in enumerate(chunks))
    text += f"\nint main() {{ {' '.join(f'part{i}();' for i in range(len(chunks)))} }}\n"
    source, program = tmp_path / "expressions.cpp", tmp_path / "expressions"
    source.write_text(text)
    includes = [f"-I{ROOT / 'core'}", f"-I{ROOT / 'core/include'}"]
    subprocess.run([compiler, "-std=c++17", "-O0", *includes, source, "-o", program], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    assert [int(line) for line in printed.split()] == expected
