"""What quantizing a file does to each of its tensors, and to the whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .mlx_layout import FLOAT_CODES
from .safetensors_header import TensorInfo
from .specification import QuantizationSpec


@dataclass(frozen=True, slots=True)
class Choice:
    """What will happen to one tensor: it is quantized, or kept for the `reason` given."""

    info: TensorInfo
    reason: str | None

    @property
    def quantized(self) -> bool:
        """Whether the tensor will be quantized."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class TensorReport:
    """What happened to one tensor. `relative_rms_error` is None where it was kept."""

    choice: Choice
    bytes_out: int
    relative_rms_error: float | None
    squared_error: float
    squared_weights: float
    seconds: float

    @property
    def bits_per_weight(self) -> float | None:
        """Bits that one element takes now; None for an empty tensor."""
        elements = self.choice.info.elements
        return self.bytes_out * 8 / elements if elements else None

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        info = self.choice.info
        return {
            "name": info.name,
            "dtype": info.dtype,
            "shape": list(info.shape),
            "quantized": self.choice.quantized,
            "reason_kept": self.choice.reason,
            "bytes_in": info.nbytes,
            "bytes_out": self.bytes_out,
            "bits_per_weight": self.bits_per_weight,
            "relative_rms_error": self.relative_rms_error,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class FileReport:
    """What happened to a file. Bytes are those of whole files, seconds those of everything."""

    spec: QuantizationSpec
    tensors: tuple[TensorReport, ...]
    bytes_in: int
    bytes_out: int
    seconds: float

    @property
    def quantized(self) -> tuple[TensorReport, ...]:
        """The tensors that were quantized."""
        return tuple(report for report in self.tensors if report.choice.quantized)

    @property
    def relative_rms_error(self) -> float | None:
        """sqrt(sum (w' - w)^2 / sum w^2) over all quantized weights; None without any."""
        if not self.quantized:
            return None
        error = sum(report.squared_error for report in self.quantized)
        return relative_rms(error, sum(report.squared_weights for report in self.quantized))

    @property
    def bits_per_weight(self) -> float | None:
        """Bits for each element of all float tensors, kept ones included; None without any."""
        return _bits_per_weight([r for r in self.tensors if r.choice.info.dtype in FLOAT_CODES])

    @property
    def quantized_bits_per_weight(self) -> float | None:
        """Bits for each element of the quantized tensors; None without any."""
        return _bits_per_weight(list(self.quantized))

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "quantization": self.spec.to_json(),
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
    elements = sum(report.choice.info.elements for report in reports)
    return 8 * sum(report.bytes_out for report in reports) / elements if elements else None
