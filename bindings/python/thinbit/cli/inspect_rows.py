"""The tensors of a checkpoint as rows, and their sums."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from thinbit.io import (
    Checkpoint,
    QuantizationSpec,
    QuantizedModule,
    Source,
    SourceTensor,
    TensorInfo,
)
from thinbit.io.mlx_layout import FLOAT_CODES


@dataclass(frozen=True, slots=True)
class Row:
    """A tensor, or a quantized weight with all its parts.

    `shape`, `elements` and `spec` are None where the files leave the mode open; `mode` then lists
    the choices. It is None for what is not quantized. `parts` has dtype, shape and bytes.
    """

    name: str
    shape: tuple[int, ...] | None
    mode: str | None
    spec: QuantizationSpec | None
    bytes: int
    parts: dict[str, dict[str, Any]]
    format: str | None = None

    @property
    def elements(self) -> int | None:
        """How many elements the weight has."""
        return None if self.shape is None else math.prod(self.shape)

    @property
    def bits_per_weight(self) -> float | None:
        """Bits that one element takes, scales and biases included."""
        return self.bytes * 8 / self.elements if self.elements else None

    @property
    def is_weight(self) -> bool:
        """Whether it counts as weights: floats and quantized ones of a known size."""
        floats = self.mode is not None or self.dtypes in FLOAT_CODES
        return bool(self.elements) and floats

    @property
    def dtypes(self) -> str:
        """The dtypes of the parts, that of the biases, which is the scales', left out."""
        if self.format:
            return self.format
        return " + ".join(part["dtype"] for name, part in self.parts.items() if name != "biases")

    @property
    def stored_as(self) -> str:
        """The mode, or the dtype."""
        return self.format or self.mode or self.dtypes

    @property
    def shape_text(self) -> str:
        """The shape, or that of what is packed where the mode is open."""
        if self.shape is None:
            return f"{next(iter(self.parts.values()))['shape']} packed"
        return str(list(self.shape))

    @property
    def alike(self) -> tuple[Any, ...]:
        """What the rows of equal layers have in common."""
        return (self.shape_text, self.dtypes, self.mode, self.bytes)

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """By name, numbers in it as numbers: layer 2 before layer 10."""
        pieces = re.split(r"([0-9]+)", self.name)
        return tuple((int(p), "") if p.isdecimal() and p.isascii() else (0, p) for p in pieces)

    def to_json(self) -> dict[str, Any]:
        """The row as plain values."""
        return {
            "name": self.name,
            "shape": None if self.shape is None else list(self.shape),
            "elements": self.elements,
            "mode": self.mode,
            "quantization": self.spec.to_json() if self.spec else None,
            "bits_per_weight": self.bits_per_weight,
            "bytes": self.bytes,
            "stored_as": self.stored_as,
            "parts": self.parts,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows. `elements` and `bits_per_weight` are those of weights."""

    tensors: int
    quantized: int
    bytes: int
    elements: int
    bits_per_weight: float | None

    def to_json(self) -> dict[str, Any]:
        """The sums as plain values."""
        return asdict(self)


def totals(rows: Sequence[Row]) -> Totals:
    """The sums over some rows."""
    weights = [row for row in rows if row.is_weight]
    elements = sum(row.elements or 0 for row in weights)
    return Totals(
        tensors=len(rows),
        quantized=sum(row.mode is not None for row in rows),
        bytes=sum(row.bytes for row in rows),
        elements=elements,
        bits_per_weight=8 * sum(row.bytes for row in weights) / elements if elements else None,
    )


def checkpoint_rows(checkpoint: Checkpoint) -> list[Row]:
    """The rows of files in the base format, also where they leave a mode open."""
    rows = [
        Row(info.name, info.shape, None, None, info.nbytes, {"tensor": _part(info)})
        for info in checkpoint.plain.values()
    ]
    return rows + [_module(module) for module in checkpoint.modules.values()]


def source_rows(source: Source) -> list[Row]:
    """The rows of a checkpoint of another tool, under the names of its own formats."""
    return [_tensor(tensor) for tensor in source.tensors.values()]


def _module(module: QuantizedModule) -> Row:
    choices = [module.spec] if module.spec else module.candidates
    return Row(
        module.parts["weight"].name,
        module.shape,
        " or ".join(map(str, choices)),
        module.spec,
        module.nbytes,
        {part: _part(info) for part, info in module.parts.items()},
    )


def _tensor(tensor: SourceTensor) -> Row:
    plain = tensor.spec is None and tensor.loss is None
    part = {"dtype": tensor.stored_as, "shape": list(tensor.shape), "bytes": tensor.nbytes}
    return Row(
        tensor.name,
        tensor.shape,
        None if plain else str(tensor.spec) if tensor.spec else "no exact form",
        tensor.spec,
        tensor.nbytes,
        {"tensor": part},
        None if plain else tensor.stored_as,
    )


def _part(info: TensorInfo) -> dict[str, Any]:
    return {"dtype": info.dtype, "shape": list(info.shape), "bytes": info.nbytes}
