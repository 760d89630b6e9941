"""Single arguments and fields: the keys that fit their kind, presence, defaults, missing facts."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.check_names import known
from codegen.expression import Call, Expression, Name, unparse
from codegen.model import Arg, Op, Record, Schema
from codegen.problems import Problems, did_you_mean

_ALWAYS = frozenset({"name", "type", "doc"})


def _table(rows: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {kind: _ALWAYS | frozenset(keys.split()) for kind, keys in rows.items()}


INPUT_KEYS = _table(
    {
        "tensor": "nullable omittable present_if allowed_if dtypes shape view value multiple_of"
        " index_of paired_with",
        "record": "view accepts_float per_expert default_mode modes flat",
        "mode": "omittable default",
        "dtype": "omittable default one_of",
        "int32": "omittable default one_of unit",
        "bool": "omittable default",
        "float32": "omittable default value",
        "reserved": "",
    }
)
"""The keys that an argument of each kind may have."""

OUTPUT_KEYS = _table({"tensor": "out nullable present_if dtypes shape view"})
"""The keys that a result may have."""

FIELD_KEYS = _table(
    {
        "tensor": "nullable present_if allowed_if dtypes shape value flat",
        "mode": "",
        "int32": "default one_of unit",
        "reserved": "",
        "handle": "nullable",
    }
)
"""The keys that a record's field of each kind may have."""

CONDITIONS = ("has_bias", "has_global_scale")
"""The columns of the mode table that are true or false."""

SETTINGS = {"mode.bits": "mode.default_bits", "mode.group_sizes": "mode.default_group_size"}
"""The columns with a mode's legal integers, each with the column of its default."""


class _ArgumentCheck:
    def __init__(
        self, schema: Schema, owner: str, arg: Arg, keys: Mapping[str, frozenset[str]]
    ) -> None:
        self.schema = schema
        self.name = f"{owner}.{arg.name}"
        self.arg = arg
        self.keys = keys
        self.problems = Problems()

    def add(self, code: str, message: str, *keys: str | int) -> None:
        self.problems.add(self.arg.place.at(*keys), code, f"{self.name}: {message}")

    def run(self, into: Problems) -> None:
        arg = self.arg
        records = [record.name for record in self.schema.records]
        kind = "record" if arg.type in records else arg.type
        if kind not in self.keys:
            names = [*(k for k in self.keys if k != "record"), *records]
            self.add(
                "S021", f"unknown type {arg.type!r} here{did_you_mean(arg.type, names)}", "type"
            )
        else:
            for key in sorted(arg.keys - self.keys[kind]):
                place = "a result" if arg.out else f"an argument of type {arg.type}"
                self.add("S027", f"{key!r} says nothing about {place}", key)
            self.presence()
            if not self.problems.found:
                self.facts(kind)
        into.found.extend(self.problems.found)

    def presence(self) -> None:
        arg = self.arg
        conditional = arg.present_if or arg.allowed_if
        if arg.present_if is not None and arg.allowed_if is not None:
            self.add("S028", "either present_if or allowed_if, not both", "allowed_if")
        if conditional is not None and not arg.nullable:
            self.add("S028", "may be absent, so it has to be nullable")
        if arg.out and arg.nullable and conditional is None:
            self.add("S028", "a result is absent only where its present_if is false", "nullable")
        if arg.type == "handle" and not arg.nullable:
            self.add("S028", "a handle has to be nullable")
        if arg.omittable and arg.default is None and not arg.nullable:
            self.add("S028", "omittable, but it has no default and is not nullable", "omittable")
        if arg.default is not None and not arg.omittable and self.keys is not FIELD_KEYS:
            self.add("S028", "has a default, so it has to be omittable", "default")
        if arg.index_of is not None and not arg.nullable:
            self.add("S028", "an index can always be left out: it has to be nullable", "index_of")
        for key in ("present_if", "allowed_if"):
            condition: Expression | None = getattr(arg, key)
            if condition is not None:
                self.condition(condition, key)

    def condition(self, node: Expression, key: str) -> None:
        match node:
            case Name(("mode", column)) if column in CONDITIONS:
                return
            case Name(("mode", column)):
                hint = did_you_mean(column, CONDITIONS)
                self.add("S031", f"the mode table has no yes-or-no column {column!r}{hint}", key)
            case _:
                columns = " or ".join(f"mode.{column}" for column in CONDITIONS)
                self.add("S031", f"{key} is {columns}, not {unparse(node)!r}", key)

    def facts(self, kind: str) -> None:
        match kind:
            case "tensor":
                self.tensor()
            case "mode" if self.keys is INPUT_KEYS:
                self.mode_default()
            case "dtype":
                self.dtype()
            case "int32":
                self.integer()
            case "bool":
                if self.arg.omittable and not isinstance(self.arg.default, bool):
                    self.add("S029", "the default of a bool is true or false", "default")
            case "float32":
                self.float()
            case "record":
                self.record()

    def tensor(self) -> None:
        arg = self.arg
        if arg.dtypes is None:
            self.add("S030", "which dtypes? Give a list, a set, or an expression")
        elif isinstance(arg.dtypes, tuple):
            self.dtype_names("dtypes", arg.dtypes)
        if arg.index_of is not None:
            if arg.shape is not None:
                self.add("S027", "the shape of an index follows from the batch", "shape")
            self.integers()
        elif arg.shape is None:
            self.add("S030", "which shape?")

    def integers(self) -> None:
        if not isinstance(self.arg.dtypes, tuple):
            self.add("S030", "an index needs a list or a set of dtypes", "dtypes")
            return
        signed, unsigned = 0, 1
        for dtype in self.schema.dtypes:
            integral = dtype.dlpack_code in (signed, unsigned) and dtype.bits >= 32
            if dtype.name in self.arg.dtypes and not integral:
                message = f"{dtype.name} cannot count: an index has 32 or 64 bits"
                self.add("S029", message, "dtypes")

    def dtype_names(self, key: str, names: tuple[str, ...]) -> None:
        if names in dict(self.schema.dtype_sets).values():
            return  # The set itself has been looked at.
        dtypes = [dtype.name for dtype in self.schema.dtypes]
        for i, name in enumerate(names):
            known(name, dtypes, "dtype", self.arg.place.at(key, i), self.problems)

    def mode_default(self) -> None:
        if not isinstance(self.arg.default, str):
            self.add("S029", "a mode needs the name of one as its default", "default")
        else:
            mark = self.arg.place.at("default")
            known(self.arg.default, self._modes(), "mode", mark, self.problems)

    def _modes(self) -> list[str]:
        return [mode.name for mode in self.schema.modes]

    def dtype(self) -> None:
        arg = self.arg
        if isinstance(arg.one_of, Name):
            sets = [name for name, _ in self.schema.dtype_sets]
            known(arg.one_of.text, sets, "dtype set", arg.place.at("one_of"), self.problems)
        elif not isinstance(arg.one_of, tuple):
            self.add("S030", "a dtype needs the set of its choices in one_of")
        elif arg.default is None:
            self.add("S029", "a dtype needs a default")
        elif isinstance(arg.default, bool | int | float):
            self.add("S029", "the default of a dtype is a dtype", "default")
        else:
            for name in default_dtypes(arg.default, [dtype.name for dtype in self.schema.dtypes]):
                if name not in arg.one_of:
                    choices = ", ".join(arg.one_of)
                    self.add("S029", f"the default {name} is not one of {choices}", "default")

    def integer(self) -> None:
        arg = self.arg
        if arg.unit is None:
            self.add("S030", "an integer needs a unit")
        choices = unparse(arg.one_of) if isinstance(arg.one_of, Name) else ""
        if choices not in SETTINGS:
            self.add("S030", f"an integer takes one_of {' or '.join(SETTINGS)}", "one_of")
        elif not isinstance(arg.default, Name) or arg.default.text != SETTINGS[choices]:
            self.add(
                "S029", f"one_of {choices} goes with the default {SETTINGS[choices]}", "default"
            )

    def float(self) -> None:
        arg = self.arg
        if arg.value != "finite":
            self.add("S030", "a float needs 'value: finite': nothing checks any other", "value")
        if arg.omittable and (
            isinstance(arg.default, bool) or not isinstance(arg.default, int | float)
        ):
            self.add("S029", "the default of a float is a number", "default")

    def record(self) -> None:
        arg = self.arg
        for i, name in enumerate(arg.modes):
            known(name, self._modes(), "mode", arg.place.at("modes", i), self.problems)
        choices = arg.modes or tuple(self._modes())
        if arg.default_mode not in choices:
            given = (
                arg.default_mode if "default_mode" in arg.keys else f"{arg.default_mode} (implied)"
            )
            message = f"the default mode {given} is not one of {', '.join(choices)}"
            self.add("S029", message, "default_mode")


def default_dtypes(node: str | Expression, dtypes: list[str]) -> list[str]:
    """The dtypes that a default spells out."""
    match node:
        case str():
            return [node]
        case Name((name,)) if name in dtypes:
            return [name]
        case Call("if", (_, then, otherwise)):
            return default_dtypes(then, dtypes) + default_dtypes(otherwise, dtypes)
        case _:
            return []


def check_arguments(schema: Schema, op: Op, problems: Problems) -> None:
    """Collect what is wrong with the arguments of an op, one by one."""
    for arg in op.args:
        keys = OUTPUT_KEYS if arg.out else INPUT_KEYS
        _ArgumentCheck(schema, op.name, arg, keys).run(problems)


def check_fields(schema: Schema, record: Record, problems: Problems) -> None:
    """Collect what is wrong with the fields of a record, one by one."""
    for arg in record.fields:
        _ArgumentCheck(schema, record.name, arg, FIELD_KEYS).run(problems)
