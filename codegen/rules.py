"""The rules that calls have to keep, derived from the schema.

The docs list them and the negative vectors break them. A rule belongs to an op and to one argument,
by its flat name, and has a kind. Every fact of the schema gives kinds of its own: dtypes give
`dtype`, `present_if` gives `required` and `forbidden`, `multiple_of` gives `multiple`, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.expression import (
    BroadcastableShape,
    Expression,
    ScalarShape,
    Shape,
    names,
    unparse,
    unparse_shape,
)
from codegen.model import Arg, FlatArg, Op, Schema, same_as
from codegen.shapes_text import dtypes_text

_WORD_BITS = 32


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong with a call.

    `id` is `<op>.<argument>.<kind>`; `argument` is a flat name. `status` is what the call then
    returns. `text` says in one sentence what has to hold. `c_only`: no other language has a way to
    break it.
    """

    id: str
    op: str
    argument: str
    kind: str
    status: str
    text: str
    c_only: bool


_Found = tuple[str, str]


def derive(schema: Schema) -> tuple[Rule, ...]:
    """The rules of every op, in the order of the schema."""
    return tuple(rule for op in schema.ops for rule in op_rules(schema, op))


def op_rules(schema: Schema, op: Op) -> tuple[Rule, ...]:
    """The rules of one op: of the call, of its arguments by the signature, of its outputs."""
    rules = [_rule(op, *found, c_only=True) for found in _call_rules()]
    for flat in op.flat_args:
        rules += [
            _rule(op, flat.name, *found, c_only=False) for found in _flat_rules(schema, op, flat)
        ]
        rules += [_rule(op, flat.name, *found, c_only=True) for found in _flat_c_rules(flat)]
    rules += [_rule(op, *found, c_only=True) for found in _hidden_rules(op)]
    for output in op.outputs:
        rules += [
            _rule(op, output.name, *found, c_only=False) for found in _result_rules(op, output)
        ]
        rules += [_rule(op, output.name, *found, c_only=True) for found in _output_rules(output)]
    return tuple(rules)


_UNSUPPORTED = frozenset({"prepared", "tail", "unsupported"})


def _rule(op: Op, argument: str, kind: str, text: str, *, c_only: bool) -> Rule:
    tensor = next((f.is_tensor for f in op.flat_args if f.name == argument), False)
    status = "invalid_argument"
    if kind in _UNSUPPORTED:
        status = "unsupported"
    elif kind == "finite" and tensor:
        status = "non_finite"
    return Rule(f"{op.name}.{argument}.{kind}", op.name, argument, kind, status, text, c_only)


def _call_rules() -> Iterator[tuple[str, str, str]]:
    yield "context", "required", "A context is given."
    yield "params", "required", "The params struct is given."
    yield "params", "struct_size", "`struct_size` is the size of some version of the params struct."
    yield "outputs", "required", "The array that infer fills is given."
    yield "params", "tail", "What a newer caller's struct holds beyond this version's is zero."
    yield "backend", "unsupported", "The backend of the context has this op."


def _flat_rules(schema: Schema, op: Op, flat: FlatArg) -> Iterator[_Found]:
    """The rules of an argument that every language can break."""
    source = flat.source
    match flat.type:
        case "mode":
            yield "choice", f"`{flat.name}` is one of {_listed(mode.name for mode in op.modes)}."
        case "int32":
            allowed = (
                f"`{unparse(source.one_of)}`" if isinstance(source.one_of, Expression) else "legal"
            )
            yield "choice", f"`{flat.name}` is one of {allowed}."
        case "dtype":
            yield "choice", f"`{flat.name}` is one of {_listed(_choices(source))}."
        case "float32" if source.value == "finite":
            yield "finite", f"`{flat.name}` is finite."
        case "tensor":
            yield from _presence_rules(op, flat)
            yield "dtype", f"The dtype of `{flat.name}` is {_dtype_text(op, flat)}."
            yield from _shape_rules(op, flat)
            yield from _value_rules(op, flat)


def _presence_rules(op: Op, flat: FlatArg) -> Iterator[_Found]:
    source = flat.source
    if source.present_if is not None:
        yield "required", f"`{flat.name}` is given where `{unparse(source.present_if)}`."
        yield "forbidden", f"`{flat.name}` is absent where not `{unparse(source.present_if)}`."
    elif flat.field is not None and source.name == "scales":
        packed = " with a `w` of packed codes" if flat.arg.accepts_float else ""
        yield "required", f"`{flat.name}` is given{packed}."
    if source.allowed_if is not None:
        yield "forbidden", f"`{flat.name}` is absent where not `{unparse(source.allowed_if)}`."
    if source.paired_with is not None:
        yield "paired", f"`{flat.name}` is given exactly when `{source.paired_with}` is."


def _shape_rules(op: Op, flat: FlatArg) -> Iterator[_Found]:
    source, shape = flat.source, flat.source.shape
    packed = flat.field is not None and source.name == "packed"
    if isinstance(shape, Shape):
        least = sum(not axis.optional for axis in shape.dimensions)
        if least:
            yield "rank", f"`{flat.name}` has at least {least} {'axis' if least == 1 else 'axes'}."
    if packed:
        if any(_WORD_BITS % bits for mode in op.modes for bits in mode.bits):
            yield "shape", f"The rows of `{flat.name}` hold a whole number of codes of `bits` bits."
    elif isinstance(shape, ScalarShape):
        each = ", or one for each expert" if flat.arg.per_expert and flat.field is not None else ""
        yield "shape", f"`{flat.name}` has one element{each}."
    elif isinstance(shape, BroadcastableShape):
        yield "shape", f"`{flat.name}` broadcasts to the shape of `{shape.to}`."
    elif flat.field is not None and shape is not None:
        yield "shape", f"`{flat.name}` is `{unparse_shape(shape)}`, as the packed weight says."
    elif isinstance(shape, Shape) and _is_bound(op, shape):
        more = (
            ", and its leading axes broadcast with those of the weight"
            if _broadcasts(op, shape.batch)
            else ""
        )
        yield "shape", f"`{flat.name}` is `{unparse_shape(shape)}`{more}."
    elif source.index_of is not None and _broadcasts(op, flat.name, last=True):
        yield "shape", f"`{flat.name}` broadcasts with the other indices."


def _value_rules(op: Op, flat: FlatArg) -> Iterator[_Found]:
    source = flat.source
    on_the_fly = flat.arg.accepts_float and flat.field is not None and source.name == "packed"
    if source.multiple_of:
        yield "multiple", f"The last axis of `{flat.name}` is divisible by `group_size`."
    if on_the_fly:
        yield "multiple", f"The last axis of a float `{flat.name}` is divisible by `group_size`."
    if source.value == "positive_scale":
        yield "positive", f"`{flat.name}` is positive and finite, and so is 448 * 6 divided by it."
    if source.value == "finite" or on_the_fly:
        given = "a float " if on_the_fly else ""
        yield "finite", f"The values of {given}`{flat.name}` and its scales are finite."
    if source.index_of is not None:
        yield (
            "range",
            f"`{flat.name}` counts the matrices of its operand: from 0, below their number.",
        )
        if any(other.name == "sorted_indices" for other in op.flat_args):
            yield "sorted", f"`{flat.name}` ascends where `sorted_indices` promises it."


def _flat_c_rules(flat: FlatArg) -> Iterator[_Found]:
    """What the types of Python and Swift leave no way to break."""
    if flat.type == "bool":
        yield "choice", f"`{flat.name}` is 0 or 1."
    if not flat.is_tensor:
        return
    if flat.required and not (flat.field is not None and flat.source.name == "scales"):
        yield "required", f"`{flat.name}` is given."
    if flat.field is not None and flat.source.name == "packed":
        yield "struct_size", "`struct_size` is the size of some version of the record."
        yield "tail", "What a newer caller's record holds beyond this version's is zero."
    yield from _tensor_c_rules(flat.name)


def _tensor_c_rules(name: str) -> Iterator[_Found]:
    yield (
        "layout",
        f"The struct of `{name}` is well formed: rank, sizes, lanes, alignment, and data where "
        "there are elements.",
    )
    yield "device", f"`{name}` lies where the backend of the context can reach it."


def _hidden_rules(op: Op) -> Iterator[tuple[str, str, str]]:
    """The fields of C structs that no signature shows."""
    if any(arg.type == "reserved" for arg in (*op.args, *(op.record.fields if op.record else ()))):
        yield "reserved", "reserved", "`reserved` is 0."
    if op.record is None:
        return
    shown = {flat.field for flat in op.flat_args}
    for part in op.record.fields:
        if part.type == "handle":
            yield (
                part.name,
                "prepared",
                f"`{part.name}` is NULL: no backend of this version makes such a handle.",
            )
        elif part.type == "tensor" and part not in shown:
            yield part.name, "forbidden", f"`{part.name}` is absent: no mode of this op has it."


def _result_rules(op: Op, output: Arg) -> Iterator[_Found]:
    """What a result can be too large for: only indices add axes of their own to it."""
    if any(flat.source.index_of is not None for flat in op.flat_args):
        yield "rank", f"`{output.name}` has at most 8 axes, those of the indices among them."


def _output_rules(output: Arg) -> Iterator[_Found]:
    condition = f" where `{unparse(output.present_if)}`" if output.present_if is not None else ""
    yield "required", f"`{output.name}` is given{condition}."
    if output.present_if is not None:
        yield "forbidden", f"`{output.name}` is absent where not `{unparse(output.present_if)}`."
    yield "dtype", f"The dtype of `{output.name}` is {dtypes_text(output.dtypes)}."
    if isinstance(output.shape, Shape):
        yield "shape", f"`{output.name}` is `{unparse_shape(output.shape)}`."
    yield "overlap", f"`{output.name}` shares no memory with an operand, another output, or itself."
    yield from _tensor_c_rules(output.name)


def _is_bound(op: Op, shape: Shape) -> bool:
    """Whether the shape has a size that another operand decides."""
    used = {name.text for axis in shape.dimensions for name in names(axis.size)}
    return bool(used & {name for name, _ in op.dims})


def _broadcasts(op: Op, name: str | None, *, last: bool = False) -> bool:
    """Whether the op's batch axes are broadcast from `name`; with `last`, as the last to join."""
    joined = [part.text for part in names(op.batch)] if op.batch is not None else []
    return name in (joined[-1:] if last else joined)


def _choices(arg: Arg) -> tuple[str, ...]:
    return arg.one_of if isinstance(arg.one_of, tuple) else ()


def _dtype_text(op: Op, flat: FlatArg) -> str:
    rule = flat.source.dtypes
    if isinstance(rule, tuple):
        more = flat.arg.accepts_float and flat.field is not None and flat.source.name == "packed"
        return _listed(rule) + (", or a float dtype where no scales are given" if more else "")
    if (other := same_as(rule)) is not None:
        return f"that of `{flat.arg.flat_name(other)}`"
    # What remains is a column of the mode table.
    modes_of: dict[str, list[str]] = {}
    for mode in op.modes:
        modes_of.setdefault(_listed(mode.scale_dtypes), []).append(mode.name)
    return "; ".join(f"{dtypes} in {', '.join(modes)}" for dtypes, modes in modes_of.items())


def _listed(entries: Iterator[str] | tuple[str, ...]) -> str:
    *rest, last = entries
    return f"{', '.join(rest)} or {last}" if rest else last
