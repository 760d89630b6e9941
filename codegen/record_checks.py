"""The C++ statements that check a record and fill its view."""

from __future__ import annotations

from codegen.cpp_expression import LoweringError, dtype_set
from codegen.expression import Name, ScalarShape, Shape
from codegen.model import Arg, Record, Schema
from codegen.naming import c_name
from codegen.tensor_checks import Scope, dtype_and_layout, presence, shape


def record_names(record: Record) -> tuple[str, ...]:
    """The fields that errors name, in order."""
    return tuple(f.name for f in record.fields if f.type != "reserved")


def setting_lines(
    scope: Scope, arg: Arg, label: str, given: str, target: str, otherwise: str, allowed: str
) -> None:
    """One mode or one of a mode's integers."""
    if arg.type == "mode":
        scope.require(f"mode({label}, {given}, {otherwise}, {allowed}, {target})")
        scope.line(f"const ModeInfo& mode = mode_info({target});")
        for column in ("has_bias", "has_global_scale"):
            scope.values[f"mode.{column}"] = f"mode.{column}"
        return
    if not (isinstance(arg.one_of, Name) and isinstance(arg.default, Name)):
        raise LoweringError(
            f"{arg.name}: an integer takes its default and its choices from the mode"
        )
    scope.require(
        f"choice({label}, {given}, {arg.default.text}, {arg.one_of.text}, mode, {target})"
    )
    scope.values[arg.name] = target


def _view(name: str) -> str:
    return f"view.{name}"


def _float_weight(scope: Scope, schema: Schema, record: Record) -> None:
    """The packed field as a float tensor that is quantized on the fly."""
    packed = next(f for f in record.fields if f.name == "packed")
    others = [f for f in record.fields if f.present_if is not None]
    group = next(f for f in record.fields if f.name == "group_size")
    scope.line("if (names.accepts_float && params.scales == nullptr) {")
    inner = Scope(scope.indent + "  ", values=dict(scope.values), mode=scope.mode)
    inner.require("required(names.packed, params.packed)")
    if not isinstance(packed.dtypes, tuple):
        raise LoweringError(f"{record.name}.{packed.name}: needs a set of dtypes")
    either = dtype_set((*schema.dtype_set("floats"), *packed.dtypes))
    inner.require(f"tensor(names.packed, params.packed, {either}, view.packed)")
    inner.line(f"if (({dtype_set(packed.dtypes)} & set_of(view.packed.dtype)) != 0) {{")
    inner.line("  return check.required(names.scales, params.scales);")
    inner.line("}")
    for arg in others:
        inner.require(f"required_by_mode(names.{arg.name}, params.{c_name(arg.name)}, mode, false)")
    inner.require("rank(names.packed, view.packed, 2)")
    inner.line("view.rows = axis_size(view.packed, 2);")
    inner.line("view.columns = axis_size(view.packed, 1);")
    inner.line("E = leading_axes(view.packed, 2);")
    inner.require(f"multiple(names.packed, view.columns, {_view(group.name)}, mode)")
    scope.lines.extend(inner.lines)
    scope.line("} else {")


def record_lines(schema: Schema, record: Record) -> list[str]:
    """Settings first, then the tensors, each against what is bound before it."""
    scope = Scope("  ")
    tensors = [f for f in record.fields if f.type == "tensor"]
    for arg in record.fields:
        label, given = f"names.{arg.name}", f"params.{c_name(arg.name)}"
        if arg.type == "reserved":
            scope.require(f'reserved("{arg.name}", {given})')
        elif arg.type == "handle":
            scope.require(f"no_handle({label}, {given})")
        elif arg.type != "tensor":
            setting_lines(
                scope, arg, label, given, _view(arg.name), "names.default_mode", "names.modes"
            )
    scope.batches.add("E")
    shaped = [f for f in tensors if isinstance(f.shape, Shape)]
    others = [f for f in tensors if f not in shaped]
    _float_weight(scope, schema, record)
    inner = Scope(scope.indent + "  ", values=scope.values, mode=scope.mode)
    for arg in shaped:
        _tensor(inner, arg)
    inner.lines = [line.replace("const Axes E = ", "E = ") for line in inner.lines]
    for name in ("rows", "columns"):
        inner.line(f"view.{name} = {name};")
    scope.lines.extend(inner.lines)
    scope.line("}")
    for arg in others:
        _tensor(scope, arg)
    return scope.lines


def _tensor(scope: Scope, arg: Arg) -> None:
    label, given, target = f"names.{arg.name}", f"params.{c_name(arg.name)}", _view(arg.name)
    presence(scope, arg, label, given)
    dtype_and_layout(scope, arg, label, given, _view)
    if arg.nullable:
        scope.line(f"if ({target}.present) {{")
        inner = Scope(
            scope.indent + "  ", scope.values, scope.batches, scope.trailing, mode=scope.mode
        )
        _shape_and_value(inner, arg, label, target)
        scope.lines.extend(inner.lines)
        scope.line("}")
    else:
        _shape_and_value(scope, arg, label, target)


def _shape_and_value(scope: Scope, arg: Arg, label: str, target: str) -> None:
    each = "names.per_expert ? &E : nullptr" if isinstance(arg.shape, ScalarShape) else ""
    shape(scope, arg, label, target, each)
    if arg.value == "positive_scale":
        scope.require(f"positive_scale({label}, {target})")
