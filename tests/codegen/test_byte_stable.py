"""Two runs write the same bytes, whatever the order of Python's sets and dicts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib, pathlib, sys
from codegen import lower_vectors
from codegen.schema_file import load_schema
from codegen.targets import LOWERINGS, lower_all

texts = tuple(lowering for lowering in LOWERINGS if lowering is not lower_vectors.lower)
outputs = lower_all(load_schema(pathlib.Path(sys.argv[1])), texts)
for path, content in outputs.items():
    print(hashlib.sha256(content).hexdigest(), path)
"""


def run(seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PROGRAM, str(ROOT)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    first = run("0")
    assert first.count("\n") > 50
    assert first == run("1") == run("4242")


def test_nothing_of_this_machine_is_in_the_outputs() -> None:
    names = {os.uname().nodename, str(ROOT), str(Path.home())}
    for path in (ROOT / "codegen" / "manifest.json", ROOT / "core/include/thinbit/thinbit.h"):
        text = path.read_text()
        assert not [name for name in names if len(name) > 5 and name in text]
