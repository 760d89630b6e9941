"""Layers as frozen values: fields, methods, and op calls with every argument bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codegen.model import Literal, Mode, Op
from codegen.problems import NOWHERE, Place

FLOAT_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "linear": ("x", "weight", "bias"),
    "rows": ("weight", "indices"),
}
"""What each language computes on floats without an op, and the arguments of each."""

PLAIN_TYPES = ("tensor", "dtype", "group")
"""What a field can be besides a record."""

CUTS = ("rows", "columns")
"""What one rank gets of a tensor or a record: a part of the first axis, or of the last."""


class UnboundLayerArgument(ValueError):
    """A call that leaves an argument of its op unbound."""

    def __init__(self, layer: str, op: str, argument: str) -> None:
        super().__init__(f"{layer}: nothing binds the argument {argument} of {op}")


@dataclass(frozen=True, slots=True)
class LayerField:
    """What a layer holds: a tensor, a record, a dtype, or a group of ranks.

    `axes` names the sizes of the shape.
    """

    name: str
    type: str
    doc: str
    nullable: bool
    dtypes: tuple[str, ...]
    axes: tuple[str, ...]
    modes: tuple[Mode, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LayerInput:
    """An argument of a method: a tensor."""

    name: str
    dtypes: tuple[str, ...]
    shape: str
    doc: str


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """A value that a method makes before its call.

    `rows`: the rows of the record `of` that the input `by` picks. `global_scale`: the largest
    magnitude of the input `of`, there exactly when the record `by` has a global scale; where each
    rank has a part of that input, the largest of all ranks of the group `over`.
    """

    name: str
    kind: str
    of: str
    by: str
    over: str | None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A value by its name: an input, a field or a derived value, or a part of it."""

    root: str
    part: str | None

    @property
    def text(self) -> str:
        """The name as the schema has it."""
        return self.root if self.part is None else f"{self.root}.{self.part}"


Binding = Reference | Literal | None


@dataclass(frozen=True, slots=True)
class Sum:
    """What becomes of a call's result: its sum over the ranks of the group `over`.

    `add` is the optional field that is added to that sum, once.
    """

    over: str
    add: str


@dataclass(frozen=True)
class LayerCall:
    """One call with a value for every argument; `when` is the field that has to be there."""

    layer: str
    op: Op | None
    float: str | None
    when: str | None
    bind: tuple[tuple[str, Binding], ...]
    then: Sum | None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def callee(self) -> str:
        """The op or the float function."""
        return self.op.name if self.op is not None else self.float or ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Every argument that has to be bound, in the order of the signature."""
        if self.op is not None:
            return tuple(flat.name for flat in self.op.flat_args)
        return FLOAT_FUNCTIONS[self.float or ""]

    def bound(self, argument: str) -> Binding:
        """What an argument is bound to; UnboundLayerArgument where it is bound to nothing."""
        for name, value in self.bind:
            if name == argument:
                return value
        raise UnboundLayerArgument(self.layer, self.callee, argument)

    def record_source(self) -> str:
        """The one value that all parts of the op's record come from.

        Raises UnboundLayerArgument for a part that is bound to nothing, ValueError for parts that
        come from anywhere else.
        """
        assert self.op is not None
        roots: list[str] = []
        for flat in self.op.flat_args:
            value = self.bound(flat.name)
            if flat.field is None:
                continue
            if not isinstance(value, Reference) or value.part != flat.field.name:
                raise ValueError(
                    f"{self.layer}: {self.callee}.{flat.name} has to be the {flat.field.name} of a "
                    "record, so that a weight is read as it was quantized"
                )
            roots.append(value.root)
        if len(set(roots)) != 1:
            names = " and ".join(dict.fromkeys(roots))
            raise ValueError(f"{self.layer}: {self.callee} takes parts of {names} for one record")
        return roots[0]


@dataclass(frozen=True)
class Method:
    """A method of a layer: the first call whose `when` holds is made."""

    name: str
    doc: str
    inputs: tuple[LayerInput, ...]
    returns: str
    values: tuple[DerivedValue, ...]
    calls: tuple[LayerCall, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a float layer becomes a quantized one: `weight` is quantized, and `fields` are kept.

    In `fields` the value `quantized` stands for the quantized weight.
    """

    layer: str
    quantize_input: bool
    weight: str
    fields: tuple[tuple[str, Reference], ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ShardKind:
    """A way to cut a layer into one for each rank."""

    name: str
    doc: str


@dataclass(frozen=True, slots=True)
class Sharding:
    """What a rank gets of a layer: the layer of that name with these fields.

    The value `group` stands for the group of ranks; the parts in CUTS are what one rank gets.
    """

    layer: str
    kind: str
    fields: tuple[tuple[str, Reference], ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def cuts_columns(self) -> bool:
        """Whether each rank gets a part of the columns, and so only a part of every sum."""
        return any(value.part == "columns" for _, value in self.fields)


@dataclass(frozen=True)
class Layer:
    """One layer."""

    name: str
    doc: str
    detail: str
    fields: tuple[LayerField, ...]
    repr: tuple[str, ...]
    conversions: tuple[Conversion, ...]
    shardings: tuple[Sharding, ...]
    methods: tuple[Method, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def field(self, name: str) -> LayerField:
        """The field of that name."""
        return next(item for item in self.fields if item.name == name)

    @cached_property
    def sizes(self) -> dict[str, tuple[LayerField, int]]:
        """Each size with the field that binds it, and the axis there."""
        found: dict[str, tuple[LayerField, int]] = {}
        for item in self.fields:
            for axis, name in enumerate(item.axes):
                if not item.nullable:
                    found.setdefault(name, (item, axis))
        return found

    @cached_property
    def record_field(self) -> LayerField | None:
        """The field that is a record, where the layer has one."""
        return next((f for f in self.fields if f.type not in PLAIN_TYPES), None)
