"""Small valid calls that the negative vectors start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from codegen.model import FlatArg, Op
from codegen.vectors.calls import Form, Setting, default_setting, floats, ordered, product_call
from codegen.vectors.case import Arguments, Array, Changes
from codegen.vectors.reference import parts

Breach = tuple[str, Arguments, Changes]
"""A label, a valid call, and what to change so that it breaks one rule."""


SMALL = Form(m=2, n=3)
"""The sizes of a product unless told."""


def small_settings(op: Op) -> tuple[Setting, ...]:
    """The default setting of each mode of the op, with the smallest groups there are."""
    smallest = [
        replace(default_setting(mode), group_size=min(mode.group_sizes)) for mode in op.modes
    ]
    return tuple(smallest)


def takes_index(op: Op) -> bool:
    """Whether the op picks its matrices by indices."""
    return any(flat.source.index_of is not None for flat in op.flat_args)


def base(op: Op, setting: Setting | None = None, form: Form | None = None) -> Arguments:
    """A valid call of the op; in its first mode unless told."""
    key = f"{op.name} base"
    if not op.modes:
        takes_bytes = op.arg("x").dtypes == ("uint8",)
        plain: Array = np.arange(3, dtype=np.uint8) if takes_bytes else floats(key, (3,))
        return {"x": plain}
    chosen = setting or small_settings(op)[0]
    if op.record_arg is not None and any(arg.name == "x" for arg in op.inputs):
        return _product(op, chosen, form or SMALL, key)
    weight = floats(key, (2, chosen.group_size))
    if op.record_arg is None:
        return ordered(op, {"w": weight, **chosen.arguments})
    operands = parts(weight, chosen.mode.name, chosen.bits, chosen.group_size)
    return ordered(op, {**operands, **chosen.arguments})


def _product(op: Op, setting: Setting, form: Form, key: str) -> Arguments:
    if takes_index(op):
        picked = np.array([0, 1], np.int32)
        form = replace(form, x_batch=(2,), w_batch=(3,), m=1, lhs=picked, rhs=picked)
    return product_call(op, setting, replace(form, k=form.k or setting.group_size), key)


def calls_with(op: Op, flat: FlatArg) -> Iterator[tuple[str, Arguments]]:
    """Valid calls in which the argument is given, by name.

    One for each mode that has it, or a single one where the mode does not matter to it.
    """
    if not op.modes or (flat.field is None and not is_scale(flat)):
        yield "plain", base(op)
        return
    for setting in small_settings(op):
        condition = flat.source.present_if or flat.source.allowed_if
        if condition is None or setting.mode.holds(condition):
            yield (
                setting.mode.name,
                with_scales(op, setting) if is_scale(flat) else base(op, setting),
            )


def is_scale(flat: FlatArg) -> bool:
    """Whether the argument is a global scale."""
    return flat.source.value == "positive_scale"


def with_scales(op: Op, setting: Setting, form: Form | None = None) -> Arguments:
    """A valid call with every global scale that the op has, each 1."""
    one: Array = np.ones((), np.float32)
    scales = {flat.name: one for flat in op.flat_args if is_scale(flat)}
    return ordered(op, {**base(op, setting, form), **scales})


def array(arguments: Arguments, name: str) -> Array:
    """An argument that is an array."""
    value = arguments[name]
    assert isinstance(value, np.ndarray)
    return value
