"""Calls of the schema's ops on small data, by flat argument names."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from codegen.model import Mode, Op
from codegen.vectors.case import Arguments, Array, Case, Changes, Value, dtype_of
from codegen.vectors.reference import datasets, expected, model, parts

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the mode table with one of its widths and group sizes."""

    mode: Mode
    bits: int
    group_size: int

    @property
    def name(self) -> str:
        """As it stands in the names of cases: `affine/b4/g64`."""
        return f"{self.mode.name}/b{self.bits}/g{self.group_size}"

    @property
    def arguments(self) -> Arguments:
        """The setting, spelled out."""
        return {"mode": self.mode.name, "bits": self.bits, "group_size": self.group_size}

    @property
    def columns(self) -> int:
        """The length of a short row: three small groups, or a large one."""
        return self.group_size * (3 if self.group_size < 64 else 1)


def settings(op: Op) -> Iterator[Setting]:
    """Every setting that an op has."""
    for mode in op.modes:
        for bits in mode.bits:
            for group_size in mode.group_sizes:
                yield Setting(mode, bits, group_size)


def default_setting(mode: Mode) -> Setting:
    """What a call gets that names the mode alone."""
    return Setting(mode, mode.default_bits, mode.default_group_size)


def floats(key: str, shape: Shape, dtype: str = "float32", scale: float = 1.0) -> Array:
    """Nearly normal numbers that are the same for the same key."""
    values = datasets.normal(zlib.crc32(key.encode()), shape) * scale
    return np.asarray(model.round_float32(values.astype(np.float32), dtype_of(dtype)))


def largest(w: Array, axes: Shape | None = None) -> Array:
    """The largest magnitude as float32: over everything, shape (), or over the last axes."""
    return np.asarray(np.abs(w.astype(np.float32)).max(axis=axes), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The sizes and dtypes of a product of x (x_batch..., m, k) with w (w_batch..., n, k).

    w is (w_batch..., k, n) where transpose is False. m is None for a one-dimensional x, k is 0 for
    the setting's short row. weight_dtype is that of affine's scales, or of a weight given as
    floats. A global scale is "one" number or one for "each" expert. An index or a transpose that is
    None is left out.
    """

    x_batch: Shape = ()
    m: int | None = 3
    w_batch: Shape = ()
    n: int = 5
    k: int = 0
    transpose: bool | None = None
    dtype: str = "float32"
    weight_dtype: str = "float32"
    float_weight: bool = False
    global_scale: str = ""
    c_shape: Shape | None = None
    c_dtype: str = "float32"
    lhs: Array | None = None
    rhs: Array | None = None

    def of(self, dtype: str) -> Form:
        """With every float operand of that dtype."""
        return replace(self, dtype=dtype, weight_dtype=dtype, c_dtype=dtype)


def has(op: Op, name: str) -> bool:
    """Whether the op has an argument of that flat name."""
    return any(flat.name == name for flat in op.flat_args)


def product_call(op: Op, setting: Setting, form: Form, key: str) -> Arguments:
    """The arguments of a product on data that the key decides."""
    columns_are_k = form.transpose is not False
    k = form.k or (setting.columns if columns_are_k else 7)
    shape = (*form.w_batch, form.n, k) if columns_are_k else (*form.w_batch, k, form.n)
    weight = floats(key + "w", shape, form.weight_dtype, 0.25)
    rows = () if form.m is None else (form.m,)
    arguments: dict[str, Value | None] = dict(setting.arguments)
    arguments["x"] = x = floats(key + "x", (*form.x_batch, *rows, k), form.dtype)
    arguments["lhs_indices"], arguments["rhs_indices"] = form.lhs, form.rhs
    arguments["transpose"] = form.transpose
    if has(op, "c"):
        c_shape = (form.n,) if form.c_shape is None else form.c_shape
        arguments["c"] = floats(key + "c", c_shape, form.c_dtype)
    scale = _global_scale(weight, form.global_scale)
    if has(op, "global_scale_x"):
        arguments["global_scale_x"] = None if scale is None else largest(x)
        arguments["global_scale_w"] = scale
    else:
        arguments["global_scale"] = scale
    if form.float_weight:
        arguments["w"] = weight
    else:
        arguments |= _packed(weight, setting, scale)
    return ordered(op, arguments)


def _global_scale(weight: Array, kind: str) -> Array | None:
    if not kind:
        return None
    return largest(weight, (-2, -1) if kind == "each" else None)


def _packed(weight: Array, setting: Setting, scale: Array | None) -> dict[str, Value]:
    """The weight quantized, matrix by matrix where each has a global scale of its own."""
    mode, bits, group_size = setting.mode.name, setting.bits, setting.group_size
    if scale is None or scale.ndim == 0:
        return parts(weight, mode, bits, group_size, scale)
    matrices = weight.reshape(-1, *weight.shape[-2:])
    each = [
        parts(w, mode, bits, group_size, g) for w, g in zip(matrices, scale.ravel(), strict=True)
    ]
    return {
        name: np.stack([np.asarray(one[name]) for one in each]).reshape(
            *scale.shape, *np.shape(each[0][name])
        )
        for name in each[0]
    }


def ordered(op: Op, arguments: Changes) -> Arguments:
    """The arguments that are there, in the order of the signature."""
    given = {name: value for name, value in arguments.items() if value is not None}
    unknown = set(given) - {flat.name for flat in op.flat_args}
    if unknown:
        raise ValueError(f"{op.name} has no {', '.join(sorted(unknown))}")
    return {flat.name: given[flat.name] for flat in op.flat_args if flat.name in given}


def case(op: Op, name: str, arguments: Changes, layout: str = "contiguous") -> Case:
    """A call that succeeds, with what the reference model says of it."""
    given = ordered(op, arguments)
    return Case(name, op.name, given, expected(op, given), layout)


def defaults(op: Op, form: Form) -> Iterator[Case]:
    """A product with settings left out, one by one and all at once."""
    assert op.record_arg is not None
    setting = default_setting(next(m for m in op.modes if m.name == op.record_arg.default_mode))
    for left_out in (("mode",), ("bits",), ("group_size",), ("mode", "bits", "group_size")):
        name = f"defaults/{'_'.join(left_out)}"
        given = product_call(op, setting, form, name)
        yield case(op, name, {key: value for key, value in given.items() if key not in left_out})
