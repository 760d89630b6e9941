"""One checkpoint in Python and in Swift: the same tokens, and the same bytes written back.

`same_model.py CHAT`, where CHAT is the executable of the Swift example package.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.small_llama import small_llama
from thinbit import nn

ROOT = Path(__file__).resolve().parents[2]
SPECS = (
    "affine:8:g32",
    "affine:4:g32",
    "mxfp8",
    "nvfp4",
    "affine:5:g32",
    "mxfp4",
    "affine:3:g64",
)
QUESTIONS = (
    "what is the weather like?",
    "It's 12:30, don't   wait!\n\n  Naive caf\u00e9 \u2014 \u4f60\u597d \U0001f600",
    "x=1; y+=22",
)
MOST = 40


def main(chat: str) -> int:
    """Compare; 0 where all is the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = small_llama(Path(name) / "model", SPECS)
        python = [sys.executable, str(ROOT / "examples/chat/chat.py")]
        for options in ([], ["--float"]):
            ours, theirs = (_ask([*command, *options], folder) for command in (python, [chat]))
            for part in ("prompt", "tokens", "text"):
                a, b = ([answer[part] for answer in found] for found in (ours, theirs))
                if a != b:
                    print(f"FAILED: the {part} differs {options}:\n  Python {a}\n  Swift  {b}")
                    return 1
        count = sum(len(answer["tokens"]) for answer in ours)
        if count < MOST:
            print(f"FAILED: {count} tokens are too few to say anything")
            return 1
        return _compare_bytes(chat, folder, Path(name), count)


def _compare_bytes(chat: str, folder: Path, scratch: Path, count: int) -> int:
    """What Swift reads and writes, file and folder, is what Python writes of it."""
    sys.path.insert(0, str(ROOT / "examples/chat"))
    from llama import Llama

    with nn.Weights(folder) as weights:
        model = Llama(weights)
    for name in ("copy.safetensors", "copy"):
        nn.save(model, scratch / name, config=json.loads((folder / "config.json").read_text()))
        subprocess.run([chat, "--copy", str(scratch / f"swift-{name}"), str(folder)], check=True)
        tail = "" if name.endswith("safetensors") else "model.safetensors"
        ours, theirs = (scratch / part / tail for part in (name, f"swift-{name}"))
        if ours.read_bytes() != theirs.read_bytes():
            print(f"FAILED: {name}: Python and Swift write different bytes")
            return 1
    configs = (
        json.loads((scratch / n / "config.json").read_text()) for n in ("copy", "swift-copy")
    )
    first, second = configs
    if first != second:
        print(f"FAILED: the configs differ:\n  Python {first}\n  Swift  {second}")
        return 1
    print(
        f"Python and Swift: the same {count} tokens of {len(SPECS)} specs, the same bytes written"
    )
    return 0


def _ask(command: list[str], folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*command, "--json", str(folder), str(MOST), *QUESTIONS],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"FAILED: {command}: {done.stderr}")
    answers: list[dict[str, Any]] = json.loads(done.stdout)["answers"]
    return answers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
