"""What quantizing a checkpoint does to each of its tensors, and to the whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .mlx_layout import FLOAT_CODES
from .steps import Step


@dataclass(frozen=True, slots=True)
class TensorReport:
    """What happened to one tensor. The sums are over its elements, 0 where it was kept."""

    step: Step
    bytes_out: int
    squared_error: float
    squared_weights: float
    seconds: float

    @property
    def relative_rms_error(self) -> float | None:
        """sqrt(sum (w' - w)^2 / sum w^2); None where the tensor was kept."""
        if not self.step.quantized:
            return None
        return relative_rms(self.squared_error, self.squared_weights)

    @property
    def bits_per_weight(self) -> float | None:
        """Bits that one element takes now; None for an empty tensor."""
        elements = self.step.tensor.elements
        return self.bytes_out * 8 / elements if elements else None

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        tensor = self.step.tensor
        return {
            "name": tensor.name,
            "dtype": tensor.stored_as,
            "shape": list(tensor.shape),
            "quantized": self.step.quantized,
            "quantization": self.step.spec.to_json() if self.step.spec else None,
            "reason_kept": self.step.reason,
            "bytes_in": tensor.nbytes,
            "bytes_out": self.bytes_out,
            "bits_per_weight": self.bits_per_weight,
            "relative_rms_error": self.relative_rms_error,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class QuantizeReport:
    """What happened to a checkpoint.

    Bytes are those of the files that hold tensors (`bytes_out` is None where nothing was
    written), seconds those of everything.
    """

    tensors: tuple[TensorReport, ...]
    bytes_in: int
    bytes_out: int | None
    seconds: float

    @property
    def quantized(self) -> tuple[TensorReport, ...]:
        """The tensors that were quantized."""
        return tuple(report for report in self.tensors if report.step.quantized)

    @property
    def relative_rms_error(self) -> float | None:
        """sqrt(sum (w' - w)^2 / sum w^2) over all quantized weights; None without any."""
        if not self.quantized:
            return None
        error = sum(report.squared_error for report in self.quantized)
        return relative_rms(error, sum(report.squared_weights for report in self.quantized))

    @property
    def bits_per_weight(self) -> float | None:
        """Bits for each element of all float and quantized tensors; None without any."""
        return _bits_per_weight(
            [r for r in self.tensors if r.step.spec or r.step.dtype in FLOAT_CODES]
        )

    @property
    def quantized_bits_per_weight(self) -> float | None:
        """Bits for each element of the tensors quantized now; None without any."""
        return _bits_per_weight(list(self.quantized))

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "tensors": [report.to_json() for report in self.tensors],
            "total": {
                "quantized": len(self.quantized),
                "kept": len(self.tensors) - len(self.quantized),
                "bytes_in": self.bytes_in,
                "bytes_out": self.bytes_out,
                "bits_per_weight": self.bits_per_weight,
                "quantized_bits_per_weight": self.quantized_bits_per_weight,
                "relative_rms_error": self.relative_rms_error,
                "seconds": self.seconds,
            },
        }


def relative_rms(squared_error: float, squared_weights: float) -> float:
    """sqrt(squared_error / squared_weights), and 0 where there is no error at all."""
    if squared_error == 0:
        return 0.0
    return math.sqrt(squared_error / squared_weights) if squared_weights else math.inf


def _bits_per_weight(reports: list[TensorReport]) -> float | None:
    elements = sum(report.step.tensor.elements for report in reports)
    return 8 * sum(report.bytes_out for report in reports) / elements if elements else None
