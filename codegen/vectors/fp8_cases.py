"""Calls of to_fp8 and from_fp8."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from codegen.model import Op, Schema
from codegen.vectors.calls import case, floats
from codegen.vectors.case import Array, Case, dtype_of
from codegen.vectors.layouts import LAYOUTS
from codegen.vectors.reference import model

_SHAPES = {
    "scalar": (),
    "vector": (7,),
    "cube": (2, 3, 5),
    "empty": (0,),
    "empty_inside": (2, 0, 3),
}
_SPECIAL = (
    0.0,
    -0.0,
    np.inf,
    -np.inf,
    np.nan,
    448.0,
    449.0,
    463.9,
    464.0,
    465.0,
    480.0,
    -1e30,
    1e-30,
    1e-40,
    65504.0,
)


def to_fp8(schema: Schema, op: Op) -> Iterator[Case]:
    """Values and midpoints of E4M3 and the neighbours of both; special values; shapes, layouts."""
    for dtype in schema.dtype_set("floats"):
        yield case(op, f"{dtype}/around_every_value", {"x": _around_every_value(dtype)})
        yield case(op, f"{dtype}/special", {"x": _rounded(np.array(_SPECIAL), dtype)})
        for label, shape in _SHAPES.items():
            yield case(op, f"{dtype}/{label}", {"x": floats(label, shape, dtype, 16.0)})
        for layout in LAYOUTS:
            x = floats(layout, (3, 4), dtype, 16.0)
            if layout == "broadcast":
                x = np.broadcast_to(x[:1], x.shape)
            yield case(op, f"{dtype}/{layout}", {"x": x}, layout)


def _rounded(values: Array, dtype: str) -> Array:
    return model.round_float32(values.astype(np.float32), dtype_of(dtype))


def _around_every_value(dtype: str) -> Array:
    """Values and midpoints of E4M3 with what the dtype has on both sides of them."""
    values = model.from_fp8(np.arange(127, dtype=np.uint8)).astype(np.float64)
    points = np.concatenate([values, (values[:-1] + values[1:]) / 2])
    exact = _rounded(points, dtype)
    codes = exact.view(np.uint32 if exact.itemsize == 4 else np.uint16)
    near = np.concatenate([np.maximum(codes, 1) - 1, codes, codes + 1]).astype(codes.dtype)
    around = near.view(exact.dtype)
    return np.concatenate([around, -around]).reshape(2, -1)


def from_fp8(schema: Schema, op: Op) -> Iterator[Case]:
    """Every byte to every dtype, those that are NaN apart; shapes, layouts."""
    everything = np.arange(256, dtype=np.uint8)
    is_nan = everything & 0x7F == 0x7F
    for dtype in (None, *schema.dtype_set("floats")):
        name = dtype or "default"
        yield case(op, f"{name}/every_number", {"x": everything[~is_nan], "dtype": dtype})
        yield case(op, f"{name}/nan", {"x": everything[is_nan | (everything < 3)], "dtype": dtype})
    for label, shape in _SHAPES.items():
        yield case(op, label, {"x": _bytes(shape)})
    for layout in LAYOUTS:
        x = _bytes((3, 4))
        yield case(
            op,
            layout,
            {"x": np.broadcast_to(x[:1], x.shape) if layout == "broadcast" else x},
            layout,
        )


def _bytes(shape: tuple[int, ...]) -> Array:
    return model.to_fp8(floats("bytes", shape, scale=16.0))
