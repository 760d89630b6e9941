"""Breaches of what is asked of one tensor's dtype, rank and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from codegen.expression import BroadcastableShape, ScalarShape, Shape, names
from codegen.model import FlatArg, Op, Schema, same_as
from codegen.vectors.bases import (
    SMALL,
    Breach,
    array,
    base,
    calls_with,
    small_settings,
    takes_index,
    with_scales,
)
from codegen.vectors.calls import Form, Setting, floats, has
from codegen.vectors.case import Array, dtype_of

_WORD_BITS = 32


def is_packed(flat: FlatArg) -> bool:
    """Whether the argument is the packed weight of a record."""
    return flat.field is not None and flat.source.name == "packed"


def dtype(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    """Arrays of the same shape in dtypes that are not allowed."""
    for label, valid in calls_with(op, flat):
        value = valid.get(flat.name)
        like = value if isinstance(value, np.ndarray) else np.zeros((2,), np.int32)
        for name in _wrong_dtypes(schema, op, flat, label):
            wrong: Array = np.ones(like.shape, dtype_of(name))
            yield f"{label}/{name}", valid, {flat.name: wrong}
    if is_packed(flat) and flat.arg.accepts_float:
        yield from _float_with_scales(op, flat)


def _wrong_dtypes(schema: Schema, op: Op, flat: FlatArg, mode: str) -> list[str]:
    rule = flat.source.dtypes
    if is_packed(flat):
        return ["int32", "uint8"] if flat.arg.accepts_float else ["int32", "uint8", "float32"]
    if isinstance(rule, tuple):
        return [entry.name for entry in schema.dtypes if entry.name not in rule][:3]
    if same_as(rule) is not None:
        return ["float16", "bfloat16", "uint8"]
    allowed = schema.mode(mode).scale_dtypes
    return ["uint8", "int32"] if "float32" in allowed else ["float32", "float16", "int32"]


def _float_with_scales(op: Op, flat: FlatArg) -> Iterator[Breach]:
    for setting in small_settings(op):
        valid = base(op, setting)
        shape = (*array(valid, flat.name).shape[:-1], setting.group_size)
        label = f"{setting.mode.name}/float32_with_scales"
        yield label, valid, {flat.name: floats("with scales", shape)}


def rank(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    """One axis fewer than the least."""
    least = flat.source.shape
    assert isinstance(least, Shape)
    axes = sum(not axis.optional for axis in least.dimensions) - 1
    for label, valid in calls_with(op, flat):
        value = array(valid, flat.name)
        while value.ndim > axes:
            value = np.asarray(value[0])
        yield label, valid, {flat.name: value}


def multiple(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    """Rows of one group and a half, and of a group less one element."""
    for setting in small_settings(op):
        size = setting.group_size
        for columns in (size + size // 2, size - 1):
            label = f"{setting.mode.name}/{columns}"
            if is_packed(flat):
                valid = base(op, setting, replace(SMALL, float_weight=True))
                x, w = array(valid, "x"), array(valid, flat.name)
                changes = {"x": _columns(x, columns), flat.name: _columns(w, columns)}
                yield label, valid, {**changes}
            else:
                valid = base(op, setting)
                yield label, valid, {flat.name: _columns(array(valid, flat.name), columns)}
    for mode in op.modes if not is_packed(flat) else ():
        for size in mode.group_sizes[1:]:
            valid = base(op, Setting(mode, mode.default_bits, size))
            wrong = _columns(array(valid, flat.name), mode.group_sizes[0])
            yield f"{mode.name}/{size}/{mode.group_sizes[0]}", valid, {flat.name: wrong}


def _columns(value: Array, columns: int) -> Array:
    return floats("other columns", (*value.shape[:-1], columns)).astype(value.dtype)


def shape(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    """Sizes that do not fit the arguments bound before."""
    if is_packed(flat):
        yield from _words(op, flat)
    elif isinstance(flat.source.shape, ScalarShape):
        yield from _scalar(op, flat)
    elif isinstance(flat.source.shape, BroadcastableShape):
        yield from _addend(op, flat)
    elif flat.field is not None:
        yield from _record_part(op, flat)
    elif flat.source.index_of is not None:
        valid = base(op)
        yield "other_length", valid, {flat.name: np.zeros((3,), np.int32)}
    else:
        yield from _activations(op, flat)


def _words(op: Op, flat: FlatArg) -> Iterator[Breach]:
    """Rows of words that end within a code."""
    for small in small_settings(op):
        for bits in small.mode.bits:
            if _WORD_BITS % bits == 0:
                continue
            valid = base(op, replace(small, bits=bits))
            w = array(valid, flat.name)
            words = next(n for n in range(w.shape[-1] + 1, 99) if n * _WORD_BITS % bits)
            wrong: Array = np.zeros((*w.shape[:-1], words), np.uint32)
            yield f"{small.mode.name}/b{bits}", valid, {flat.name: wrong}


def _scalar(op: Op, flat: FlatArg) -> Iterator[Breach]:
    for label, valid in calls_with(op, flat):
        yield f"{label}/two", valid, {flat.name: np.ones((2,), np.float32)}
        yield f"{label}/none", valid, {flat.name: np.ones((0,), np.float32)}
    if flat.field is None or not takes_index(op):
        return
    for setting in small_settings(op):
        if setting.mode.has_global_scale:
            valid = with_scales(op, setting)
            yield "one_too_many", valid, {flat.name: np.ones((4,), np.float32)}


def _addend(op: Op, flat: FlatArg) -> Iterator[Breach]:
    valid = base(op)
    for label, sizes in {"columns": (4,), "rows": (3, 3), "batch": (2, 2, 3), "none": (0,)}.items():
        yield label, valid, {flat.name: floats(label, sizes)}


def _record_part(op: Op, flat: FlatArg) -> Iterator[Breach]:
    for label, valid in calls_with(op, flat):
        value = array(valid, flat.name)
        more = np.concatenate([value, value], axis=-1)
        rows = np.concatenate([value, value], axis=-2)
        yield f"{label}/groups", valid, {flat.name: more}
        yield f"{label}/rows", valid, {flat.name: rows}
        yield f"{label}/one_row", valid, {flat.name: value[..., :1, :].copy()}
        yield f"{label}/batch", valid, {flat.name: np.stack([value, value])}
    if flat.source.name == "scales":
        yield from _part_of_a_group(op, flat)


def _part_of_a_group(op: Op, flat: FlatArg) -> Iterator[Breach]:
    """Packed rows of half the largest group, with one scale each."""
    for small in small_settings(op):
        largest = max(small.mode.group_sizes)
        valid = base(op, replace(small, group_size=largest))
        packed = next(f.name for f in op.flat_args if is_packed(f))
        w = array(valid, packed)
        halves = {packed: w[..., : w.shape[-1] // 2].copy()}
        if has(op, "x"):
            x = array(valid, "x")
            halves["x"] = x[..., : largest // 2].copy()
        yield f"{small.mode.name}/half_a_group", valid, {**halves}


def _activations(op: Op, flat: FlatArg) -> Iterator[Breach]:
    for setting in small_settings(op):
        valid = base(op, setting)
        x = array(valid, flat.name)
        for columns in (x.shape[-1] - 1, x.shape[-1] + 32):
            label = f"{setting.mode.name}/columns_{columns}"
            yield label, valid, {flat.name: _columns(x, columns)}
        if has(op, "transpose"):
            form = Form(m=2, n=setting.group_size, k=7, transpose=False)
            plain = base(op, setting, form)
            wrong = _columns(array(plain, flat.name), setting.group_size)
            yield f"{setting.mode.name}/no_transpose", plain, {flat.name: wrong}
    plain = base(op)
    yield "vector", plain, {flat.name: _columns(array(plain, flat.name), 3)[0]}
    joined = [part.text for part in names(op.batch)] if op.batch is not None else []
    if getattr(flat.source.shape, "batch", None) in joined:
        valid = base(op, form=replace(SMALL, x_batch=(3,), w_batch=(3,)))
        yield "batch", valid, {flat.name: array(valid, flat.name)[:2].copy()}
