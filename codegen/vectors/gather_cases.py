"""Calls of the products whose matrices are picked by indices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from codegen.model import Op, Schema
from codegen.vectors.calls import (
    Form,
    Setting,
    case,
    default_setting,
    defaults,
    has,
    product_call,
    settings,
)
from codegen.vectors.case import Array, Case
from codegen.vectors.layouts import LAYOUTS
from codegen.vectors.matmul_cases import accepts_float, repeated, with_non_finite_rows


def indices(values: object, dtype: str = "int32") -> Array:
    """An array of indices."""
    return np.array(values, dtype=dtype)


_PICK = Form(x_batch=(2,), w_batch=(3,), m=1, n=3, lhs=indices([0, 1, 1]), rhs=indices([2, 0, 2]))
_SHAPES = {
    "no_indices": Form(x_batch=(3,), w_batch=(3,), m=2),
    "no_indices_broadcast": Form(x_batch=(2, 1), w_batch=(3,), m=1),
    "lhs_alone": Form(x_batch=(2,), w_batch=(3,), m=1, lhs=indices([1, 0, 1])),
    "rhs_alone": Form(x_batch=(3,), w_batch=(2,), m=2, rhs=indices([1, 1, 0])),
    "rhs_wider_than_x": Form(x_batch=(2, 1), w_batch=(3,), m=1, rhs=indices([2, 0])),
    "indices_broadcast": replace(_PICK, lhs=indices([[0], [1]]), rhs=indices([2, 0, 1])),
    "one_index": replace(_PICK, lhs=indices(1), rhs=indices(2)),
    "empty_indices": replace(_PICK, lhs=indices([]), rhs=indices([])),
    "batches_of_two_axes": Form(
        x_batch=(2, 2), w_batch=(1, 3), m=1, lhs=indices([[3], [0]]), rhs=indices([[0, 2, 1]])
    ),
    "one_matrix_each": Form(m=2, lhs=indices([0, 0]), rhs=indices([[0], [0]])),
    "vector": Form(m=None, w_batch=(3,), rhs=indices([2, 2, 0, 1])),
    "no_rows_of_x": replace(_PICK, m=0),
    "no_rows_of_w": replace(_PICK, n=0),
}


def cases(schema: Schema, op: Op) -> Iterator[Case]:
    """Every setting in every dtype and both transposes, then indices, experts' scales, layouts."""
    for setting in settings(op):
        for dtype in schema.dtype_set("floats"):
            yield from _matrix(op, setting, dtype)
    yield from defaults(op, _PICK)
    for mode in op.modes:
        setting = default_setting(mode)
        for label, form in _SHAPES.items():
            small = replace(setting, group_size=min(mode.group_sizes))
            yield _case(op, small, f"{mode.name}/{label}", replace(form, k=small.group_size))
        yield from _index_dtypes(schema, op, setting)
        yield from _sorted(op, setting)
        if mode.has_global_scale:
            yield from _experts_scales(op, setting)
        if accepts_float(op):
            yield from _float_experts(schema, op, setting)
        for layout in LAYOUTS:
            yield _laid_out(op, setting, layout)


def _case(op: Op, setting: Setting, name: str, form: Form, layout: str = "contiguous") -> Case:
    return case(op, name, product_call(op, setting, form, name), layout)


def _matrix(op: Op, setting: Setting, dtype: str) -> Iterator[Case]:
    name = f"{setting.name}/{dtype}"
    if not has(op, "transpose"):
        yield _case(op, setting, name, _PICK.of(dtype))
        return
    yield _case(op, setting, f"{name}/transpose", replace(_PICK.of(dtype), transpose=True))
    plain = replace(_PICK.of(dtype), transpose=False, n=setting.group_size, k=5, rhs=indices([1]))
    yield _case(op, setting, f"{name}/no_transpose", replace(plain, lhs=indices([1]), w_batch=(2,)))


def _index_dtypes(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    form = replace(_PICK, k=setting.group_size, n=2)
    dtypes = schema.dtype_set("indices")
    for dtype, other in zip(dtypes, dtypes[1:] + dtypes[:1], strict=True):
        picked = replace(form, lhs=indices([1, 0], dtype), rhs=indices([0, 2], other))
        yield _case(op, setting, f"{setting.mode.name}/lhs_{dtype}/rhs_{other}", picked)


def _sorted(op: Op, setting: Setting) -> Iterator[Case]:
    """The promise on indices that keep it; equal ones in a row do."""
    form = Form(x_batch=(4,), w_batch=(3,), m=1, n=2, k=setting.group_size)
    for label, lhs, rhs in (
        ("both", indices([0, 0, 3]), indices([0, 2, 2])),
        ("rhs", None, indices([0, 1, 1, 2])),
        ("lhs", indices([0, 1, 1]), None),
        ("neither", None, None),
    ):
        given = replace(form, lhs=lhs, rhs=rhs, x_batch=(3,) if label == "neither" else (4,))
        name = f"{setting.mode.name}/sorted_{label}"
        yield case(op, name, {**product_call(op, setting, given, name), "sorted_indices": True})


def _experts_scales(op: Op, setting: Setting) -> Iterator[Case]:
    name = f"{setting.mode.name}/global_scale"
    two_axes = replace(_PICK, w_batch=(2, 2))
    for float_weight in (False, True) if accepts_float(op) else (False,):
        label = f"{name}/float" if float_weight else name
        for kind in ("one", "each"):
            form = replace(_PICK, global_scale=kind, float_weight=float_weight)
            yield _case(op, setting, f"{label}/{kind}", form)
        form = replace(two_axes, global_scale="each", float_weight=float_weight)
        yield _case(op, setting, f"{label}/each_of_two_axes", form)
    if has(op, "transpose"):
        plain = replace(_PICK, global_scale="each", transpose=False, n=setting.group_size, k=3)
        yield _case(op, setting, f"{name}/no_transpose", plain)


def _float_experts(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    for dtype in schema.dtype_set("floats"):
        for other in schema.dtype_set("floats"):
            form = replace(
                _PICK.of(dtype), weight_dtype=other, float_weight=True, k=setting.group_size
            )
            yield _case(op, setting, f"{setting.mode.name}/x_{dtype}/w_{other}", form)
        name = f"{setting.mode.name}/non_finite_rows/{dtype}"
        given = product_call(op, setting, replace(_PICK.of(dtype), m=4, n=2), name)
        yield case(op, name, with_non_finite_rows(given, dtype))


def _laid_out(op: Op, setting: Setting, layout: str) -> Case:
    name = f"{setting.mode.name}/{layout}"
    scale = "each" if setting.mode.has_global_scale else ""
    form = replace(_PICK, m=2, n=3, k=2 * setting.group_size, w_batch=(3,), global_scale=scale)
    if layout != "broadcast":
        form = replace(form, lhs=indices([[0, 1], [1, 1]]), rhs=indices([[2, 0], [0, 1]], "int64"))
        return _case(op, setting, name, form, layout)
    same = replace(
        form,
        lhs=indices([[1, 1], [1, 1]]),
        rhs=indices([[2, 0], [2, 0]]),
        global_scale="one" if scale else "",
    )
    given = product_call(op, setting, same, name)
    return case(op, name, {key: repeated(value) for key, value in given.items()}, layout)
