"""One real layer in Python and in Swift, from one quantized file: the same bytes come out."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from fetch_model import Model
from swift_product import build
from wheel_file import DemoError

import thinbit
from thinbit.io import Checkpoint, write_safetensors

LAYER = "encoder.layer.0.attention.self.query"
MODES = ("affine:4:g64", "mxfp8", "nvfp4")
# The WordPiece tokens of "[CLS] the capital of france is paris [SEP]".
TOKENS = (101, 1996, 3007, 1997, 2605, 2003, 3000, 102)
_EPSILON = 1e-12  # of BERT's layer norm
_EXECUTABLE = "LayerDemo"

F32 = npt.NDArray[np.float32]


def activations(model: Model) -> F32:
    """What enters the first layer for the sentence of TOKENS: float32 (8, hidden)."""
    with Checkpoint(model.path) as checkpoint:
        words = checkpoint.array("embeddings.word_embeddings.weight")
        x = words[[token % len(words) for token in TOKENS]]
        x = x + checkpoint.array("embeddings.position_embeddings.weight")[: len(TOKENS)]
        x = x + checkpoint.array("embeddings.token_type_embeddings.weight")[0]
        centred = x - x.mean(axis=-1, keepdims=True)
        normal = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
        weight = checkpoint.array("embeddings.LayerNorm.weight")
        bias = checkpoint.array("embeddings.LayerNorm.bias")
    return np.ascontiguousarray(normal * weight + bias, dtype=np.float32)


def compare(
    model: Model, folder: Path, package: Path | None, scratch: Path
) -> list[dict[str, Any]]:
    """Multiply the layer in both languages for each of MODES, from the files in `folder`.

    Without a `package`, or without Swift, the Python half runs alone; in CI a missing Swift, and
    everywhere two results that differ, are a DemoError.
    """
    x = activations(model)
    write_safetensors(folder / "x.safetensors", {"x": x}, overwrite=True)
    with Checkpoint(model.path) as checkpoint:
        exact = x.astype(np.float64) @ checkpoint.array(f"{LAYER}.weight").astype(np.float64).T
    executable = build(_EXECUTABLE, package, scratch) if package else None
    results = []
    for mode in MODES:
        path = folder / f"{mode.replace(':', '-')}.safetensors"
        with Checkpoint(path) as checkpoint:
            weight = checkpoint.quantized(LAYER)
        product = np.asarray(thinbit.quantized_matmul(x, weight))
        error = float(np.linalg.norm(product - exact) / np.linalg.norm(exact))
        ours = product.tobytes()
        print(f"layer: {mode}, {x.shape[0]} rows, {error:.4f} from the float layer")
        print(f"  python {_short(ours)}  {_begin(product)}")
        result = {"mode": mode, "layer": LAYER, "relative_error": error, "python": _digest(ours)}
        if executable:
            theirs = _run(executable, path, folder / "x.safetensors", path.with_suffix(".out"))
            values = np.frombuffer(theirs, np.float32) if len(theirs) % 4 == 0 else product[:0]
            print(f"  swift  {_short(theirs)}  {_begin(values)}")
            if theirs != ours:
                raise DemoError(f"Python and Swift differ for {mode}")
            print(f"  the same {len(ours)} bytes")
            result["swift"] = _digest(theirs)
        results.append(result)
    return results


def _run(executable: Path, weights: Path, x: Path, out: Path) -> bytes:
    out.unlink(missing_ok=True)
    done = subprocess.run([executable, weights, LAYER, x, out], capture_output=True, text=True)
    if done.returncode != 0:
        raise DemoError(f"{_EXECUTABLE} failed: {done.stderr.strip() or done.stdout.strip()}")
    return out.read_bytes()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _short(data: bytes) -> str:
    return f"sha256 {_digest(data)[:16]}"


def _begin(values: F32) -> str:
    return " ".join(f"{value:+.5f}" for value in values.ravel()[:4]) + " ..."
