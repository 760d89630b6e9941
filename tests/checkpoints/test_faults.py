"""What is said about files that are not what they should be: word for word what Swift says of them.

faults.json holds the files and the words; bindings/swift/Tests/ThinbitNNTests/FaultTests.swift
reads the same cases.
"""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from thinbit.io import Checkpoint, CheckpointError, save_checkpoint

ROOT = Path(__file__).parents[2]
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "faults.json").read_text())[
    "cases"
]

# What no file at rest shows, and what the tests of saving a model see in both languages.
NOT_HERE = {"changed", "no_tensor", "two_of_a_name", "folder_exists", "folder_no_checkpoint"}


def contents(file: dict[str, Any]) -> bytes:
    """The bytes of a file: a text, bytes after it, zeros; or a header with its length and data."""
    zeros = bytes(file.get("zeros", 0))
    if "length" in file:
        return struct.pack("<Q", file["length"]) + zeros
    text: str = file.get("header", file.get("text", ""))
    body = text.encode() + bytes.fromhex(file.get("hex", ""))
    if "header" in file:
        return struct.pack("<Q", len(body)) + body + bytes(file["data"])
    return body + zeros


def provoke(folder: Path, case: dict[str, Any]) -> None:
    """Make the files of a case, and do what has to fail."""
    for name, file in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents(file))
    if "pipe" in case:
        os.mkfifo(folder / case["pipe"])
    if "write" in case:
        save_checkpoint(folder / case["write"], {case.get("tensor", "a"): np.zeros(1, np.float32)})
        return
    with Checkpoint(folder / case["open"]) as checkpoint:
        if "read" in case:
            checkpoint.array(case["read"])
        if "module" in case:
            checkpoint.quantized(case["module"])


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c['fault']}" for i, c in enumerate(CASES)])
def test_says(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        provoke(tmp_path, case)
    error = caught.value
    assert (error.problem if isinstance(error, CheckpointError) else str(error)) == case["message"]


def test_every_text_has_a_case() -> None:
    schema = yaml.safe_load((ROOT / "codegen/schema/thinbit.yaml").read_text())
    without = set()
    for entry in schema["file_texts"]:
        pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(entry["text"]))
        if not any(re.search(pattern, case["message"]) for case in CASES):
            without.add(entry["name"])
    assert without == NOT_HERE
