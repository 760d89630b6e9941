"""Templates print what a lowering computed: loops and names, no logic."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

TEMPLATES = Path(__file__).resolve().parents[2] / "codegen" / "templates"
FILES = sorted(TEMPLATES.rglob("*.j2"))
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.For,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Tuple,
    nodes.Const,
    nodes.Filter,
)
PRINTING = ("join", "length", "tojson")
MOST_LINES = 150
LONGER = {"c/thinbit.h.j2"}  # The header is one file, and mostly plain C.


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_template_holds_loops_only(path: Path) -> None:
    tree = jinja2.Environment().parse(path.read_text())
    for node in tree.find_all(nodes.Node):
        assert isinstance(node, ALLOWED), f"line {node.lineno}: {type(node).__name__}"
        if isinstance(node, nodes.For):
            assert node.test is None, f"line {node.lineno}: a loop with a condition"
            assert not node.else_, f"line {node.lineno}: a loop with an else"
        if isinstance(node, nodes.Filter):
            assert node.name in PRINTING, f"line {node.lineno}: the filter {node.name}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_template_is_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines < MOST_LINES or name_of(path) in LONGER


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_template_starts_with_the_banner(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert "{{ banner }}" in first or "{{ html }}" in first
