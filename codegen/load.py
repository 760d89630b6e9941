"""Strict YAML to plain values that remember where they stand."""

from __future__ import annotations

import functools
import json
import pathlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonschema
import yaml

from codegen.problems import Mark, Path, Place, Problems, did_you_mean

STRUCTURE = pathlib.Path(__file__).parent / "schema" / "thinbit.schema.json"

_TAGS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:null": lambda text: None,
}
_PLAIN = {
    "tag:yaml.org,2002:int": re.compile(r"0|-?[1-9][0-9]*"),
    "tag:yaml.org,2002:float": re.compile(r"-?[0-9]+\.[0-9]+"),
    "tag:yaml.org,2002:bool": re.compile(r"true|false"),
    "tag:yaml.org,2002:null": re.compile(r"null"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values, and for every path into them the place it came from."""

    value: Any
    marks: dict[Path, Mark]

    def place(self, path: Path) -> Place:
        """Where a path leads to."""
        return Place(self.marks, path)

    def mark(self, path: Path) -> Mark:
        """Where a path stands; the nearest enclosing place for one that is missing."""
        return self.place(path).at()


class _Reader:
    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems
        self.marks: dict[Path, Mark] = {}
        self.seen: set[int] = set()

    def at(self, mark: yaml.Mark) -> Mark:
        return Mark(self.file, mark.line + 1, mark.column + 1)

    def read(self, node: yaml.Node, path: Path) -> Any:
        mark = self.at(node.start_mark)
        self.marks[path] = mark
        if id(node) in self.seen:
            self.problems.add(
                mark, "S003", "anchors and aliases are not allowed; write the value again"
            )
            return None
        self.seen.add(id(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
            case _:
                assert isinstance(node, yaml.ScalarNode)
                return self._scalar(node, mark)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            mark = self.at(key.start_mark)
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                self.problems.add(
                    mark,
                    "S005",
                    "a key has to be a plain string; quote it if it must look like this",
                )
                continue
            if key.value in result:
                self.problems.add(mark, "S002", f"the key {key.value!r} stands here twice")
                continue
            result[key.value] = self.read(value, (*path, key.value))
        return result

    def _scalar(self, node: yaml.ScalarNode, mark: Mark) -> Any:
        convert = _TAGS.get(node.tag)
        if convert is None:
            self.problems.add(
                mark,
                "S004",
                f"the type {node.tag.rsplit(':', 1)[-1]!r} is not allowed; quote the value",
            )
            return None
        plain = _PLAIN.get(node.tag)
        if plain is not None and not plain.fullmatch(node.value):
            self.problems.add(
                mark,
                "S004",
                f"{node.value!r} is not text; quote it, or write true, false, null, 12 or 1.5",
            )
            return None
        return convert(node.value)


def load(text: str, file: str, problems: Problems) -> Document | None:
    """Parse strict YAML and check its structure; None when it cannot be read on."""
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.TagToken):
                mark = Mark(file, token.start_mark.line + 1, token.start_mark.column + 1)
                problems.add(mark, "S003", "tags are not allowed")
            elif isinstance(token, yaml.AnchorToken):
                mark = Mark(file, token.start_mark.line + 1, token.start_mark.column + 1)
                problems.add(
                    mark, "S003", "anchors and aliases are not allowed; write the value again"
                )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = Mark(file, place.line + 1, place.column + 1) if place else Mark(file, 1, 1)
        problems.add(mark, "S001", f"not YAML: {error.problem}")
        return None
    if root is None:
        problems.add(Mark(file, 1, 1), "S001", "the schema is empty")
        return None
    if problems.found:
        return None
    reader = _Reader(file, problems)
    document = Document(reader.read(root, ()), reader.marks)
    if problems.found:
        return None
    check_structure(document, problems)
    return None if problems.found else document


def check_structure(document: Document, problems: Problems) -> None:
    """Hold the document against the JSON Schema."""
    for error in _validator().iter_errors(document.value):
        leaf = error
        while leaf.context:
            leaf = max(leaf.context, key=lambda inner: len(inner.absolute_path))
        path = tuple(leaf.absolute_path)
        problems.add(document.mark(path), "S010", _sentence(leaf))


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    structure = json.loads(STRUCTURE.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(structure)


def _sentence(error: jsonschema.ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "the schema"
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return f"{where}: {error.message}"
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    unknown = [key for key in error.instance if key not in known]
    hints = [f"unknown key {key!r}{did_you_mean(key, known)}" for key in unknown]
    return f"{where}: {', and '.join(hints)}"
