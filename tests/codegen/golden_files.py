"""Expected texts under golden/; `THINBIT_UPDATE_GOLDEN=1 pytest tests/codegen` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("THINBIT_UPDATE_GOLDEN") == "1"
HOW = "when this is meant, run `THINBIT_UPDATE_GOLDEN=1 pytest tests/codegen` and read the diff"


def assert_golden(name: str, text: str) -> None:
    """Compare with golden/<name>, or write it."""
    path = GOLDEN / name
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path} is not there; {HOW}"
    assert text == path.read_text(encoding="utf-8"), f"{path.name} is different; {HOW}"


def small_schema() -> str:
    """The text of a schema with one of every feature."""
    return (GOLDEN / "small.yaml").read_text(encoding="utf-8")


def edited(*edits: tuple[str, str]) -> str:
    """The small schema with texts replaced, each of which stands there exactly once."""
    text = small_schema()
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text
