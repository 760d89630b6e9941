"""The C between Python and the library: one function for each op, that fills params from DLPack capsules."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.c_types import FIXED_LAYOUTS, all_structs, info_struct
from codegen.cpp_expression import LoweringError
from codegen.model import Arg, FlatArg, Op, Schema
from codegen.naming import c_name
from codegen.render import render

SCALARS = {
    "mode": "int32_t",
    "dtype": "int32_t",
    "int32": "int32_t",
    "bool": "int32_t",
    "float32": "float",
}
"""The settings that Python passes on, as C types."""

COLLECTIVES = ("all_sum", "all_gather")
"""What a group makes of a tensor of each rank: thinbit_comm_*."""


@dataclass(frozen=True, slots=True)
class ShimStruct:
    """A struct that the shim fills: its C type, its local name and its initializers."""

    type: str
    name: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ShimOp:
    """One op as the shim's templates print it."""

    name: str
    parameters: str
    tensors: list[str]
    inputs: int
    structs: list[ShimStruct]


@dataclass(frozen=True, slots=True)
class LayoutFact:
    """A size or an offset: as C computes it, and as the generator did."""

    expression: str
    value: int


def tensor_args(op: Op) -> list[FlatArg]:
    """The input tensors in the order of the shim's capsules; the outputs follow them."""
    return [flat for flat in op.flat_args if flat.is_tensor]


def scalar_args(op: Op) -> list[FlatArg]:
    """The other inputs in the order of the shim's parameters."""
    return [flat for flat in op.flat_args if not flat.is_tensor]


def layout_facts(schema: Schema) -> list[LayoutFact]:
    """Size and offsets of every struct of the C ABI."""
    layouts = list(FIXED_LAYOUTS)
    for struct in all_structs(schema):
        offsets = tuple((field.name, field.offset) for field in struct.fields)
        layouts.append((struct.name, struct.size, offsets))
    facts = []
    for name, size, offsets in layouts:
        facts.append(LayoutFact(f"sizeof({name})", size))
        facts += [LayoutFact(f"offsetof({name}, {field})", offset) for field, offset in offsets]
    return facts


class Binder:
    """Gives every field of an op's params a value; what stays unbound is an error."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.flat = {flat.name: flat for flat in op.flat_args}
        self.capsules = {flat.name: index for index, flat in enumerate(tensor_args(op))}
        self.used: set[str] = set()

    def structs(self) -> list[ShimStruct]:
        """The record where the op has one, then the params."""
        op, structs = self.op, []
        if op.record is not None and op.record_arg is not None:
            fields = [self._record_field(part) for part in op.record.fields]
            name = f"record_{op.record_arg.name}"
            structs.append(ShimStruct(f"thinbit_{op.record.name}", name, fields))
        params = [self._param(arg) for arg in op.args]
        structs.append(ShimStruct(f"thinbit_{op.name}_params", "params", params))
        if lost := set(self.flat) - self.used:
            raise LoweringError(f"{op.name}: {', '.join(sorted(lost))} would reach no field")
        return structs

    def _param(self, arg: Arg) -> str:
        op, field = self.op, f".{c_name(arg.name)}"
        if arg.out:
            return f"{field} = tensor[{len(self.capsules) + op.outputs.index(arg)}]"
        if arg.type == "reserved":
            return f"{field} = 0"
        if arg is op.record_arg:
            return f"{field} = &record_{arg.name}"
        return f"{field} = {self._value(arg, arg.name)}"

    def _record_field(self, part: Arg) -> str:
        op, field = self.op, f".{c_name(part.name)}"
        assert op.record_arg is not None
        if part.type in ("reserved", "handle"):
            return f"{field} = 0"
        if part.type == "tensor" and not op.can_be_present(part):
            return f"{field} = 0"
        packed = part.name == "packed"
        flat = op.record_arg.name if packed else op.record_arg.flat_name(part.name)
        return f"{field} = {self._value(part, flat)}"

    def _value(self, source: Arg, name: str) -> str:
        flat = self.flat.get(name)
        if flat is None or flat.source is not source:
            raise LoweringError(f"{self.op.name}: nothing binds the field {source.name}")
        self.used.add(name)
        if flat.is_tensor:
            return f"tensor[{self.capsules[name]}]"
        if flat.type not in SCALARS:
            raise LoweringError(
                f"{self.op.name}: {name} has the type {flat.type}, unknown to Python"
            )
        return f"arg_{name}"


def _op(op: Op) -> ShimOp:
    inputs = tensor_args(op)
    parameters = [
        f"{SCALARS.get(flat.type, flat.type)} arg_{flat.name}" for flat in scalar_args(op)
    ]
    return ShimOp(
        name=op.name,
        structs=Binder(op).structs(),
        parameters="".join(f"{parameter}, " for parameter in parameters),
        tensors=[flat.name for flat in inputs] + [output.name for output in op.outputs],
        inputs=len(inputs),
    )


def shim_files(schema: Schema) -> dict[str, str]:
    """The shim's source and header, and the declarations that cffi reads."""
    ops, facts = [_op(op) for op in schema.ops], layout_facts(schema)
    return {
        f"bindings/python/native/{name}": render(
            f"python/{name}.j2",
            ops=ops,
            facts=facts,
            collectives=COLLECTIVES,
            dtypes=schema.dtypes,
            info=info_struct(schema.info),
        )
        for name in ("shim.gen.c", "shim.gen.h", "cdef.gen.h")
    }
