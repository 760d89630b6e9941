# generated from codegen/schema/thinbit.yaml: do not edit
"""The mode table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ModeName: TypeAlias = Literal[
    "affine",
    "mxfp4",
    "mxfp8",
    "nvfp4",
]
"""Every mode's name."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How values are encoded: one row of the mode table.

    Attributes:
        name: As `mode=` takes it.
        value: The number of the C ABI.
        has_bias: Whether each group has a bias.
        has_global_scale: Whether the tensor may have a global scale.
        bits: Legal bits for each element.
        default_bits: What is taken where none are given.
        group_sizes: Legal numbers of elements that share a scale.
        default_group_size: What is taken where none is given.
        scale_dtypes: Legal dtypes of the scales.
        element: What a code stands for.
        scale: What a scale stands for.
        doc: The mode in one sentence.
    """

    name: str
    value: int
    has_bias: bool
    has_global_scale: bool
    bits: tuple[int, ...]
    default_bits: int
    group_sizes: tuple[int, ...]
    default_group_size: int
    scale_dtypes: tuple[str, ...]
    element: str
    scale: str
    doc: str


MODES: Final[dict[str, Mode]] = {
    "affine": Mode(
        name="affine",
        value=1,
        has_bias=True,
        has_global_scale=False,
        bits=(1, 2, 3, 4, 5, 6, 8, ),
        default_bits=4,
        group_sizes=(32, 64, 128, ),
        default_group_size=64,
        scale_dtypes=("float32", "float16", "bfloat16", ),
        element="unsigned integer code q; the value is q * scale + bias",
        scale="a float of the weight\u0027s dtype, usually negative",
        doc="Integer codes with a scale and a bias for each group.",
    ),
    "mxfp4": Mode(
        name="mxfp4",
        value=2,
        has_bias=False,
        has_global_scale=False,
        bits=(4, ),
        default_bits=4,
        group_sizes=(32, ),
        default_group_size=32,
        scale_dtypes=("uint8", ),
        element="E2M1: 0, .5, 1, 1.5, 2, 3, 4, 6 and their negatives",
        scale="E8M0: byte b is 2^(b - 127), 255 is NaN",
        doc="OCP microscaling with 4-bit elements.",
    ),
    "mxfp8": Mode(
        name="mxfp8",
        value=3,
        has_bias=False,
        has_global_scale=False,
        bits=(8, ),
        default_bits=8,
        group_sizes=(32, ),
        default_group_size=32,
        scale_dtypes=("uint8", ),
        element="E4M3FN: at most 448, no infinity",
        scale="E8M0: byte b is 2^(b - 127), 255 is NaN",
        doc="OCP microscaling with 8-bit elements.",
    ),
    "nvfp4": Mode(
        name="nvfp4",
        value=4,
        has_bias=False,
        has_global_scale=True,
        bits=(4, ),
        default_bits=4,
        group_sizes=(16, ),
        default_group_size=16,
        scale_dtypes=("uint8", ),
        element="E2M1: 0, .5, 1, 1.5, 2, 3, 4, 6 and their negatives",
        scale="E4M3FN, times global_scale / (448 * 6) where a global scale is given",
        doc="NVIDIA\u0027s 4-bit format: small groups, and an optional scale for the whole tensor.",
    ),
}
"""Mode name to mode, in the order of the schema."""
