"""Calls of the products of a batch with a batch.

Their results lie within the contract's bounds of a float64 reference.
"""

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
from codegen.vectors.case import Arguments, Case, Value, dtype_of
from codegen.vectors.layouts import LAYOUTS

_SHAPES = {
    "vector": Form(m=None),
    "one_row": Form(m=1, n=1),
    "batch_of_both": Form(x_batch=(2,), w_batch=(2,), m=2),
    "batch_of_x": Form(x_batch=(2, 2), m=2),
    "batch_of_w": Form(w_batch=(3,), m=2),
    "vector_with_batch_of_w": Form(w_batch=(2,), m=None),
    "broadcast_of_both": Form(x_batch=(2, 1), w_batch=(3,), m=1, n=3),
    "no_rows_of_x": Form(m=0),
    "no_rows_of_w": Form(n=0),
    "no_batch_of_x": Form(x_batch=(0,), m=2),
    "no_batch_of_w": Form(w_batch=(2, 0), m=2),
}
_C_SHAPES = {
    "scalar": (),
    "row": (5,),
    "column": (3, 1),
    "one": (1, 1),
    "matrix": (3, 5),
    "batch": (2, 1, 5),
    "whole": (2, 3, 5),
}
_FACTORS = {
    "half": (0.5, 1.0),
    "minus": (1.0, -2.0),
    "no_product": (0.0, 1.0),
    "no_c": (1.0, 0.0),
    "both": (-1.5, 0.3),
}


def cases(schema: Schema, op: Op) -> Iterator[Case]:
    """Every setting in every dtype and both transposes, then shapes, dtypes, epilogues, layouts."""
    for setting in settings(op):
        for dtype in schema.dtype_set("floats"):
            yield from _matrix(op, setting, dtype)
    for mode in op.modes:
        setting = default_setting(mode)
        for label, form in _SHAPES.items():
            small = replace(setting, group_size=min(mode.group_sizes))
            yield from _shaped(op, small, label, form)
        yield _case(op, setting, f"{mode.name}/larger", Form(m=7, n=17, k=3 * setting.group_size))
        yield from _dtypes(schema, op, setting)
        if has(op, "c"):
            yield from _epilogues(schema, op, setting)
        if mode.has_global_scale:
            yield from _global_scales(schema, op, setting)
        for layout in LAYOUTS:
            yield _laid_out(op, setting, layout)
    yield from defaults(op, Form(m=2, n=3))
    if accepts_float(op):
        for mode in op.modes:
            yield from _quantized_on_the_fly(schema, op, default_setting(mode))
            yield from _non_finite_rows(schema, op, default_setting(mode))


def accepts_float(op: Op) -> bool:
    """Whether the weight may be a float tensor, quantized by the call."""
    return op.record_arg is not None and op.record_arg.accepts_float


def _case(op: Op, setting: Setting, name: str, form: Form, layout: str = "contiguous") -> Case:
    return case(op, name, product_call(op, setting, form, name), layout)


def _matrix(op: Op, setting: Setting, dtype: str) -> Iterator[Case]:
    name = f"{setting.name}/{dtype}"
    if not has(op, "transpose"):
        yield _case(op, setting, name, Form().of(dtype))
        return
    yield _case(op, setting, f"{name}/transpose", Form(transpose=True, m=2).of(dtype))
    plain = Form(transpose=False, m=max(1, 64 // setting.group_size), n=setting.group_size, k=5).of(
        dtype
    )
    yield _case(op, setting, f"{name}/no_transpose", plain)


def _shaped(op: Op, setting: Setting, label: str, form: Form) -> Iterator[Case]:
    name = f"{setting.mode.name}/{label}"
    k = setting.group_size
    yield _case(op, setting, name, replace(form, k=k))
    if has(op, "transpose") and form.n:
        plain = replace(form, transpose=False, n=k, k=3)
        yield _case(op, setting, f"{name}/no_transpose", plain)


def _dtypes(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    """Activations, scales and c of different dtypes: the result has that of x."""
    form = Form(m=2, n=3, k=setting.group_size)
    for dtype in schema.dtype_set("floats"):
        for other in schema.dtype_set("floats"):
            if other == dtype:
                continue
            name = f"{setting.mode.name}/x_{dtype}"
            if setting.mode.has_bias:
                mixed = replace(form.of(dtype), weight_dtype=other)
                yield _case(op, setting, f"{name}/scales_{other}", mixed)
            if has(op, "c"):
                yield _case(
                    op, setting, f"{name}/c_{other}", replace(form.of(dtype), c_dtype=other)
                )


def _epilogues(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    form = Form(k=setting.group_size)
    for label, shape in _C_SHAPES.items():
        batch = (2,) if len(shape) == 3 else ()
        shaped = replace(form, c_shape=shape, x_batch=batch)
        yield _case(op, setting, f"{setting.mode.name}/c_{label}", shaped)
    vector = replace(form, m=None, c_shape=(1,))
    yield _case(op, setting, f"{setting.mode.name}/c_of_a_vector", vector)
    for label, (alpha, beta) in _FACTORS.items():
        for dtype in schema.dtype_set("floats"):
            name = f"{setting.mode.name}/{label}/{dtype}"
            given = product_call(op, setting, replace(form, m=2, n=3).of(dtype), name)
            yield case(op, name, {**given, "alpha": alpha, "beta": beta})


def _global_scales(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    for dtype in schema.dtype_set("floats"):
        name = f"{setting.mode.name}/global_scale/{dtype}"
        form = Form(global_scale="one").of(dtype)
        yield _case(op, setting, name, form)
        if has(op, "transpose"):
            plain = replace(form, transpose=False, n=setting.group_size, k=3)
            yield _case(op, setting, f"{name}/no_transpose", plain)
    name = f"{setting.mode.name}/global_scale/batch"
    given = product_call(op, setting, Form(global_scale="one", x_batch=(2, 1), w_batch=(2,)), name)
    shaped = {k: np.reshape(v, (1, 1)) if k.startswith("global") else v for k, v in given.items()}
    yield case(op, name, shaped)


def _laid_out(op: Op, setting: Setting, layout: str) -> Case:
    name = f"{setting.mode.name}/{layout}"
    form = Form(x_batch=(2,), w_batch=(2,), c_shape=(2, 3, 5), k=2 * setting.group_size)
    form = replace(form, global_scale="one" if setting.mode.has_global_scale else "")
    given = product_call(op, setting, form, name)
    if layout == "broadcast":
        given = {key: repeated(value) for key, value in given.items()}
    return case(op, name, given, layout)


def repeated(value: Value) -> Value:
    """An array whose first matrix, or number, stands along all leading axes."""
    if not isinstance(value, np.ndarray) or value.ndim < 3:
        return value
    return np.broadcast_to(value[:1, :1], value.shape)


def _quantized_on_the_fly(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    for dtype in schema.dtype_set("floats"):
        for other in schema.dtype_set("floats"):
            form = replace(
                Form(float_weight=True, k=2 * setting.group_size).of(dtype), weight_dtype=other
            )
            name = f"{setting.mode.name}/x_{dtype}/w_{other}"
            yield _case(op, setting, name, form)
            if setting.mode.has_global_scale:
                yield _case(op, setting, f"{name}/global_scale", replace(form, global_scale="one"))
    name = f"{setting.mode.name}/float_weight_in_batches"
    form = Form(float_weight=True, x_batch=(2, 1), w_batch=(3,), m=1, n=2)
    yield _case(op, setting, name, form)
    yield _case(op, setting, f"{name}/reversed", form, "reversed")


def _non_finite_rows(schema: Schema, op: Op, setting: Setting) -> Iterator[Case]:
    """A row of x with NaN or infinity is NaN in the result; its neighbours are as ever."""
    for dtype in schema.dtype_set("floats"):
        name = f"{setting.mode.name}/non_finite_rows/{dtype}"
        given = product_call(op, setting, Form(m=4, n=2).of(dtype), name)
        yield case(op, name, with_non_finite_rows(given, dtype))


def with_non_finite_rows(given: Arguments, dtype: str) -> Arguments:
    """The call with NaN in the row before the last of x, and an infinity in the one before that."""
    x = np.array(given["x"], dtype=dtype_of(dtype))
    x[..., -2, 3], x[..., -3, -1] = np.nan, -np.inf
    return {**given, "x": x}
