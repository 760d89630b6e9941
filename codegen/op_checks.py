"""The C++ statements that check an op's arguments, resolve its defaults and fill its call."""

from __future__ import annotations

from codegen.cpp_expression import (
    LoweringError,
    dtype,
    dtype_constant,
    dtype_set,
    integer,
    mode_constant,
    mode_set,
)
from codegen.expression import BroadcastableShape, Call, Expression, Name, Shape, unparse
from codegen.model import Arg, Op, Schema
from codegen.naming import c_name, pascal
from codegen.record_checks import record_names, setting_lines
from codegen.tensor_checks import Scope, dtype_and_layout, presence, shape


def call_dims(op: Op) -> list[str]:
    """The dimensions that a backend gets as integers, in the order M, N, K."""
    found = {name for name, _ in op.dims}
    for arg in op.args:
        if arg.type == "tensor" and isinstance(arg.shape, Shape):
            sizes = [axis.size for axis in arg.shape.dimensions]
            found |= {size.text for size in sizes if isinstance(size, Name) and size.text.isupper()}
    return [name for name in ("M", "N", "K") if name in found]


class _OpChecks:
    def __init__(self, schema: Schema, op: Op) -> None:
        self.schema = schema
        self.op = op
        self.scope = Scope("    ")
        self.dtypes = frozenset(d.name for d in schema.dtypes)
        self.current = ""

    def lines(self) -> list[str]:
        self.settings()
        if self.op.record_arg is not None:
            self.record(self.op.record_arg)
        for name, value in self.op.dims:
            self.scope.bind(name, integer(value, self.scope.values))
        tensors = [a for a in self.op.inputs if a.type == "tensor"]
        late = [a for a in tensors if isinstance(a.shape, BroadcastableShape)]
        indices = [a for a in tensors if a.index_of]
        for arg in tensors:
            if arg not in late and arg not in indices:
                self.tensor(arg)
        for arg in self.op.inputs:
            if arg.type == "dtype":
                self.dtype_setting(arg)
        for arg in indices:
            self.index(arg)
        if self.op.batch is not None:
            self.batch(self.op.batch)
        for arg in self.op.outputs:
            self.infer(arg)
        for arg in late:
            self.broadcastable(arg)
        self.bind_outputs()
        self.views()
        for name in call_dims(self.op):
            self.scope.line(f"call.{name} = {name};")
        return self.scope.lines

    def view(self, name: str) -> str:
        record = self.op.record
        arg = self.op.record_arg
        if record is not None and arg is not None and all(a.name != name for a in self.op.args):
            for part in record.fields:
                if part.name == name:
                    return f"call.{c_name(arg.name)}.{c_name(name)}"
        return f"call.{c_name(name)}"

    def settings(self) -> None:
        for arg in self.op.args:
            self.current = arg.name
            label, given = f'"{arg.name}"', f"params.{c_name(arg.name)}"
            target = self.view(arg.name)
            if arg.type == "reserved":
                self.scope.require(f"reserved({label}, {given})")
            elif arg.type == "bool":
                self.scope.require(f"boolean({label}, {given}, {target})")
                self.scope.values[arg.name] = target
            elif arg.type == "float32":
                if arg.value != "finite":
                    raise LoweringError("a float has to be finite")
                self.scope.require(f"finite({label}, {given}, {target})")
            elif arg.type in ("mode", "int32"):
                modes = mode_set(tuple(m.name for m in self.op.modes))
                otherwise = mode_constant(str(arg.default)) if arg.type == "mode" else ""
                setting_lines(self.scope, arg, label, given, target, otherwise, modes)
            elif arg.type not in ("tensor", "dtype") and arg is not self.op.record_arg:
                raise LoweringError(f"nothing checks the type {arg.type}")

    def record(self, arg: Arg) -> None:
        self.current = arg.name
        record = self.op.record
        assert record is not None
        names = []
        for part in record_names(record):
            name = arg.name if part == "packed" else arg.flat_name(part)
            names.append(f'"{name}"')
        modes = mode_set(tuple(m.name for m in self.op.modes))
        rules = f"k{pascal(arg.name)}Rules"
        scope = self.scope
        scope.line(f"static constexpr {pascal(record.name)}Rules {rules} = {{")
        scope.line(f"    {', '.join(names)},")
        flags = f"{str(arg.accepts_float).lower()}, {str(arg.per_expert).lower()}"
        scope.line(f"    {mode_constant(arg.default_mode)}, {modes}, {flags}}};")
        target = self.view(arg.name)
        scope.line("Axes E;")
        given = f"params.{c_name(arg.name)}"
        scope.line(
            f"if (!resolve_{record.name}(check, {rules}, {given}, {target}, E)) return false;"
        )
        scope.batches.add("E")
        for name in ("rows", "columns"):
            scope.values[name] = f"{target}.{name}"
        scope.line(f"[[maybe_unused]] const ModeInfo& mode = mode_info({target}.mode);")
        for column in ("has_bias", "has_global_scale"):
            scope.values[f"mode.{column}"] = f"mode.{column}"

    def tensor(self, arg: Arg) -> None:
        self.current = arg.name
        label, given, target = f'"{arg.name}"', f"params.{c_name(arg.name)}", self.view(arg.name)
        presence(self.scope, arg, label, given)
        dtype_and_layout(self.scope, arg, label, given, self.view)
        if arg.nullable:
            self.scope.line(f"if ({target}.present) {{")
            inner = Scope(self.scope.indent + "  ", self.scope.values, self.scope.batches)
            shape(inner, arg, label, target)
            if arg.value == "positive_scale":
                inner.require(f"positive_scale({label}, {target})")
            self.scope.lines.extend(inner.lines)
            self.scope.line("}")
        else:
            shape(self.scope, arg, label, target)
        for dim, group in arg.multiple_of:
            values = self.scope.values
            self.scope.require(f"multiple({label}, {values[dim]}, {values[group]}, mode)")
        if arg.paired_with is not None:
            other = self.view(self.field_of(arg.paired_with))
            self.scope.require(
                f'paired({label}, {target}.present, "{arg.paired_with}", {other}.present)'
            )

    def field_of(self, flat: str) -> str:
        arg = self.op.record_arg
        assert arg is not None
        return next((part for part, name in arg.flat if name == flat), flat)

    def dtype_setting(self, arg: Arg) -> None:
        self.current = arg.name
        if not isinstance(arg.one_of, tuple) or arg.default is None:
            raise LoweringError("a dtype needs choices and a default")
        if isinstance(arg.default, str):
            otherwise = dtype_constant(arg.default)
        else:
            assert not isinstance(arg.default, bool | int | float)
            otherwise = dtype(arg.default, self.dtypes, self.scope.values, self.view)
        target = self.view(arg.name)
        given = f"params.{c_name(arg.name)}"
        self.scope.require(
            f'dtype("{arg.name}", {given}, {otherwise}, {dtype_set(arg.one_of)}, {target})'
        )
        self.scope.values[arg.name] = target

    def index(self, arg: Arg) -> None:
        self.current = arg.name
        label, given, target = f'"{arg.name}"', f"params.{c_name(arg.name)}", self.view(arg.name)
        dtype_and_layout(self.scope, arg, label, given, self.view)
        ascend = (
            "call.sorted_indices"
            if any(a.name == "sorted_indices" for a in self.op.args)
            else "false"
        )
        self.scope.require(f"indices({label}, {target}, {arg.index_of}.elements(), {ascend})")
        axes = f"{arg.name}_axes"
        self.scope.line(
            f"const Axes {axes} = {target}.present ? leading_axes({target}, 0) : {arg.index_of};"
        )

    def batch(self, rule: Expression) -> None:
        self.current = "batch"
        if not (isinstance(rule, Call) and rule.function == "broadcast"):
            raise LoweringError("batch is broadcast(a, b)")
        first, second = (unparse(argument) for argument in rule.arguments)
        indexed = {a.name for a in self.op.inputs if a.index_of}
        label = second if second in indexed else self.owner(first)
        parts = [f"{name}_axes" if name in indexed else name for name in (first, second)]
        self.scope.line("Axes batch;")
        self.scope.require(f'broadcast("{label}", {parts[0]}, {parts[1]}, batch)')
        self.scope.batches.add("batch")

    def owner(self, batch: str) -> str:
        for arg in self.op.inputs:
            if isinstance(arg.shape, Shape) and arg.shape.batch == batch:
                return arg.name
        raise LoweringError(f"no argument has the axes {batch}...")

    def output_index(self, arg: Arg) -> str:
        return f"outputs[{self.op.outputs.index(arg)}]"

    def infer(self, arg: Arg) -> None:
        self.current = arg.name
        if not isinstance(arg.shape, Shape) or arg.shape.batch is None or arg.dtypes is None:
            raise LoweringError("an output needs a shape and a dtype")
        axes = []
        for axis in arg.shape.dimensions:
            present = f", has_{unparse(axis.size)}" if axis.optional else ""
            axes.append(f"{{{integer(axis.size, self.scope.values)}{present}}}")
        rule = arg.dtypes
        if isinstance(rule, tuple):
            element = dtype_constant(rule[0])
        else:
            element = dtype(rule, self.dtypes, self.scope.values, self.view)
        slot = f'{self.output_index(arg)}, "{arg.name}"'
        call = f"output({slot}, {element}, {arg.shape.batch}, {{{', '.join(axes)}}})"
        if arg.present_if is not None:
            condition = integer(arg.present_if, self.scope.values)
            self.scope.line(f"if ({condition} && !check.{call}) return false;")
        else:
            self.scope.require(call)

    def broadcastable(self, arg: Arg) -> None:
        self.current = arg.name
        assert isinstance(arg.shape, BroadcastableShape)
        label, given, target = f'"{arg.name}"', f"params.{c_name(arg.name)}", self.view(arg.name)
        presence(self.scope, arg, label, given)
        dtype_and_layout(self.scope, arg, label, given, self.view)
        to = self.output_index(self.op.arg(arg.shape.to))
        self.scope.require(f"broadcastable({label}, {target}, {to})")

    def input_views(self) -> list[str]:
        views = []
        for arg in self.op.inputs:
            if arg.type == "tensor":
                views.append(f'{{"{arg.name}", &{self.view(arg.name)}}}')
            elif arg is self.op.record_arg and self.op.record is not None:
                for part in self.op.record.fields:
                    if part.type == "tensor":
                        name = arg.name if part.name == "packed" else arg.flat_name(part.name)
                        views.append(f'{{"{name}", &{self.view(arg.name)}.{part.name}}}')
        return views

    def bind_outputs(self) -> None:
        self.scope.line("if (!check.runs()) return true;  // the rest is for the kernel")
        for arg in self.op.outputs:
            label, given, target = (
                f'"{arg.name}"',
                f"params.{c_name(arg.name)}",
                self.view(arg.name),
            )
            if arg.present_if is not None:
                condition = integer(arg.present_if, self.scope.values)
                self.scope.require(f"required_by_mode({label}, {given}, mode, {condition})")
            self.scope.require(f"bind({label}, {given}, {self.output_index(arg)}, {target})")
        others = self.input_views()
        for arg in self.op.outputs:
            target = self.view(arg.name)
            self.scope.require(f'separate("{arg.name}", {target}, {{{", ".join(others)}}})')
            others.append(f'{{"{arg.name}", &{target}}}')

    def views(self) -> None:
        for arg in self.op.args:
            if arg.index_of:
                target = self.view(arg.name)
                self.scope.line(f"{target} = index_over({target}, {arg.index_of}, batch);")
            elif arg.type == "tensor" and arg.view is not None:
                self.matrix_view(arg)
            elif arg is self.op.record_arg and self.op.record is not None:
                self.record_view(arg)

    def matrix_view(self, arg: Arg) -> None:
        target = self.view(arg.name)
        axes = str(arg.view).removeprefix("[").split("...")[0]
        if isinstance(arg.shape, BroadcastableShape):
            out = self.op.arg(arg.shape.to)
            assert isinstance(out.shape, Shape)
            trailing = self.trailing(out.shape)
            shape_of = f"{arg.shape.to}_axes"
            self.scope.line(f"Axes {shape_of};")
            self.scope.line(f"{shape_of}.ndim = {self.output_index(out)}.ndim;")
            self.scope.line(
                f"std::copy_n({self.output_index(out)}.shape, {shape_of}.ndim, {shape_of}.shape);"
            )
            self.scope.line(
                f"{target} = matrices_over(laid_over({target}, {shape_of}), {trailing}, {axes});"
            )
            return
        assert isinstance(arg.shape, Shape)
        trailing = self.trailing(arg.shape)
        self.scope.line(f"{target} = matrices_over({target}, {trailing}, {axes});")

    def trailing(self, rule: Shape) -> str:
        optional = [unparse(axis.size) for axis in rule.dimensions if axis.optional]
        count = len(rule.dimensions)
        return f"has_{optional[0]} ? {count} : {count - 1}" if optional else str(count)

    def record_view(self, arg: Arg) -> None:
        assert self.op.record is not None
        axes = str(arg.view).removesuffix("...") if arg.view is not None else "E"
        for part in self.op.record.fields:
            if part.type != "tensor":
                continue
            target = f"{self.view(arg.name)}.{part.name}"
            if isinstance(part.shape, Shape):
                if arg.view is not None:
                    self.scope.line(f"{target} = matrices_over({target}, 2, {axes});")
            else:
                self.scope.line(f"{target} = scalar_over({target}, {axes});")


def op_lines(schema: Schema, op: Op) -> list[str]:
    """The body of the op's `resolve`; LoweringError names the op and the argument."""
    checks = _OpChecks(schema, op)
    try:
        return checks.lines()
    except LoweringError as error:
        raise LoweringError(f"{op.name}.{checks.current}: {error}") from error
