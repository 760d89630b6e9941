"""Every single edit of the real schema changes the outputs or is refused; none is a traceback.

An edit deletes a key or an element, renames, flips, counts up, reverses or repeats. Edits of keys
that only people read (DOCUMENTATION) change comments and pages; all others change more than that.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codegen import lower_vectors
from codegen.load import Document, check_structure, load
from codegen.problems import Problems, SchemaError
from codegen.schema_file import SCHEMA, build_schema
from codegen.targets import LOWERINGS, GenerationError, lower_all

ROOT = Path(__file__).resolve().parents[2]
KeyPath = tuple[str | int, ...]

TEXTS = tuple(lowering for lowering in LOWERINGS if lowering is not lower_vectors.lower)

DOCUMENTATION = ("doc", "detail", "element", "scale", "unit", "flat")
"""Keys that people read. `flat` is one where a record's field has it."""

PARTS = 8


@dataclass(frozen=True)
class Mutation:
    """One edit, at one place."""

    path: KeyPath
    kind: str
    apply: Callable[[Any, Any], None]

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.kind}"


def _delete(parent: Any, key: Any) -> None:
    del parent[key]


def _to(change: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    def apply(parent: Any, key: Any) -> None:
        parent[key] = change(parent[key])

    return apply


def _rename_key(parent: Any, key: Any) -> None:
    parent[f"{key}x"] = parent.pop(key)


def edits_of(path: KeyPath, value: Any) -> Iterator[Mutation]:
    yield Mutation(path, "delete", _delete)
    match value:
        case bool():
            yield Mutation(path, "flip", _to(lambda flag: not flag))
        case int() | float():
            yield Mutation(path, "count up", _to(lambda number: number + 1))
            if value != 0:
                yield Mutation(path, "zero", _to(lambda number: type(number)(0)))
        case str():
            yield Mutation(path, "rename", _to(lambda text: f"{text}x"))
            yield Mutation(path, "cut", _to(lambda text: text[:-1]))
            if path[-1] in ("doc", "detail"):
                yield Mutation(path, "reword", _to(lambda text: f"Also: {text}"))
        case list() if len(value) > 1:
            yield Mutation(path, "reverse", _to(lambda items: items[::-1]))
            yield Mutation(path, "repeat", _to(lambda items: [*items, copy.deepcopy(items[0])]))
    if isinstance(value, dict) and path[-1] in ("dtype_sets", "dims", "multiple_of", "backends"):
        for key in value:
            yield Mutation((*path, key), "rename key", _rename_key)


def walk(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    if path:
        yield path, value
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from walk(inner, (*path, key))


@cache
def document() -> Document:
    loaded = load((ROOT / SCHEMA).read_text(encoding="utf-8"), SCHEMA, Problems())
    assert loaded is not None
    return loaded


@cache
def mutations() -> tuple[Mutation, ...]:
    return tuple(edit for path, value in walk(document().value) for edit in edits_of(path, value))


def mutated(mutation: Mutation) -> Any:
    root = copy.deepcopy(document().value)
    parent = root
    for key in mutation.path[:-1]:
        parent = parent[key]
    mutation.apply(parent, mutation.path[-1])
    return root


def around(value: Any, path: KeyPath) -> Any:
    """What the JSON Schema has to look at after an edit: one entry of each list is enough."""
    table, entry = path[0], path[1] if len(path) > 2 else None
    kept = {key: v[:1] if isinstance(v, list) else v for key, v in value.items()}
    if table in value:
        kept[table] = [value[table][entry]] if isinstance(entry, int) else value[table]
    return kept


def outputs_of(value: Any, path: KeyPath) -> dict[str, bytes]:
    """The outputs, less the schema's hash, which every edit changes."""
    problems = Problems()
    check_structure(Document(around(value, path), document().marks), problems)
    problems.raise_if_any()
    schema = build_schema(Document(value, document().marks))
    digest = schema.digest.encode()
    return {path: text.replace(digest, b"") for path, text in lower_all(schema, TEXTS).items()}


@cache
def unchanged() -> dict[str, bytes]:
    return outputs_of(document().value, ("format",))


def only_read_by_people(mutation: Mutation) -> bool:
    key = next(key for key in reversed(mutation.path) if isinstance(key, str))
    if key == "flat" and "fields" not in mutation.path:
        return False
    return key in DOCUMENTATION


def code_of(path: str, text: bytes) -> bytes:
    """A text without its comments, docstrings and prose."""
    if path.startswith("docs/"):
        return b""
    if path.endswith((".py", ".pyi")):
        text = re.sub(rb'"""(?:.|\n)*?"""', b"", text)
        return re.sub(rb"#.*", b"", text)
    text = re.sub(rb"/\*(?:.|\n)*?\*/", b"", text)
    return re.sub(rb"//.*", b"", text)


def verdict(mutation: Mutation) -> str:
    """What is wrong about the answer to an edit; empty when nothing is."""
    try:
        made = outputs_of(mutated(mutation), mutation.path)
    except SchemaError as error:
        wrong = [p for p in error.problems if not re.fullmatch(r"S0\d\d", p.code)]
        return f"{mutation}: refused without a code" if wrong else ""
    except GenerationError as error:
        return f"{mutation}: no check refuses it, but a lowering does: {error}"
    except Exception as error:  # Whatever else comes out would be a traceback.
        return f"{mutation}: {type(error).__name__}: {error}"
    before = unchanged()
    if made == before:
        return f"{mutation}: nothing says so"
    if only_read_by_people(mutation):
        return ""
    different = [path for path in made if made[path] != before.get(path)]
    same = made.keys() == before.keys() and all(
        code_of(path, made[path]) == code_of(path, before[path]) for path in different
    )
    return f"{mutation}: only comments are different" if same else ""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_edit_is_seen(part: int) -> None:
    wrong = [v for mutation in mutations()[part::PARTS] if (v := verdict(mutation))]
    assert not wrong, "\n".join(wrong)


def test_there_are_edits_of_every_key() -> None:
    keys = {key for path, _ in walk(document().value) for key in path if isinstance(key, str)}
    assert {m.path[-1] for m in mutations() if isinstance(m.path[-1], str)} >= keys
    assert len(mutations()) > 2000
