"""The demo on a small generated model, and what it does where something is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo" / "demo.py"
MODES = [f"affine:{bits}:g64" for bits in (1, 2, 3, 4, 5, 6, 8)] + ["mxfp4", "nvfp4", "mxfp8"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**{k: v for k, v in os.environ.items() if k != "CI"}, **environment},
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The output folder and the words of a run without Swift."""
    output = tmp_path_factory.mktemp("demo")
    done = run("--generated", "--no-swift", "--output", output)
    assert done.returncode == 0, done.stderr
    return output, done.stdout


def test_every_mode_and_width_is_in_the_table(finished: tuple[Path, str]) -> None:
    output, words = finished
    value = json.loads((output / "table.json").read_text())
    assert [result["mode"] for result in value["results"]] == MODES
    errors = {result["mode"]: result["relative_rms_error"] for result in value["results"]}
    assert [errors[mode] for mode in MODES[:7]] == sorted(
        (errors[mode] for mode in MODES[:7]), reverse=True
    )
    assert 0.05 < errors["nvfp4"] < errors["mxfp4"] < 0.2 and errors["mxfp8"] < 0.05
    for result in value["results"]:
        assert (output / result["file"]).stat().st_size == result["bytes"]
        assert f"{result['relative_rms_error']:.4f}" in words


def test_the_picture_is_a_picture(finished: tuple[Path, str]) -> None:
    content = (finished[0] / "error-against-bits.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 20_000


def test_one_layer_is_multiplied_in_three_modes(finished: tuple[Path, str]) -> None:
    words = finished[1]
    for mode in ("affine:4:g64", "mxfp8", "nvfp4"):
        assert f"layer: {mode}, 8 rows" in words
    assert words.count("  python sha256") == 3
    layers = json.loads((finished[0] / "layer.json").read_text())
    assert all(0 < layer["relative_error"] < 0.2 and "swift" not in layer for layer in layers)


def test_without_swift_the_demo_goes_on_and_says_so(tmp_path: Path) -> None:
    done = run("--generated", "--output", tmp_path, PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "there is no swift on the PATH" in done.stdout


def test_without_swift_in_ci_the_demo_fails(tmp_path: Path) -> None:
    done = run("--generated", "--output", tmp_path, PATH=str(tmp_path), CI="1")
    assert done.returncode == 1
    assert "there is no swift on the PATH, and CI is set" in done.stderr
    assert "Traceback" not in done.stderr


# pip, told to look in an empty folder only: a machine without a network.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def test_without_a_network_a_generated_model_takes_over(tmp_path: Path) -> None:
    done = run("--no-swift", "--output", tmp_path / "out", "--cache", tmp_path / "cache", **OFFLINE)
    assert done.returncode == 0, done.stderr
    assert "going on with a small generated model" in done.stdout
    assert json.loads((tmp_path / "out" / "table.json").read_text())["generated"] is True


def test_without_a_network_in_ci_the_demo_fails(tmp_path: Path) -> None:
    done = run("--no-swift", "--output", tmp_path, "--cache", tmp_path / "c", CI="1", **OFFLINE)
    assert done.returncode == 1
    assert "the model cannot be downloaded, and CI is set" in done.stderr


def test_a_cached_model_that_was_changed_is_not_used(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "all-MiniLM-L6-v2.safetensors").write_bytes(b"something else")
    done = run("--no-swift", "--output", tmp_path / "out", "--cache", cache, **OFFLINE)
    assert "from the cache" not in done.stdout
