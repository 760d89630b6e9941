"""Ops: the signature, and every reference from one argument to another."""

from __future__ import annotations

from codegen.check_names import known, repeated
from codegen.check_scope import CheckScope
from codegen.expression import (
    BroadcastableShape,
    Call,
    ExpressionError,
    Name,
    ScalarShape,
    Shape,
    parse_shape,
    unparse,
)
from codegen.model import Arg, Op, Schema
from codegen.problems import Problems, did_you_mean

SIZES = ("M", "N", "K")
"""The sizes that a backend gets as integers, so the names that shapes of ops may bind."""


class _OpCheck:
    def __init__(self, schema: Schema, op: Op, problems: Problems) -> None:
        self.schema = schema
        self.op = op
        self.problems = problems
        modes = any(arg.type == "mode" for arg in op.args) or op.record is not None
        dtypes = tuple(dtype.name for dtype in schema.dtypes)
        self.scope = CheckScope(problems, dtypes, SIZES, has_mode=modes)
        self.signature_holds = False

    def add(self, code: str, arg: Arg, message: str, *keys: str | int) -> None:
        self.problems.add(arg.place.at(*keys), code, f"{self.where(arg)}: {message}")

    def where(self, arg: Arg) -> str:
        return f"{self.op.name}.{arg.name}"

    def run(self) -> None:
        before = len(self.problems.found)
        repeated(
            self.op.place.within("args"), [{"name": a.name} for a in self.op.args], self.problems
        )
        self.backends()
        self.settings()
        self.record()
        if len(self.problems.found) > before:
            return
        self.signature()
        self.signature_holds = len(self.problems.found) == before
        if not self.op.outputs:
            self.problems.add(self.op.mark, "S030", f"{self.op.name}: has no result")
        tensors = [arg for arg in self.op.inputs if arg.type == "tensor"]
        late = [arg for arg in tensors if isinstance(arg.shape, BroadcastableShape)]
        indices = [arg for arg in tensors if arg.index_of is not None]
        self.dims()
        for arg in tensors:
            if arg not in late and arg not in indices:
                self.operand(arg)
        for arg in self.op.inputs:
            if arg.type == "dtype":
                if not isinstance(arg.default, bool | int | float | str) and arg.default:
                    where = self.where(arg)
                    self.scope.dtype(arg.default, where, arg.place.at("default"))
                self.scope.dtype_settings.add(arg.name)
        for arg in indices:
            self.index(arg)
        self.batch(indices)
        for arg in self.op.outputs:
            self.output(arg)
        for arg in late:
            self.broadcastable(arg)
        for arg in self.op.args:
            self.view(arg)
        finite = [arg for arg in tensors if arg.value == "finite"]
        for arg in finite[1:]:
            self.add("S033", arg, f"only one operand is finite, and {finite[0].name} is", "value")

    def backends(self) -> None:
        op = self.op
        backends = [backend.name for backend in self.schema.backends]
        if not op.backends:
            message = f"{op.name}: no backend can run it"
            self.problems.add(op.place.at("backends"), "S039", message)
        for name, _ in op.backends:
            known(name, backends, "backend", op.place.at("backends", name), self.problems)

    def settings(self) -> None:
        """Modes before what they decide; nothing that a record has already."""
        mode: Arg | None = None
        for arg in self.op.args:
            if arg.type in ("mode", "int32") and self.op.record is not None:
                message = f"the record {self.op.record.name} has the settings of this op"
                self.add("S038", arg, message)
            elif arg.type == "int32" and mode is None:
                self.add(
                    "S033", arg, "has to stand after an argument of type mode, which decides it"
                )
            elif arg.type == "mode" and mode is not None:
                self.add("S033", arg, f"an op has one mode, and {mode.name} is it")
            elif arg.type == "mode":
                mode = arg
            if arg.type == "int32":
                self.scope.sizes.add(arg.name)
            if arg.type == "bool":
                self.scope.flags.add(arg.name)
            if (arg.present_if or arg.allowed_if) is not None and not self.scope.has_mode:
                key = "present_if" if arg.present_if is not None else "allowed_if"
                self.add("S031", arg, f"{key} needs an argument of type mode", key)

    def record(self) -> None:
        op = self.op
        names = [record.name for record in self.schema.records]
        records = [arg for arg in op.args if arg.type in names]
        for arg in records[1:]:
            self.add("S038", arg, f"an op has one record, and {records[0].name} is it")
        if op.record is None or op.record_arg is None:
            return
        arg, fields = op.record_arg, {part.name: part for part in op.record.fields}
        flat = dict(fields["packed"].flat).get("packed", arg.name)
        if arg.name != flat:
            self.add("S038", arg, f"a {op.record.name} is called {flat!r} in every op", "name")
        for name in dict(arg.flat):
            known(name, fields, "field", arg.place.at("flat", name), self.problems)
        if arg.accepts_float:
            self.floats(arg)
        self.scope.batches.add("E")
        self.scope.sizes |= {"rows", "columns"}
        self.scope.tensors |= {part.name for part in fields.values() if part.type == "tensor"}

    def floats(self, arg: Arg) -> None:
        """What a call quantizes itself has no fields but the packed one."""
        assert self.op.record is not None
        for part in self.op.record.fields:
            condition = part.present_if
            having = [m.name for m in self.op.modes if condition is not None and m.holds(condition)]
            if having:
                message = f"a float w comes without {part.name}, which {having[0]} needs"
                self.add("S038", arg, message, "accepts_float")

    def signature(self) -> None:
        op, place = self.op, self.op.place
        candidates = op.flat_candidates()
        before = len(self.problems.found)
        for i, name in enumerate(op.signature):
            if name != "*" and name not in candidates:
                missing = [c for c in candidates if c not in op.signature]
                message = f"{op.name}: the signature has an unknown argument {name!r}"
                hint = did_you_mean(name, missing or candidates)
                self.problems.add(place.at("signature", i), "S026", message + hint)
        for name in candidates:
            if name not in op.signature:
                message = f"{op.name}.{name}: unbound: the signature does not have it"
                self.problems.add(place.at("signature"), "S026", message)
        if len(set(candidates)) < len(candidates):
            twice = sorted({name for name in candidates if candidates.count(name) > 1})
            message = f"{op.name}: two arguments are both called {', '.join(twice)}"
            self.problems.add(op.mark, "S037", message)
        if "*" in (op.signature[0], op.signature[-1]):
            message = f"{op.name}: '*' stands between operands and settings"
            self.problems.add(place.at("signature"), "S026", message)
        if len(self.problems.found) == before:
            self.operand_order()

    def operand_order(self) -> None:
        """What has no default comes before what has one, as Python wants it."""
        optional = ""
        for flat in self.op.flat_args:
            if not flat.operand:
                return
            part = flat.field is not None and flat.field.name != "packed"
            if part or flat.arg.omittable:
                optional = optional or flat.name
            elif optional:
                i = self.op.signature.index(flat.name)
                message = (
                    f"{self.op.name}: {flat.name} has no default, so {optional} cannot precede it"
                )
                self.problems.add(self.op.place.at("signature", i), "S026", message)

    def dims(self) -> None:
        for name, node in self.op.dims:
            mark = self.op.place.at("dims", name)
            known(name, SIZES, "size", mark, self.problems)
            self.scope.integer(node, f"{self.op.name}.{name}", mark)
            self.scope.sizes.add(name)

    def operand(self, arg: Arg) -> None:
        self.scope.input_dtypes(arg, self.where(arg))
        self.scope.bind(arg, self.where(arg))
        if isinstance(arg.shape, Shape) and arg.value == "positive_scale":
            self.add("S033", arg, "only a scalar is a positive_scale", "value")
        if isinstance(arg.shape, ScalarShape):
            good = arg.dtypes == ("float32",) and arg.nullable and arg.value == "positive_scale"
            if not good:
                message = "a scalar is a nullable positive_scale of dtype float32"
                self.add("S033", arg, message, "shape")
        for size, group in arg.multiple_of:
            self.multiple(arg, size, group)
        if arg.paired_with is not None and self.signature_holds:
            self.paired(arg, arg.paired_with)
        self.scope.tensors.add(arg.name)

    def multiple(self, arg: Arg, size: str, group: str) -> None:
        mark = arg.place.at("multiple_of", size)
        integers = [a.name for a in self.op.inputs if a.type == "int32"]
        known(group, integers, "integer argument", mark, self.problems)
        last = arg.shape.dimensions[-1:] if isinstance(arg.shape, Shape) else ()
        if not last or last[0].size != Name((size,)):
            self.add(
                "S033", arg, f"multiple_of is about the last axis, and {size} is not", "multiple_of"
            )

    def paired(self, arg: Arg, other: str) -> None:
        mark = arg.place.at("paired_with")
        others = [f for f in self.op.flat_args if f.name != arg.name and f.source.nullable]
        names = [f.name for f in others if f.is_tensor]
        if known(other, names, "optional tensor", mark, self.problems):
            target = next(f for f in others if f.name == other)
            if target.field is None and other not in self.scope.tensors:
                message = f"has to stand after {other}, with which it is paired"
                self.add("S033", arg, message, "paired_with")
        if not arg.nullable:
            self.add("S033", arg, "is always there, so it has no pair", "paired_with")

    def index(self, arg: Arg) -> None:
        self.scope.input_dtypes(arg, self.where(arg))
        assert arg.index_of is not None
        mark = arg.place.at("index_of")
        known(arg.index_of, self.scope.batches, "leading axes", mark, self.problems)
        if arg.view is not None:
            self.add(
                "S027", arg, "an index is laid over the batch; it has no view of its own", "view"
            )

    def batch(self, indices: list[Arg]) -> None:
        rule, mark = self.op.batch, self.op.place.at("batch")
        named = [arg.name for arg in indices]
        joined: list[str] = []
        if rule is not None:
            arguments = rule.arguments if isinstance(rule, Call) else ()
            joined = [unparse(argument) for argument in arguments]
            if not (isinstance(rule, Call) and rule.function == "broadcast"):
                message = f"{self.op.name}: batch is broadcast(a, b)"
                self.problems.add(mark, "S031", message)
                return
            for name in joined:
                axes = {*self.scope.batches, *named}
                known(name, axes, "leading axes or index", mark, self.problems)
            owned = {a.shape.batch for a in self.op.inputs if isinstance(a.shape, Shape)}
            if joined[1] not in named and joined[0] not in owned:
                message = (
                    f"{self.op.name}: batch starts with the axes of an operand, not {joined[0]}"
                )
                self.problems.add(mark, "S033", message)
            self.scope.batches.add("batch")
        for arg in indices:
            if arg.name not in joined:
                self.add("S033", arg, "an index has to be part of the op's batch", "index_of")

    def output(self, arg: Arg) -> None:
        mark = arg.place.at("dtypes")
        if isinstance(arg.dtypes, tuple):
            if len(arg.dtypes) != 1:
                self.add(
                    "S033",
                    arg,
                    "a result has one dtype, or an expression that decides it",
                    "dtypes",
                )
        elif arg.dtypes is not None:
            self.scope.dtype(arg.dtypes, self.where(arg), mark)
        shape, mark = arg.shape, arg.place.at("shape")
        if not isinstance(shape, Shape) or shape.batch is None:
            self.add("S032", arg, "the shape of a result is [batch..., ...]", "shape")
            return
        known(shape.batch, self.scope.batches, "leading axes", mark, self.problems)
        for axis in shape.dimensions:
            self.scope.integer(axis.size, self.where(arg), mark)
            text = unparse(axis.size)
            if axis.optional and text not in self.scope.optional:
                self.add("S032", arg, f"no operand has the optional axis {text}", "shape")

    def broadcastable(self, arg: Arg) -> None:
        assert isinstance(arg.shape, BroadcastableShape)
        self.scope.input_dtypes(arg, self.where(arg))
        mark = arg.place.at("shape")
        known(arg.shape.to, [out.name for out in self.op.outputs], "result", mark, self.problems)
        for key in ("nullable", "multiple_of", "paired_with", "value"):
            if key in arg.keys:
                self.add(
                    "S027", arg, f"{key!r} says nothing about what broadcasts to a result", key
                )

    def view(self, arg: Arg) -> None:
        if arg.view is None:
            return
        names = [record.name for record in self.schema.records]
        text = f"[{arg.view}]" if arg.type in names else arg.view
        mark = arg.place.at("view")
        try:
            view = parse_shape(text)
        except ExpressionError as error:
            message = f"in {arg.view!r}, at character {error.column + 1}: {error}"
            self.problems.add(mark, "S020", message)
            return
        if not isinstance(view, Shape) or view.batch is None:
            self.add("S032", arg, "a view is [batch..., ...]", "view")
            return
        known(view.batch, self.scope.batches, "leading axes", mark, self.problems)
        shape = arg.shape
        if isinstance(shape, BroadcastableShape):
            to = shape.to
            shape = next((out.shape for out in self.op.outputs if out.name == to), None)
            if shape is None:
                return
        sizes = (
            [unparse(axis.size) for axis in shape.dimensions] if isinstance(shape, Shape) else []
        )
        if [unparse(axis.size) for axis in view.dimensions] != sizes:
            axes = ", ".join([f"{view.batch}...", *sizes])
            self.add("S032", arg, f"the view {arg.view} is not [{axes}]", "view")
        elif any(axis.optional for axis in view.dimensions):
            self.add("S032", arg, "a view has no optional axes: a missing one is 1", "view")


def check_op(schema: Schema, op: Op, problems: Problems) -> None:
    """Collect what is wrong between the arguments of an op."""
    _OpCheck(schema, op, problems).run()
