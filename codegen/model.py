"""The schema as frozen values: what every lowering reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from codegen.expression import Call, Expression, Name, ShapeRule, evaluate
from codegen.problems import NOWHERE, Mark, Place

if TYPE_CHECKING:
    from codegen.layers import Layer, ShardKind

Literal = bool | int | float | str


@dataclass(frozen=True, slots=True)
class DType:
    """An element type, with DLPack's type code and its size."""

    name: str
    value: int
    dlpack_code: int
    bits: int
    doc: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a call can return."""

    name: str
    value: int
    doc: str


@dataclass(frozen=True, slots=True)
class Backend:
    """A place where calls can run, with DLPack's device type, and that of the memory calls take."""

    name: str
    value: int
    dlpack_device: int
    doc: str
    memory_device: int = 0
    plugin: bool = False
    """Whether its kernels are in a library that is opened at run time, behind a session of each context."""

    @property
    def takes_memory_of(self) -> int:
        """DLPack's device type of the operands: the backend's own, unless the schema says another."""
        return self.memory_device or self.dlpack_device


@dataclass(frozen=True, slots=True)
class Mode:
    """One row of the mode table."""

    name: str
    value: int
    has_bias: bool
    has_global_scale: bool
    bits: tuple[int, ...]
    default_bits: int
    group_sizes: tuple[int, ...]
    default_group_size: int
    scale_dtypes: tuple[str, ...]
    element: str
    scale: str
    doc: str

    def holds(self, condition: Expression) -> bool:
        """Whether a condition such as `mode.has_bias` is true in this mode."""
        return bool(
            evaluate(condition, lambda name: int(getattr(self, name.removeprefix("mode."))))
        )


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of an op, or a field of a record.

    `type` is tensor, mode, dtype, int32, bool, float32, reserved, handle, or the name of a record.
    `dtypes` is the tuple of dtypes that are legal, or the expression that decides
    (`mode.scale_dtypes`, `same(x)`, an argument of type dtype). `keys` are those that the schema
    gives, and `place` is where.
    """

    name: str
    type: str
    doc: str
    mark: Mark = field(compare=False)
    out: bool = False
    nullable: bool = False
    omittable: bool = False
    default: Literal | Expression | None = None
    present_if: Expression | None = None
    allowed_if: Expression | None = None
    dtypes: tuple[str, ...] | Expression | None = None
    shape: ShapeRule | None = None
    view: str | None = None
    unit: str | None = None
    value: str | None = None
    multiple_of: tuple[tuple[str, str], ...] = ()
    one_of: tuple[str, ...] | Expression | None = None
    index_of: str | None = None
    paired_with: str | None = None
    flat: tuple[tuple[str, str], ...] = ()
    accepts_float: bool = False
    per_expert: bool = False
    default_mode: str = "affine"
    modes: tuple[str, ...] = ()
    keys: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def flat_name(self, field_name: str) -> str:
        """The flat argument that a field of this record argument becomes."""
        return dict(self.flat).get(field_name, field_name)


@dataclass(frozen=True, slots=True)
class Record:
    """A struct that travels as one value."""

    name: str
    doc: str
    fields: tuple[Arg, ...]
    mark: Mark = field(compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that `info` tells; `type` is string, strings (a list of them) or int."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, slots=True)
class Info:
    """What a library tells about itself and the machine."""

    doc: str
    fields: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class FlatArg:
    """An argument as Python and Swift show it: records are spread into their fields.

    `arg` is the op's argument and `field` the record's field behind it (None for a plain argument).
    `operand` tells those before the `*` of the signature. `required`: a call without it is never
    right.
    """

    name: str
    arg: Arg
    field: Arg | None
    operand: bool
    required: bool

    @property
    def source(self) -> Arg:
        """Where type, dtypes, shape, unit and doc stand."""
        return self.field if self.field is not None else self.arg

    @property
    def type(self) -> str:
        """tensor, mode, dtype, int32, bool or float32."""
        return self.source.type

    @property
    def is_tensor(self) -> bool:
        """Whether this is an array."""
        return self.type == "tensor"

    @property
    def default(self) -> Literal | None:
        """The default that a language can write down; None where the library resolves it."""
        if self.field is not None:
            return self.arg.default_mode if self.type == "mode" else None
        return self.arg.default if isinstance(self.arg.default, bool | int | float | str) else None


@dataclass(frozen=True)
class Op:
    """One operation."""

    name: str
    swift: str
    doc: str
    detail: str
    signature: tuple[str, ...]
    args: tuple[Arg, ...]
    dims: tuple[tuple[str, Expression], ...]
    batch: Expression | None
    backends: tuple[tuple[str, str], ...]
    modes: tuple[Mode, ...]
    records: tuple[Record, ...] = field(repr=False)
    mark: Mark = field(compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def arg(self, name: str) -> Arg:
        """The argument of that name."""
        return next(arg for arg in self.args if arg.name == name)

    @cached_property
    def inputs(self) -> tuple[Arg, ...]:
        """Arguments that a caller gives, `reserved` left out, in the order of the C struct."""
        return tuple(a for a in self.args if not a.out and a.type != "reserved")

    @cached_property
    def outputs(self) -> tuple[Arg, ...]:
        """Results, in order."""
        return tuple(a for a in self.args if a.out)

    @cached_property
    def record_arg(self) -> Arg | None:
        """The argument that is a record, where the op has one."""
        names = {record.name for record in self.records}
        return next((a for a in self.args if a.type in names), None)

    @cached_property
    def record(self) -> Record | None:
        """The record of `record_arg`."""
        arg = self.record_arg
        return next((r for r in self.records if arg is not None and r.name == arg.type), None)

    @cached_property
    def flat_args(self) -> tuple[FlatArg, ...]:
        """The arguments in the order of the signature."""
        flat = {name: (arg, part) for name, arg, part in self._flat_sources()}
        operands, result = True, []
        for name in self.signature:
            if name == "*":
                operands = False
                continue
            arg, part = flat[name]
            result.append(FlatArg(name, arg, part, operands, _required(arg, part)))
        return tuple(result)

    def can_be_present(self, part: Arg) -> bool:
        """Whether any mode of this op allows the argument or record field."""
        condition = part.present_if or part.allowed_if
        return condition is None or any(mode.holds(condition) for mode in self.modes)

    def flat_candidates(self) -> tuple[str, ...]:
        """The names that the signature has to hold."""
        return tuple(name for name, _, _ in self._flat_sources())

    def _flat_sources(self) -> list[tuple[str, Arg, Arg | None]]:
        sources: list[tuple[str, Arg, Arg | None]] = []
        for arg in self.inputs:
            if self.record is None or arg is not self.record_arg:
                sources.append((arg.name, arg, None))
                continue
            for part in self.record.fields:
                if part.type in ("reserved", "handle"):
                    continue
                if not self.can_be_present(part):
                    continue
                name = arg.name if part.name == "packed" else arg.flat_name(part.name)
                sources.append((name, arg, part))
        return sources


def _required(arg: Arg, part: Arg | None) -> bool:
    if part is None:
        return not (arg.omittable or arg.nullable)
    return part.name == "packed" or (part.name == "scales" and not arg.accepts_float)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of an error; `values` are the names in braces, in their order."""

    name: str
    text: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """Everything that is declared once."""

    version: str
    abi_version: int
    dtypes: tuple[DType, ...]
    dtype_sets: tuple[tuple[str, tuple[str, ...]], ...]
    statuses: tuple[Status, ...]
    backends: tuple[Backend, ...]
    modes: tuple[Mode, ...]
    records: tuple[Record, ...]
    info: Info
    ops: tuple[Op, ...]
    shardings: tuple[ShardKind, ...]
    layers: tuple[Layer, ...]
    shard_texts: tuple[Text, ...]
    file_texts: tuple[Text, ...]
    digest: str

    def op(self, name: str) -> Op:
        """The op of that name."""
        return next(op for op in self.ops if op.name == name)

    def mode(self, name: str) -> Mode:
        """The mode of that name."""
        return next(mode for mode in self.modes if mode.name == name)

    def dtype(self, name: str) -> DType:
        """The dtype of that name."""
        return next(dtype for dtype in self.dtypes if dtype.name == name)

    def dtype_set(self, name: str) -> tuple[str, ...]:
        """The dtypes of a named set, in order."""
        return dict(self.dtype_sets)[name]


def same_as(rule: Expression | tuple[str, ...] | None) -> str | None:
    """The argument whose dtype is meant by `same(argument)`; None for any other rule."""
    if isinstance(rule, Call) and rule.function == "same" and isinstance(rule.arguments[0], Name):
        return rule.arguments[0].text
    return None
