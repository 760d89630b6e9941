"""Comparing two checkpoints of any format, tensor by tensor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import CheckpointError, quoted
from .float_rows import float_blocks
from .mlx_layout import FLOAT_CODES
from .source import Source, SourceTensor


@dataclass(frozen=True, slots=True)
class Comparison:
    """How tensor b differs from tensor a of the same name.

    Attributes:
        name: The name.
        shape: The shape of both.
        a: What the first checkpoint stores: `F32`, `affine:4:g64`.
        b: What the second stores.
        bits_per_weight: Bits for each element of b, scales included; None for an empty tensor.
        squared_error: sum (b - a)^2.
        squared_a: sum a^2.
        squared_b: sum b^2.
        product: sum a b.
        largest_error: max |b - a|.
    """

    name: str
    shape: tuple[int, ...]
    a: str
    b: str
    bits_per_weight: float | None
    squared_error: float
    squared_a: float
    squared_b: float
    product: float
    largest_error: float

    @property
    def relative_rms(self) -> float:
        """sqrt(sum (b - a)^2 / sum a^2), 0 without an error, infinite where a alone is zero."""
        if self.squared_error == 0:
            return 0.0
        return math.sqrt(self.squared_error / self.squared_a) if self.squared_a else math.inf

    @property
    def snr_db(self) -> float:
        """10 log10 of sum a^2 / sum (b - a)^2, in dB; infinite without an error."""
        relative = self.relative_rms
        if relative == 0:
            return math.inf
        return -20 * math.log10(relative)

    @property
    def cosine(self) -> float:
        """The cosine between a and b as vectors; 1 for two of zeros, 0 for one."""
        if self.squared_a == self.squared_b == 0:
            return 1.0
        lengths = math.sqrt(self.squared_a) * math.sqrt(self.squared_b)
        return min(self.product / lengths, 1.0) if lengths else 0.0

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain values; None stands for what is infinite or no number."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "a": self.a,
            "b": self.b,
            "bits_per_weight": self.bits_per_weight,
            "relative_rms": _finite(self.relative_rms),
            "snr_db": _finite(self.snr_db),
            "cosine": _finite(self.cosine),
            "largest_error": _finite(self.largest_error),
        }


@dataclass(frozen=True, slots=True)
class Pairing:
    """The tensors that two checkpoints share, and those that only one of them has."""

    both: tuple[tuple[SourceTensor, SourceTensor], ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def pair_tensors(a: Source, b: Source) -> Pairing:
    """Match tensors by name, floats and quantized weights alone.

    Raises CheckpointError where two of one name differ in shape, or where nothing matches.
    """
    first, second = _weights(a), _weights(b)
    both = tuple((first[name], second[name]) for name in first if name in second)
    for one, other in both:
        if one.shape != other.shape:
            raise CheckpointError(
                b.path,
                f"tensor {quoted(one.name)} has the shape {list(other.shape)}; in {quoted(a.path)}"
                f" it has {list(one.shape)}",
            )
    if not both:
        raise CheckpointError(b.path, f"no tensor has the name of one in {quoted(a.path)}")
    return Pairing(
        both,
        tuple(name for name in first if name not in second),
        tuple(name for name in second if name not in first),
    )


def compare(
    pairing: Pairing, on_tensor: Callable[[Comparison], None] | None = None
) -> list[Comparison]:
    """Compare the tensors that both have, with the memory of one of them at a time."""
    results = []
    for one, other in pairing.both:
        result = _compare(one, other)
        results.append(result)
        if on_tensor:
            on_tensor(result)
    return results


def total(comparisons: list[Comparison]) -> Comparison:
    """All tensors as if they were one vector. `bits_per_weight` is that of all together."""
    elements = sum(math.prod(c.shape) for c in comparisons)
    bits = sum((c.bits_per_weight or 0) * math.prod(c.shape) for c in comparisons)
    return Comparison(
        name="",
        shape=(elements,),
        a="",
        b="",
        bits_per_weight=bits / elements if elements else None,
        squared_error=sum(c.squared_error for c in comparisons),
        squared_a=sum(c.squared_a for c in comparisons),
        squared_b=sum(c.squared_b for c in comparisons),
        product=sum(c.product for c in comparisons),
        largest_error=max(c.largest_error for c in comparisons),
    )


def _weights(source: Source) -> dict[str, SourceTensor]:
    return {
        name: tensor
        for name, tensor in source.tensors.items()
        if tensor.spec is not None or tensor.dtype in FLOAT_CODES
    }


def _compare(one: SourceTensor, other: SourceTensor) -> Comparison:
    error = squared_a = squared_b = product = largest = 0.0
    for a, b in float_blocks(one.read(), other.read()):
        # Infinities in both make differences that are no numbers.
        with np.errstate(invalid="ignore"):
            difference = b - a
        error += float(np.vdot(difference, difference))
        squared_a += float(np.vdot(a, a))
        squared_b += float(np.vdot(b, b))
        product += float(np.vdot(a, b))
        largest = max(largest, float(np.abs(difference).max(initial=0.0)))
    return Comparison(
        one.name,
        one.shape,
        str(one.spec or one.dtype),
        str(other.spec or other.dtype),
        8 * other.nbytes / other.elements if other.elements else None,
        error,
        squared_a,
        squared_b,
        product,
        largest,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
