# generated from codegen/schema/thinbit.yaml: do not edit
"""The records of the schema as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class QuantizedTensorFields:
    """A quantized weight: what was packed, and everything that is needed to read it. Groups run along the last axis. Where an op takes a float weight too, that is `packed`, and `scales` is absent.

    Attributes:
        packed: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit words.
        scales: One scale for each group.
        biases: One bias for each group, in units of the weight.
        global_scale: The largest magnitude of the whole tensor: one positive finite float32 (in dequantize and the gather ops also one for each matrix of the leading axes).
        mode: How values are encoded.
        group_size: Elements that share a scale; the mode's default when not given.
        bits: Bits for each element; the mode's default when not given.
    """

    packed: Any
    scales: Any
    biases: Any | None
    global_scale: Any | None
    mode: str
    group_size: int
    bits: int
