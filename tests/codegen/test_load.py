"""Loading: strict YAML, every error with its place, all of them at once."""

from __future__ import annotations

import pytest
from golden_files import edited, small_schema

from codegen.load import load
from codegen.problems import Problems, SchemaError
from codegen.schema_file import read_schema

FILE = "small.yaml"


def problems_of(text: str) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        read_schema(text, FILE)
    return [str(problem) for problem in caught.value.problems]


def test_values_remember_where_they_stand() -> None:
    text = small_schema()
    document = load(text, FILE, Problems())
    assert document is not None
    mark = document.mark(("modes", 1, "default_bits"))
    line = text.splitlines()[mark.line - 1]
    assert line[mark.column - 1 :] == "4"
    assert line.strip() == "default_bits: 4"
    assert document.mark(("modes", 1, "nothing")) == document.mark(("modes", 1))


@pytest.mark.parametrize("value", ["yes", "0x10", "012", "1e3", "1_000", "~", "on", "True", ".5"])
def test_words_that_yaml_reads_as_something_else_are_refused(value: str) -> None:
    (problem,) = problems_of(edited(("abi_version: 1", f"abi_version: {value}")))
    assert problem.startswith("small.yaml:2:14: S0")


@pytest.mark.parametrize("value", ["2001-01-01", "!!int '1'", "&a 1"])
def test_dates_tags_and_anchors_are_refused(value: str) -> None:
    (problem,) = problems_of(edited(("abi_version: 1", f"abi_version: {value}")))
    assert problem.startswith("small.yaml:2:14: S00")


def test_every_problem_is_reported_in_the_order_of_the_file() -> None:
    found = problems_of(
        edited(
            (
                "default_bits: 4\n    group_sizes: [32, 64]",
                "default_bits: 5\n    group_sizes: [32, 64]",
            ),
            ('dtypes: [uint32], shape: "[E..., rows', 'dtypes: [uint23], shape: "[E..., rows'),
            ("Quantize a tensor.", "Quantize a tensor"),
        )
    )
    assert [problem.split(": ")[1] for problem in found] == ["S025", "S021", "S035"]
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == sorted(lines)


def test_an_unreadable_expression_does_not_hide_other_problems() -> None:
    found = problems_of(
        edited(
            ("beta * c + x @ w^T.", "beta * c + x @ w^T"),
            ('"broadcast(X, lhs_indices)"', '"broadcast(X"'),
        )
    )
    assert [problem.split(": ")[1] for problem in found] == ["S035", "S020"]


@pytest.mark.parametrize("text", ["", "a: [", "a: 1\na: 2", "1: 2", "? [a]\n: b", "[]", "a"])
def test_what_is_no_schema_is_refused_and_not_a_traceback(text: str) -> None:
    assert problems_of(text)
