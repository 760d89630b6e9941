"""Calls that break one rule each: a valid call, and the least change that makes it wrong.

One function for each kind of rule says how it is broken, from the same facts of the schema that
the rule comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from codegen.model import FlatArg, Op, Schema
from codegen.rules import Rule, op_rules
from codegen.vectors.bases import (
    SMALL,
    Breach,
    array,
    base,
    calls_with,
    is_scale,
    small_settings,
    takes_index,
    with_scales,
)
from codegen.vectors.breaches_of_shape import dtype, multiple, rank, shape
from codegen.vectors.calls import floats, ordered
from codegen.vectors.case import Arguments, Array, Case, Failure, Value, dtype_of


@dataclass(frozen=True, slots=True)
class Broken:
    """One breach of a rule: the valid call, and the one that is to fail."""

    rule: Rule
    label: str
    valid: Arguments
    broken: Arguments

    @property
    def case(self) -> Case:
        """What the vector file holds of it."""
        rule = self.rule
        failure = Failure(rule.status, rule.id, rule.argument)
        name = f"breaks/{rule.argument}.{rule.kind}/{self.label}"
        return Case(name, rule.op, self.broken, failure)


def breaches(schema: Schema, op: Op) -> Iterator[Broken]:
    """Breaches of every rule of the op that each language can break, in the order of the rules."""
    flat_args = {flat.name: flat for flat in op.flat_args}
    for rule in op_rules(schema, op):
        if rule.c_only:
            continue
        flat = flat_args.get(rule.argument)
        found = _result(op) if flat is None else _KINDS[rule.kind](schema, op, flat)
        for label, valid, changes in found:
            changed: dict[str, Value | None] = {**valid, **changes}
            yield Broken(rule, label, valid, ordered(op, changed))


def _result(op: Op) -> Iterator[Breach]:
    """Indices of so many axes that the result has too many."""
    index = next(flat for flat in op.flat_args if flat.source.index_of is not None)
    yield "nine_axes", base(op), {index.name: np.zeros((1,) * 7, np.int32)}


def _required(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    for label, valid in calls_with(op, flat):
        yield label, valid, {flat.name: None}


def _forbidden(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    condition = flat.source.present_if or flat.source.allowed_if
    assert condition is not None
    for setting in small_settings(op):
        if setting.mode.holds(condition):
            continue
        valid = base(op, setting)
        extra: Array = np.ones((), np.float32)
        if not is_scale(flat):
            extra = np.zeros(array(valid, "scales").shape, np.float32)
        yield setting.mode.name, valid, {flat.name: extra}


def _choice(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    if flat.type == "mode":
        others = [mode.name for mode in schema.modes if mode not in op.modes]
        for name in (*others, "mxfp5", "Affine"):
            yield name, _of_any_mode(op), {flat.name: name}
        return
    if flat.type == "dtype":
        legal = flat.source.one_of
        assert isinstance(legal, tuple)
        for name in [entry.name for entry in schema.dtypes if entry.name not in legal][:2]:
            yield name, base(op), {flat.name: name}
        return
    column = {"bits": "bits", "group_size": "group_sizes"}[flat.name]
    for setting in small_settings(op):
        legal_numbers: tuple[int, ...] = getattr(setting.mode, column)
        for number in (-legal_numbers[0], 2 * legal_numbers[-1], 7 if flat.name == "bits" else 48):
            label = f"{setting.mode.name}/{number}"
            yield label, base(op, setting), {flat.name: number}


def _of_any_mode(op: Op) -> Arguments:
    """A valid call in which nothing but the settings depends on the mode, where the op has one."""
    assert op.modes
    setting = small_settings(op)[0]
    if op.record_arg is not None and op.record_arg.accepts_float:
        call = base(op, setting, replace(SMALL, float_weight=True, k=64))
        return {name: value for name, value in call.items() if name not in ("bits", "group_size")}
    return base(op, setting)


def _paired(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    other = flat.source.paired_with
    assert other is not None
    for label, valid in calls_with(op, flat):
        yield f"{label}/without_{flat.name}", valid, {flat.name: None}
        yield f"{label}/without_{other}", valid, {other: None}


_NOT_FINITE = {"nan": np.nan, "infinity": np.inf, "minus_infinity": -np.inf}


def _finite(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    if flat.type == "float32":
        for label, number in _NOT_FINITE.items():
            yield label, base(op), {flat.name: number}
        return
    for setting in small_settings(op):
        form = replace(SMALL, float_weight=True)
        for name in schema.dtype_set("floats"):
            valid = base(op, setting, replace(form, weight_dtype=name))
            w = array(valid, flat.name).astype(dtype_of(name))
            valid = {**valid, flat.name: w}
            for label, number in list(_NOT_FINITE.items())[: 3 if name == "float32" else 1]:
                yield f"{setting.mode.name}/{name}/{label}", valid, {flat.name: _last_is(w, number)}
    for mode in op.modes:
        if 1 in mode.bits and "float16" in mode.scale_dtypes:
            valid = {"w": floats("wide", (2, 128), "float16"), "mode": mode.name, "bits": 1}
            wide = array(valid, "w").copy()
            wide[1, 5], wide[1, 7] = 40000, -40000
            yield f"{mode.name}/scale_overflows", valid, {"w": wide}


def _last_is(array_: Array, number: float) -> Array:
    changed = array_.copy()
    changed[(-1,) * changed.ndim] = number
    return changed


def _range(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    valid = base(op)
    count = array(valid, "x" if flat.source.index_of == "X" else "w").shape[0]
    far = {"int32": 2**31 - 1, "uint32": 2**32 - 1, "int64": 2**40}
    for name in schema.dtype_set("indices"):
        picked = array(valid, flat.name).astype(dtype_of(name))
        call = {**valid, flat.name: picked}
        yield f"{name}/number_of_matrices", call, {flat.name: _last_is(picked, count)}
        yield f"{name}/far", call, {flat.name: _last_is(picked, far[name])}
        if picked.dtype.kind == "i":
            yield f"{name}/negative", call, {flat.name: _last_is(picked, -1)}


def _sorted(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    valid = {**base(op), "sorted_indices": True}
    yield "descends", valid, {flat.name: array(valid, flat.name)[::-1].copy()}
    later = np.array([[0, 1], [0, 1]], np.int64)
    yield "descends_between_rows", valid, {flat.name: later}


_NOT_POSITIVE = {"zero": 0.0, "negative": -1.0, **_NOT_FINITE, "too_small": 1e-36}
"""448 * 6 / 1e-36 is infinite in float32."""


def _positive(schema: Schema, op: Op, flat: FlatArg) -> Iterator[Breach]:
    for label, valid in calls_with(op, flat):
        for name, number in _NOT_POSITIVE.items():
            yield f"{label}/{name}", valid, {flat.name: np.array([number], np.float32)}
    if flat.field is None or not takes_index(op):
        return
    for setting in small_settings(op):
        if setting.mode.has_global_scale:
            valid = with_scales(op, setting)
            yield "one_of_the_experts", valid, {flat.name: np.array([1, 0, 1], np.float32)}


_KINDS: dict[str, Callable[[Schema, Op, FlatArg], Iterator[Breach]]] = {
    "required": _required,
    "forbidden": _forbidden,
    "choice": _choice,
    "dtype": dtype,
    "rank": rank,
    "shape": shape,
    "multiple": multiple,
    "paired": _paired,
    "finite": _finite,
    "range": _range,
    "sorted": _sorted,
    "positive": _positive,
}
