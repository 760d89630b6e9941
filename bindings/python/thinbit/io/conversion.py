"""Converting a checkpoint of any known format to the base format, code for code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .checkpoint_writer import SHARD_BYTES, CheckpointWriter
from .errors import CheckpointError
from .quantize_report import TensorReport
from .source import Source
from .steps import Step, check_names, output_config, table_of
from .write_steps import do_steps


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What a conversion did. Bytes are those of the files that hold tensors."""

    format: str
    tensors: tuple[TensorReport, ...]
    bytes_in: int
    bytes_out: int
    seconds: float

    @property
    def lossy(self) -> tuple[TensorReport, ...]:
        """The tensors some of whose values are not what they were."""
        return tuple(report for report in self.tensors if report.step.tensor.loss)

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "format": self.format,
            "lossless": not self.lossy,
            "tensors": [
                {
                    "name": report.step.tensor.name,
                    "stored_as": report.step.tensor.stored_as,
                    "shape": list(report.step.tensor.shape),
                    "quantization": spec.to_json() if (spec := report.step.spec) else None,
                    "loss": report.step.tensor.loss,
                    "bytes_in": report.step.tensor.nbytes,
                    "bytes_out": report.bytes_out,
                }
                for report in self.tensors
            ],
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "seconds": self.seconds,
        }


def convert(
    source: Source,
    target: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
    on_tensor: Callable[[TensorReport], None] | None = None,
) -> ConvertReport:
    """Write a source in the base format, to a `.safetensors` file or a folder.

    Codes and scales stay what they are: nothing is quantized. What still changes a value is in
    each tensor's `loss`. A folder gets a config.json, and what else the source has of a model.
    Raises CheckpointError for files that cannot be read or written, and OSError.
    """
    began = time.perf_counter()
    refuse_own_input(source, target)
    steps = [Step.keep(tensor, "it is converted") for tensor in source.tensors.values()]
    writer = checkpoint_writer(source, target, steps, overwrite=overwrite, shard_bytes=shard_bytes)
    with writer:
        reports = do_steps(source.path, steps, writer, jobs, on_tensor)
    return ConvertReport(
        source.format, reports, source.size, writer.size, time.perf_counter() - began
    )


def refuse_own_input(source: Source, target: str | os.PathLike[str]) -> None:
    """CheckpointError where writing the target would replace what is read."""
    if os.path.exists(target) and any(
        os.path.samefile(path, target) for path in (source.path, *source.files)
    ):
        raise CheckpointError(target, "the output is the input; give it another name")


def checkpoint_writer(
    source: Source,
    target: str | os.PathLike[str],
    steps: list[Step],
    *,
    overwrite: bool = False,
    shard_bytes: int = SHARD_BYTES,
    token: str | None = None,
    joins: bool = False,
) -> CheckpointWriter:
    """The writer of what the steps give, with all else that the output says of itself."""
    check_names(source.path, steps)
    table = table_of(steps)
    own = table.to_metadata() if table else {"format": "mlx"}
    return CheckpointWriter(
        target,
        [step.declarations() for step in steps],
        {**source.metadata, **own},
        config=output_config(source, table),
        texts=source.texts,
        copies=source.copies,
        shard_bytes=shard_bytes,
        overwrite=overwrite,
        token=token,
        joins=joins,
    )
