"""Quantized weights on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import thinbit
from tools.cuda_check.gpu import Array, Gpu


@dataclass(frozen=True, slots=True)
class Format:
    """How groups are encoded."""

    mode: str
    bits: int
    group_size: int

    @property
    def name(self) -> str:
        """As rows of tables have it."""
        return f"affine {self.bits}" if self.mode == "affine" else self.mode

    @property
    def options(self) -> dict[str, Any]:
        """As calls take it."""
        return {"mode": self.mode, "bits": self.bits, "group_size": self.group_size}

    def bytes_of(self, elements: int) -> int:
        """Of a weight of so many elements whose floats have 16 bits."""
        of_group = 4 if self.mode == "affine" else 1
        return elements * self.bits // 8 + elements // self.group_size * of_group


AFFINE_BITS = (1, 2, 3, 4, 5, 6, 8)
MICROSCALING = (Format("mxfp4", 4, 32), Format("mxfp8", 8, 32), Format("nvfp4", 4, 16))


def formats(group_sizes: tuple[int, ...]) -> Iterator[Format]:
    """Every mode and width; affine in each of these group sizes."""
    for bits in AFFINE_BITS:
        yield from (Format("affine", bits, size) for size in group_sizes)
    yield from MICROSCALING


def empty_weight(
    gpu: Gpu, shape: tuple[int, int], form: Format, dtype: str
) -> tuple[Array, Array, Array | None]:
    """Codes, scales and biases that nothing is written to yet."""
    rows, columns = shape
    groups = (rows, columns // form.group_size)
    is_affine = form.mode == "affine"
    codes = gpu.empty((rows, columns * form.bits // 32), "uint32")
    scales = gpu.empty(groups, dtype if is_affine else "uint8")
    return codes, scales, gpu.empty(groups, dtype) if is_affine else None


def quantized(
    gpu: Gpu, w: Array, shape: tuple[int, int], form: Format, dtype: str, context: thinbit.Context
) -> tuple[Array, Array, Array | None]:
    """A weight, quantized on the GPU."""
    out = empty_weight(gpu, shape, form, dtype)
    thinbit.quantize(w, **form.options, out=out, context=context)
    return out
