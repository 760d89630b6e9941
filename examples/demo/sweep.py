"""The model in every mode and width: size, bits per weight, error, time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fetch_model import Model

from thinbit.cli.output import human_bytes
from thinbit.cli.table import Table
from thinbit.io import QuantizationSpec, quantize_file

SPECS = (
    *(f"affine:{bits}:g64" for bits in (1, 2, 3, 4, 5, 6, 8)),
    "mxfp4",
    "nvfp4",
    "mxfp8",
)


@dataclass(frozen=True)
class Result:
    """One quantized file: bytes of the file, and figures over its quantized weights."""

    mode: str
    file: str
    sha256: str
    bytes: int
    bits_per_weight: float
    relative_rms_error: float
    seconds: float


def sweep(model: Model, folder: Path) -> list[Result]:
    """Quantize the model to each of SPECS, into files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    for number, text in enumerate(SPECS, start=1):
        spec = QuantizationSpec.parse(text)
        path = folder / f"{text.replace(':', '-')}.safetensors"
        print(f"quantize: {number} of {len(SPECS)}, {spec}", end="", flush=True)
        report = quantize_file(model.path, path, spec, overwrite=True)
        bits, error = report.quantized_bits_per_weight, report.relative_rms_error
        assert bits is not None and error is not None
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        results.append(
            Result(text, path.name, digest, report.bytes_out, bits, error, report.seconds)
        )
        print(f": {len(report.quantized)} matrices in {report.seconds:.2f} s", flush=True)
    return results


def table(results: list[Result]) -> str:
    """The results as text."""
    numbers = frozenset({"size", "bits per weight", "relative RMS error", "seconds"})
    shown = Table(("mode", "size", "bits per weight", "relative RMS error", "seconds"), numbers)
    for result in results:
        shown.add(
            result.mode,
            human_bytes(result.bytes),
            f"{result.bits_per_weight:.2f}",
            f"{result.relative_rms_error:.4f}",
            f"{result.seconds:.2f}",
        )
    return shown.plain()


def save_json(model: Model, results: list[Result], path: Path) -> None:
    """Write the results for programs."""
    value = {
        "model": model.name,
        "generated": model.generated,
        "model_bytes": model.path.stat().st_size,
        "results": [asdict(result) for result in results],
    }
    path.write_text(json.dumps(value, indent=2) + "\n")
