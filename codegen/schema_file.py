"""The schema of a repository, read, checked and turned into the model."""

from __future__ import annotations

from pathlib import Path

from codegen.build import Builder
from codegen.check import check
from codegen.load import Document, load
from codegen.model import Schema
from codegen.problems import Problems

SCHEMA = "codegen/schema/thinbit.yaml"


def read_schema(text: str, file: str) -> Schema:
    """The model of a schema's text; SchemaError with everything that is wrong in it."""
    problems = Problems()
    document = load(text, file, problems)
    problems.raise_if_any()
    assert document is not None
    return build_schema(document)


def build_schema(document: Document) -> Schema:
    """The model of a document; SchemaError with everything that is wrong in what it means."""
    problems = Problems()
    builder = Builder(document, problems)
    schema = builder.schema()
    check(schema, document, problems, builder.broken, builder.layers_broken)
    problems.raise_if_any()
    return schema


def load_schema(root: Path) -> Schema:
    """The model of the repository's schema."""
    return read_schema((root / SCHEMA).read_text(encoding="utf-8"), SCHEMA)
