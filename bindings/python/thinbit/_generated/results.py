# generated from codegen/schema/thinbit.yaml: do not edit
"""The results of ops that have several."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

__all__ = [
    "QuantizeResult",
]

ArrayT_co = TypeVar("ArrayT_co", covariant=True)
BiasesT_co = TypeVar("BiasesT_co", covariant=True)


class QuantizeResult(NamedTuple, Generic[ArrayT_co, BiasesT_co]):
    """The results of an op, in order.

    Attributes:
        wq: Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit words.
        scales: One scale for each group.
        biases: One bias for each group, in units of the weight.
    """

    wq: ArrayT_co
    scales: ArrayT_co
    biases: BiasesT_co
