"""The command `thinbit`, run as users run it: as a process."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import safetensors.numpy

import thinbit
from thinbit._generated.modes import MODES
from thinbit.io import Checkpoint, SafetensorsReader, write_safetensors

LARGE = 24 * 2**20  # bytes of the largest tensor in the test of memory


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "thinbit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    path = tmp_path / "model.safetensors"
    tensors: dict[str, npt.NDArray[Any]] = {
        "a.weight": random.standard_normal((8, 128)).astype(np.float32),
        "a.bias": np.zeros(8, np.float32),
        "b.weight": random.standard_normal((4, 96)).astype(np.float16),
        "[red]norm[/red].weight": np.ones(8, np.float32),
        "ids": np.arange(4),
    }
    write_safetensors(path, tensors, {"format": "pt"})
    return path


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str], status: int, problem: str) -> None:
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    assert re.search(problem, done.stderr.replace("\n", " ")), done.stderr


def test_quantize_writes_what_the_api_gives(model: Path) -> None:
    out = model.with_name("out.safetensors")
    words = succeeded(run("quantize", model, out, "--mode", "affine:4:g32"))
    stored = safetensors.numpy.load_file(out)
    with SafetensorsReader(model) as reader:
        for module in ("a", "b"):
            wq, scales, biases = thinbit.quantize(
                reader.read(f"{module}.weight"), mode="affine", bits=4, group_size=32
            )
            np.testing.assert_array_equal(stored[f"{module}.weight"], np.asarray(wq))
            np.testing.assert_array_equal(stored[f"{module}.scales"], np.asarray(scales))
            np.testing.assert_array_equal(stored[f"{module}.biases"], np.asarray(biases))
    assert "5 tensors: 2 to quantize, 3 to keep" in words
    assert "keep, because it has 1 axis: [red]norm[/red].weight" in words
    assert "keep, because its dtype is I64: ids" in words
    assert re.search(r"a\.weight +F32 \[8, 128\] +6\.00 bits per weight, .* error 0\.\d{4}", words)
    assert re.search(r"wrote .*out\.safetensors: .* bits per weight; .* s\n$", words)
    assert "\x1b" not in words and "\r" not in words


def test_json_is_one_object_on_stdout_and_nothing_else(model: Path) -> None:
    out = model.with_name("out.safetensors")
    done = run("quantize", model, out, "--mode", "nvfp4", "--json")
    report = json.loads(succeeded(done))
    assert "wrote" in done.stderr
    assert report["input"] == str(model) and report["output"] == str(out)
    assert report["quantization"] == {"group_size": 16, "bits": 4, "mode": "nvfp4"}
    tensors = {tensor["name"]: tensor for tensor in report["tensors"]}
    assert len(tensors) == 5
    for tensor in tensors.values():
        assert tensor.keys() == {
            "name", "dtype", "shape", "quantized", "quantization", "reason_kept",
            "bytes_in", "bytes_out", "bits_per_weight", "relative_rms_error", "seconds",
        }  # fmt: skip
    assert tensors["a.weight"]["quantized"] and tensors["a.weight"]["reason_kept"] is None
    assert tensors["a.weight"]["bytes_out"] == 8 * 128 // 2 + 8 * 128 // 16 + 4
    assert tensors["ids"]["reason_kept"] == "its dtype is I64"
    total = report["total"]
    assert total["quantized"] == 2 and total["kept"] == 3
    assert total["bytes_out"] == out.stat().st_size
    assert 0 < total["relative_rms_error"] < 0.2


@pytest.mark.parametrize("mode", MODES)
def test_inspect_shows_each_weight_as_one_row(model: Path, mode: str) -> None:
    out = model.with_name("out.safetensors")
    succeeded(run("quantize", model, out, "--mode", mode))
    lines = succeeded(run("inspect", out)).splitlines()
    row = next(line for line in lines if line.startswith("a.weight"))
    assert "[8, 128]" in row and mode in row and "U32 + " in row
    assert not any(line.startswith(("a.scales", "a.biases")) for line in lines)
    value = json.loads(succeeded(run("inspect", out, "--json")))
    entry = next(tensor for tensor in value["tensors"] if tensor["name"] == "a.weight")
    with Checkpoint(out) as checkpoint:
        module = checkpoint.modules["a"]
        assert module.spec is not None
        assert entry["quantization"] == module.spec.to_json()
        assert entry["shape"] == [8, 128] and entry["bytes"] == module.nbytes
        assert entry["parts"].keys() == module.parts.keys()
    assert value["total"]["tensors"] == 5
    assert value["metadata"]["format"] == "mlx"


def test_inspect_says_when_shapes_leave_a_choice(tmp_path: Path) -> None:
    wq, scales, biases = map(np.asarray, thinbit.quantize(np.ones((2, 128), np.float32)))
    path = tmp_path / "bare.safetensors"
    write_safetensors(path, {"x.weight": wq, "x.scales": scales, "x.biases": biases})
    assert "affine:2:g128 or affine:4:g64 or affine:8:g32" in succeeded(run("inspect", path))
    (value,) = json.loads(succeeded(run("inspect", path, "--json")))["tensors"]
    assert value["quantization"] is None and value["shape"] is None


def test_modes_lists_the_table_of_modes() -> None:
    words = succeeded(run("modes"))
    value = json.loads(succeeded(run("modes", "--json")))
    assert [mode["name"] for mode in value["modes"]] == list(MODES)
    for mode in value["modes"]:
        assert mode["default_bits"] in mode["bits"]
        assert re.search(rf"^{mode['name']} .*\[{mode['default_bits']}\]", words, re.MULTILINE)


def test_overwriting_needs_force(model: Path) -> None:
    out = model.with_name("out.safetensors")
    out.write_text("precious")
    refused(run("quantize", model, out, "--mode", "mxfp4"), 1, "exists already; --force overwrites")
    assert out.read_text() == "precious"
    succeeded(run("quantize", model, out, "--mode", "mxfp4", "--force"))
    succeeded(run("inspect", out))


def test_the_output_is_never_the_input(model: Path) -> None:
    before = model.read_bytes()
    link = model.with_name("link.safetensors")
    link.symlink_to(model)
    hard = model.with_name("hard.safetensors")
    hard.hardlink_to(model)
    for name in (model, link, hard, model.parent / "." / model.name):
        done = run("quantize", model, name, "--mode", "mxfp4", "--force")
        refused(done, 1, "the output is the input")
    assert model.read_bytes() == before


def test_a_quantized_input_is_refused(model: Path) -> None:
    out, again = model.with_name("out.safetensors"), model.with_name("again.safetensors")
    succeeded(run("quantize", model, out, "--mode", "mxfp4"))
    refused(
        run("quantize", out, again, "--mode", "nvfp4"), 1, "quantized already: 'a.weight' is mxfp4"
    )
    bare = model.with_name("bare.safetensors")
    write_safetensors(bare, safetensors.numpy.load_file(out))
    refused(run("quantize", bare, again, "--mode", "nvfp4"), 1, "quantized already: .*weight")
    foreign = model.with_name("foreign.safetensors")
    write_safetensors(foreign, {"x.qweight": np.ones((2, 2), np.int32)})
    refused(run("quantize", foreign, again, "--mode", "nvfp4"), 1, "was quantized by 'gptq or awq'")
    assert not again.exists()


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("mxpf4", "unknown mode 'mxpf4'; did you mean mxfp4"),
        ("AFFINE", "unknown mode 'AFFINE'; did you mean affine"),
        ("zzz", "there are affine, mxfp4, mxfp8, nvfp4"),
        ("affine:7", r"affine has 1, 2, 3, 4, 5, 6 or\s+8 bits, not 7"),
        ("mxfp4:8", "mxfp4 has 4 bits, not 8"),
        ("affine:4:g48", r"groups of 32, 64 or 128\s+elements, not 48"),
        ("affine:4:64", r"'64' in 'affine:4:64' is neither bits nor a\s+group size"),
        ("affine:", "is neither bits"),
    ],
)
def test_a_wrong_mode_is_a_usage_error(model: Path, mode: str, problem: str) -> None:
    out = model.with_name("out.safetensors")
    refused(run("quantize", model, out, "--mode", mode), 2, problem)
    assert not out.exists()


def test_usage_errors_have_the_status_2(model: Path) -> None:
    refused(run(), 2, "required: COMMAND")
    refused(run("quantise"), 2, "invalid choice: 'quantise'")
    refused(run("quantize", model), 2, "required")
    refused(run("quantize", model, "out"), 2, "required: --mode")


def test_files_and_folders_that_are_not_there(model: Path) -> None:
    missing = model.with_name("missing") / "out.safetensors"
    refused(run("quantize", model, missing, "--mode", "mxfp4"), 1, "folder '.*' does not exist")
    refused(run("quantize", missing, "x", "--mode", "mxfp4"), 1, "No such file or directory")
    refused(run("quantize", model, model.parent, "--mode", "mxfp4"), 1, "the folder exists already")
    forced = run("quantize", model, model.parent, "--mode", "mxfp4", "--force")
    refused(forced, 1, r"holds no checkpoint \(no config.json\), so it stays")
    done = run("inspect", missing, "--json")
    refused(done, 1, "No such file or directory")
    assert "No such file" in json.loads(done.stdout)["error"]


def test_a_file_with_nothing_to_quantize_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "norms.safetensors"
    write_safetensors(path, {"norm.weight": np.ones(64, np.float32)})
    done = run("quantize", path, tmp_path / "out", "--mode", "mxfp4")
    refused(done, 1, "no tensor of this file can be quantized to mxfp4")


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taken.safetensors"
    tensors = {"x.weight": np.ones((2, 64), np.float32), "x.biases": np.ones(2, np.float32)}
    write_safetensors(path, tensors)
    done = run("quantize", path, tmp_path / "out", "--mode", "affine")
    refused(done, 1, "two tensors of the output would be called 'x.biases'")


def test_values_that_are_not_finite_name_the_tensor(tmp_path: Path) -> None:
    w = np.ones((2, 64), np.float32)
    w[1, 3] = np.nan
    path = tmp_path / "nan.safetensors"
    write_safetensors(path, {"good.weight": np.ones((2, 64), np.float32), "x.weight": w})
    done = run("quantize", path, tmp_path / "out", "--mode", "mxfp8")
    refused(done, 1, "tensor 'x.weight': quantize: ")
    assert [entry.name for entry in tmp_path.iterdir()] == ["nan.safetensors"]


def test_a_truncated_file_is_refused(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-5])
    refused(run("inspect", model), 1, "model.safetensors: tensor .* data_offsets")
    out = model.with_name("out.safetensors")
    refused(run("quantize", model, out, "--mode", "mxfp4"), 1, "model.safetensors: tensor")
    assert not out.exists()


def test_a_closed_pipe_is_no_error_message(model: Path) -> None:
    command = [sys.executable, "-m", "thinbit", "inspect", str(model)]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stdout:
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.stderr == ""


def test_a_terminal_gets_a_progress_bar(model: Path) -> None:
    pytest.importorskip("rich")
    out = model.with_name("out.safetensors")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "thinbit", "quantize", str(model), str(out), "--mode", "mxfp4"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        assert process.wait(60) == 0
    os.close(ours)
    text = seen.decode()
    assert "━" in text and "100%" in text
    assert "[red]norm[/red].weight" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side has closed the terminal
        return b""


@pytest.fixture
def large_model(tmp_path: Path) -> Path:
    """Eight matrices of LARGE bytes."""
    path = tmp_path / "large.safetensors"
    w = np.random.default_rng(1).standard_normal((LARGE // 4 // 1024, 1024)).astype(np.float32)
    write_safetensors(path, {f"layer.{i}.weight": w for i in range(8)})
    return path


@pytest.fixture
def talkative_model(tmp_path: Path) -> Path:
    """A model about which there is more to say than a pipe holds.

    So a command whose words nobody reads stands still in the middle of its work.
    """
    path = tmp_path / "talkative.safetensors"
    w = np.ones((2, 64), np.float32)
    write_safetensors(path, {f"layer.{i}.{'x' * 350}.weight": w for i in range(600)})
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_leaves_nothing(
    talkative_model: Path, number: signal.Signals
) -> None:
    folder = talkative_model.parent
    with in_the_middle(talkative_model, folder / "out.safetensors") as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert list(folder.iterdir()) == [talkative_model]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_folder_and_no_jobs(
    talkative_model: Path, number: signal.Signals
) -> None:
    folder = talkative_model.parent
    with in_the_middle(talkative_model, folder / "out", "--jobs", "2") as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert list(folder.iterdir()) == [talkative_model]


def test_a_kill_in_the_middle_leaves_the_old_output(talkative_model: Path) -> None:
    out = talkative_model.parent / "out.safetensors"
    out.write_text("precious")
    with in_the_middle(talkative_model, out, "--force") as process:
        process.kill()
        process.communicate(timeout=60)
    assert out.read_text() == "precious"


def heed_signals() -> None:
    """What a terminal's process does, also where the tests run in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def in_the_middle(model: Path, out: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A process that quantizes, has begun to write, and is not done."""
    command = [sys.executable, "-m", "thinbit", "quantize", str(model), str(out), *options]
    with subprocess.Popen(
        [*command, "--mode", "mxfp8"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "bits per weight" in line:
                break
        assert list(out.parent.glob(".out*.partial")) and process.poll() is None
        yield process


PEAK = """
import resource, sys, thinbit.cli
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
status = thinbit.cli.main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, file=sys.stderr)
sys.exit(status)
"""


def test_memory_is_bounded_by_the_largest_tensor(large_model: Path) -> None:
    out = large_model.parent / "out.safetensors"
    command = [
        sys.executable,
        "-c",
        PEAK,
        "quantize",
        str(large_model),
        str(out),
        "--mode",
        "mxfp8",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = re.search(r"peak (\d+)", done.stderr)
    assert found is not None
    # The tensor, its quantized form of a good quarter, and buffers of a fixed size.
    kilobytes = int(found[1])
    assert kilobytes * 1024 < 1.35 * LARGE + 32 * 2**20, f"{kilobytes} kB"


def test_the_package_without_its_extras_says_what_to_install() -> None:
    code = "import sys; sys.modules['safetensors'] = None; import thinbit.io"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'thinbit.io needs the package safetensors: pip install "thinbit[cli]"' in done.stderr


def test_the_command_without_its_extras_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['ml_dtypes'] = None; import thinbit.cli as c; sys.exit(c.main())"
    )
    done = subprocess.run([sys.executable, "-c", code, "modes"], capture_output=True, text=True)
    refused(done, 1, 'needs the package ml_dtypes: pip install "thinbit')


def test_version_is_that_of_the_package() -> None:
    assert succeeded(run("--version")) == f"thinbit {thinbit.__version__}\n"


def test_help_names_every_command() -> None:
    words = succeeded(run("--help"))
    values: list[Any] = ["quantize", "inspect", "modes"]
    assert all(re.search(rf"^ +{name} ", words, re.MULTILINE) for name in values)
