"""The example decoder against a plain forward pass of the same weights, written out anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from llama_definition import plain_logits
from small_llama import small_llama
from thinbit import nn

pytest.importorskip("tokenizers")
CHAT = Path(__file__).resolve().parents[2] / "examples" / "chat"
sys.path.insert(0, str(CHAT))

from llama import Llama  # noqa: E402

TOKENS = [5, 17, 80, 2, 2, 41, 9]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_llama(tmp_path_factory.mktemp("chat"))


def test_the_logits_are_those_of_the_definition(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        model = Llama(weights)
        expected = plain_logits(weights, TOKENS)
    logits = model(TOKENS, model.cache())
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_token_by_token_is_the_same_as_all_at_once(folder: Path) -> None:
    with nn.Weights(folder) as weights:
        model = Llama(weights)
    whole = model(TOKENS, model.cache())
    cache = model.cache()
    steps = [model.last([token], cache) for token in TOKENS]
    np.testing.assert_allclose(steps, whole, atol=1e-5)


def test_the_command_answers(folder: Path) -> None:
    # 81,920 weights of 4 bytes, or of 10 bits; and 320 norms of 4 bytes.
    for option in ([], ["--float"]):
        done = subprocess.run(
            [sys.executable, str(CHAT / "chat.py"), "--json", *option, str(folder), "4", "why?"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert 0 < len(result["answers"][0]["tokens"]) <= 4
        assert result["parameter_bytes"] == (328_960 if option else 103_680)


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAT / "chat.py"), str(tmp_path), "4", "why?"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no .safetensors file" in done.stderr and "Traceback" not in done.stderr
