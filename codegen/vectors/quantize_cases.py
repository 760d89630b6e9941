"""Calls of quantize and dequantize: results are bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from codegen.model import Op, Schema
from codegen.vectors.calls import Setting, case, default_setting, floats, largest, settings
from codegen.vectors.case import Arguments, Array, Case, dtype_of
from codegen.vectors.layouts import LAYOUTS
from codegen.vectors.reference import datasets, parts

_COLUMNS = 128
_SHAPES = {
    "row": (1, 1),
    "odd": (5, 3),
    "batch": (2, 3, 1),
    "deep": (2, 1, 2, 2, 1),
    "no_rows": (0, 1),
    "no_batch": (0, 3, 1),
}
"""Shapes by name; the last axis counts groups."""


def quantize(schema: Schema, op: Op) -> Iterator[Case]:
    """Every setting on rows of every data set, every data set in every mode, shapes, layouts."""
    for setting in settings(op):
        for dtype in schema.dtype_set("floats"):
            w = mixed(setting, dtype)
            yield case(op, f"{setting.name}/{dtype}", {"w": w, **setting.arguments})
            for label, scale in _quantize_scales(setting, w):
                given: Arguments = {"w": w, "global_scale": scale, **setting.arguments}
                yield case(op, f"{setting.name}/{dtype}/global_{label}", given)
    for mode in op.modes:
        for dtype in schema.dtype_set("floats"):
            for name in datasets.names():
                w = datasets.make(name, dtype_of(dtype), rows=4, columns=_COLUMNS)[:, :64]
                yield case(op, f"{mode.name}/{name}/{dtype}", {"w": w, "mode": mode.name})
        yield from _quantize_shapes(op, default_setting(mode))
    yield case(op, "defaults", {"w": floats("defaults", (3, 64))})


def _quantize_scales(setting: Setting, w: Array) -> Iterator[tuple[str, Array]]:
    """That of two ordinary rows, and two that saturate or vanish nearly everything."""
    if setting.mode.has_global_scale:
        yield "largest", largest(w[:2])
        yield "small", np.array([2.0**-100], np.float32)
        yield "huge", np.array([[3e38]], np.float32)


def mixed(setting: Setting, dtype: str) -> Array:
    """One row of each data set; of affine's ties, that of the setting's own width."""
    rows = []
    for index, name in enumerate(datasets.names()):
        w = datasets.make(name, dtype_of(dtype), rows=8, columns=_COLUMNS)
        width = np.abs(w.astype(np.float32)).max(axis=-1) == 2**setting.bits - 1
        row = int(width.argmax()) if name == "affine_ties" else index % 4
        rows.append(w[row, : max(64, setting.group_size)])
    return np.stack(rows)


def _quantize_shapes(op: Op, setting: Setting) -> Iterator[Case]:
    name = setting.mode.name
    mode: Arguments = {"mode": name}
    for label, (*lead, groups) in _SHAPES.items():
        w = floats(label, (*lead, groups * setting.group_size))
        yield case(op, f"{name}/{label}", {"w": w, **mode})
    one_row = floats("repeated", (1, 1, setting.group_size))
    for layout in LAYOUTS:
        for dtype in ("float32", "bfloat16"):
            w = floats(layout, (2, 3, setting.group_size), dtype)
            if layout == "broadcast":
                w = np.broadcast_to(one_row.astype(dtype_of(dtype)), w.shape)
            given: Arguments = {"w": w, **mode}
            if setting.mode.has_global_scale:
                given["global_scale"] = largest(w)
            yield case(op, f"{name}/{layout}/{dtype}", given, layout)


def dequantize(schema: Schema, op: Op) -> Iterator[Case]:
    """Every setting on random codes, in every dtype of scales and of results.

    Then every scale, what is NaN, shapes, layouts.
    """
    for setting in settings(op):
        for stored in setting.mode.scale_dtypes:
            w = floats(
                setting.name, (2, setting.columns), stored if setting.mode.has_bias else "float32"
            )
            given = random_codes(
                parts(w, setting.mode.name, setting.bits, setting.group_size), setting.name
            )
            default = stored if setting.mode.has_bias else "float32"
            others = [dtype for dtype in schema.dtype_set("floats") if dtype != default]
            for dtype in (None, *others):
                name = f"{setting.name}/{stored}/to_{dtype or 'default'}"
                yield case(op, name, {**given, **setting.arguments, "dtype": dtype})
    for mode in op.modes:
        setting = default_setting(mode)
        if not mode.has_bias:
            yield from _every_scale(schema, op, setting)
        if mode.has_global_scale:
            yield from _global_scales(schema, op, setting)
        yield from _dequantize_shapes(op, setting)
    yield case(op, "affine/overflow", _overflowing(op))
    yield case(op, "defaults", parts(floats("defaults", (3, 64)), "affine", 4, 64))


def random_codes(operands: Arguments, key: str) -> Arguments:
    """The operands with random bits for codes."""
    packed = np.asarray(operands["w"])
    halves = np.random.RandomState(zlib.crc32(key.encode())).randint(
        0, 1 << 16, size=(2, *packed.shape), dtype=np.uint32
    )
    return {**operands, "w": halves[0] << np.uint32(16) | halves[1]}


def _finite_codes(packed: Array, bits: int) -> Array:
    """Codes without E4M3's NaN, which has all bits but the sign set."""
    octets = np.ascontiguousarray(packed).view(np.uint8)
    finite = np.where(octets & 0x7F == 0x7F, octets & 0xFE, octets) if bits == 8 else octets
    return finite.astype(np.uint8).view(np.uint32)


def _every_scale(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    """Each byte that a scale can be, those that are NaN apart: with them any NaN is right."""
    everything = np.arange(256, dtype=np.uint8).reshape(16, 16)
    is_nan = everything & 0x7F == 0x7F if setting.mode.has_global_scale else everything == 255
    words = setting.group_size * setting.bits // 32
    codes = random_codes({"w": np.zeros((16, 16 * words), np.uint32)}, setting.name)["w"]
    packed = _finite_codes(np.asarray(codes), setting.bits)
    finite = np.where(is_nan, np.uint8(0x38), everything)
    name = setting.mode.name
    yield case(op, f"{name}/every_scale", {"w": packed, "scales": finite, "mode": name})
    for dtype in schema.dtype_set("floats"):
        to: Arguments = {"mode": name, "dtype": dtype}
        few: Arguments = {"w": packed[::5, : 4 * words], "scales": finite[::5, :4]}
        yield case(op, f"{name}/some_scales/to_{dtype}", few | to)
        with_nan = np.full((1, 4), 0x7E, np.uint8)
        with_nan[0, 1] = everything[is_nan][0]
        bytes_of_nan = np.full((1, 4 * words), 0x7F00FF38, np.uint32)
        nan: Arguments = {"w": bytes_of_nan, "scales": with_nan}
        yield case(op, f"{name}/nan/to_{dtype}", nan | to)


def _global_scales(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    packed = random_codes({"w": np.zeros((3, 4), np.uint32)}, "global")["w"]
    scales = np.array([[0x38, 0x7E], [0x01, 0x40], [0x00, 0x20]], np.uint8)
    name = setting.mode.name
    for label, value in {"one": 1.0, "odd": 0.337, "tiny": 2.0**-110, "huge": 3e38}.items():
        scale: Array = np.full((1, 1) if label == "odd" else (), value, np.float32)
        given: Arguments = {"w": packed, "scales": scales, "mode": name, "global_scale": scale}
        yield case(op, f"{name}/global_{label}/to_default", given)
        for dtype in schema.dtype_set("floats"):
            yield case(op, f"{name}/global_{label}/to_{dtype}", {**given, "dtype": dtype})
    stacked = floats("stacked", (2, 2, 3, 2 * setting.group_size))
    each: Arguments = {"global_scale": np.array([[0.5, 1.0], [2.0, 337.0]], np.float32)}
    given = parts(stacked, name, setting.bits, setting.group_size, np.array(1.0, np.float32))
    yield case(op, f"{name}/global_each", {**given, **each, "mode": name})


def _dequantize_shapes(op: Op, setting: Setting) -> Iterator[Case]:
    name = setting.mode.name
    mode: Arguments = {"mode": name}
    for label, (*lead, groups) in _SHAPES.items():
        w = floats(label, (*lead, groups * setting.group_size))
        given = parts(w, name, setting.bits, setting.group_size)
        yield case(op, f"{name}/{label}", {**given, **mode})
    for layout in LAYOUTS:
        w = floats(layout, (2, 3, setting.group_size))
        if layout == "broadcast":
            w = np.broadcast_to(w[:1, :1], w.shape)
        scale: Arguments = {"global_scale": largest(w)} if setting.mode.has_global_scale else {}
        given = parts(w, name, setting.bits, setting.group_size, scale.get("global_scale"))
        yield case(op, f"{name}/{layout}", {**given, **mode, **scale}, layout)


def _overflowing(op: Op) -> Arguments:
    """The product of code and scale is infinite in float16, before the bias is added."""
    given = parts(floats("overflow", (2, 64), "float16"), "affine", 4, 64)
    scales = np.array([[60000.0], [-60000.0]], np.float16)
    return {**given, "scales": scales, "biases": -scales, "mode": "affine", "dtype": "float32"}
