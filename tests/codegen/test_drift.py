"""Drift: hand-edited, stale, missing and orphaned files are told apart, and named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import write
from codegen.cli import main
from codegen.render import BANNER

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_DIGEST = "0" * 64
FILES = {"a/one.gen.h": b"one\n", "a/two.gen.h": b"two\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write.write(tmp_path, FILES, SCHEMA_DIGEST)
    return tmp_path


def findings(root: Path, outputs: dict[str, bytes] = FILES) -> list[str]:
    return [f"{f.path}: {f.kind}" for f in write.check(root, outputs, SCHEMA_DIGEST)]


def test_what_was_just_written_is_right(root: Path) -> None:
    assert findings(root) == []
    assert write.write(root, FILES, SCHEMA_DIGEST) == []


def test_a_hand_edited_file_is_named(root: Path) -> None:
    (root / "a/one.gen.h").write_bytes(b"edited\n")
    assert findings(root) == ["a/one.gen.h: hand-edited"]


def test_a_stale_file_is_named(root: Path) -> None:
    assert findings(root, {**FILES, "a/two.gen.h": b"new\n"}) == ["a/two.gen.h: stale"]


def test_a_missing_file_is_named(root: Path) -> None:
    (root / "a/one.gen.h").unlink()
    assert findings(root) == ["a/one.gen.h: missing"]


def test_an_orphaned_file_is_named_and_then_removed(root: Path) -> None:
    remaining = {"a/one.gen.h": FILES["a/one.gen.h"]}
    assert findings(root, remaining) == ["a/two.gen.h: orphaned"]
    assert write.write(root, remaining, SCHEMA_DIGEST) == ["a/two.gen.h"]
    assert not (root / "a/two.gen.h").exists()
    assert findings(root, remaining) == []


def test_a_file_that_says_it_is_generated_and_is_not_is_named(root: Path) -> None:
    (root / "a/by_hand.h").write_text("// Not generated.\n")
    assert findings(root) == []
    (root / "a/left.gen.h").write_text(f"// {BANNER}\n")
    assert findings(root) == ["a/left.gen.h: orphaned"]


def test_each_kind_is_told_in_one_run(root: Path) -> None:
    (root / "a/one.gen.h").write_bytes(b"edited\n")
    outputs = {"a/one.gen.h": b"one\n", "a/three.gen.h": b"three\n"}
    assert findings(root, outputs) == [
        "a/one.gen.h: hand-edited",
        "a/three.gen.h: missing",
        "a/two.gen.h: orphaned",
    ]


def test_another_schema_makes_the_manifest_stale(root: Path) -> None:
    found = write.check(root, FILES, "1" * 64)
    assert [str(f) for f in found] == ["codegen/manifest.json: stale: run `make gen`"]


def copy_of_the_repository(to: Path) -> Path:
    """The schema and the generated files; what is only written by hand stays away."""
    paths = write.recorded(ROOT)
    for path in [*paths, write.MANIFEST, "codegen/schema/thinbit.yaml"]:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, to / path)
    return to


def test_a_hand_edit_fails_the_check_with_file_and_reason(tmp_path: Path) -> None:
    root = copy_of_the_repository(tmp_path)
    header = root / "core/include/thinbit/thinbit.h"
    header.write_text(header.read_text() + "/* mine */\n")
    command = [sys.executable, "-m", "codegen", "check", "--root", str(root)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "core/include/thinbit/thinbit.h: hand-edited: it was edited by hand" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_schema_is_exit_2_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "codegen/schema/thinbit.yaml"
    schema.parent.mkdir(parents=True)
    text = (ROOT / "codegen/schema/thinbit.yaml").read_text()
    schema.write_text(text.replace("default_bits: 8", "default_bits: 9"))
    assert main(["check", "--root", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "codegen/schema/thinbit.yaml:" in said
    assert "S025: mxfp8: default_bits 9 is not one of bits [8]" in said
    assert "1 error in the schema" in said


def test_the_repository_is_what_its_schema_says() -> None:
    command = [sys.executable, "-m", "codegen", "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
