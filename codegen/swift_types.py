"""How the schema's arguments look in Swift: labels, local names, types, defaults, and what C gets of them."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.c_types import CField
from codegen.expression import Expression, Name
from codegen.model import Arg, FlatArg, Literal, Op
from codegen.naming import camel, swift_label, swift_name
from codegen.problems import Mark

LOCALS = frozenset({"context", "error", "handle", "infos", "params", "record", "result"})
"""Names that the body of every generated function uses itself."""

MODE_TABLES = {"bits": "allowedBits", "group_sizes": "allowedGroupSizes"}
"""Columns of the mode table that `one_of` may name, as `QuantizationMode` has them."""


class UnboundArgument(ValueError):
    """A field of a C struct would keep its zero, because no Swift argument reaches it."""

    def __init__(self, owner: str, field: str) -> None:
        super().__init__(f"{owner}: nothing in Swift binds the field {field}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a Swift function. `label` is `_` for an operand; `default` is empty or ` = nil`."""

    name: str
    label: str
    local: str
    type: str
    default: str
    source: Arg

    @property
    def declaration(self) -> str:
        """`scales: Tensor`, `_ x: Tensor`, `in in_: Tensor`."""
        labels = self.local if self.label == self.local else f"{self.label} {self.local}"
        return f"{labels}: {self.type}{self.default}"

    @property
    def argument(self) -> str:
        """How a call with a value of the same local name passes it on."""
        return self.passing(self.local)

    def passing(self, value: str) -> str:
        """How a call passes a value."""
        return value if self.label == "_" else f"{self.label}: {value}"


def local_name(name: str) -> str:
    """The name inside the function: never a keyword, never a name that the body uses."""
    spelled = camel(name)
    return spelled + "_" if swift_name(name) != spelled or spelled in LOCALS else spelled


def mode_suffix(name: str) -> str:
    """How a mode ends a name: `Affine`, `MXFP4`; a name with a digit is an acronym."""
    return name.upper() if any(letter.isdigit() for letter in name) else name.capitalize()


def case_name(name: str) -> str:
    """A case of an enum where it is used: `.affine`; keywords need no backticks after a dot."""
    return f".{camel(name)}"


def record_class(record: str) -> str:
    """The class that owns the C struct of a record."""
    return "".join(part.capitalize() for part in record.split("_")) + "Record"


def _literal(value: Literal, kind: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return case_name(value)
        case _:
            return repr(float(value)) if kind == "float32" else str(value)


def _plain_type(arg: Arg) -> str:
    kinds = {
        "tensor": "Tensor",
        "mode": "QuantizationMode",
        "dtype": "DType",
        "int32": "Int",
        "bool": "Bool",
        "float32": "Float",
    }
    if arg.type not in kinds:
        raise ValueError(f"{arg.name}: a {arg.type} has no Swift type")
    return kinds[arg.type]


def parameter(flat: FlatArg) -> Parameter:
    """The parameter that a flat argument becomes."""
    if flat.name == "context":
        raise ValueError("context is a parameter that every Swift function has already")
    source = flat.source
    base = _plain_type(source)
    omittable = not flat.operand if flat.field is not None else flat.arg.omittable
    default = ""
    if flat.default is not None:
        default = f" = {_literal(flat.default, source.type)}"
    elif not flat.required:
        base += "?"
        default = " = nil" if omittable else ""
    label = "_" if flat.operand and _is_leading(flat) else swift_label(flat.name)
    return Parameter(flat.name, label, local_name(flat.name), base, default, source)


def _is_leading(flat: FlatArg) -> bool:
    """Whether this is one of c, x, w: what is multiplied, not what describes it."""
    return flat.required and (flat.field is None or flat.field.name == "packed")


def record_parameter(arg: Arg) -> Parameter:
    """The parameter that takes a whole record."""
    return Parameter(arg.name, "_", local_name(arg.name), "QuantizedTensor", "", arg)


def context_parameter() -> Parameter:
    """The last parameter of every function."""
    doc = "Where to run; `nil` takes a context of the CPU from a pool."
    source = Arg("context", "context", doc, Mark("", 0, 0))
    return Parameter("context", "context", "context", "Context?", " = nil", source)


def _choices(rule: tuple[str, ...] | Expression | None, mode: str) -> str:
    match rule:
        case Name(("mode", column)) if column in MODE_TABLES:
            return f"{mode}.{MODE_TABLES[column]}"
        case tuple():
            return f"[{', '.join(rule)}]"
        case _:
            return "[]"


def setting_arguments(op: Op, item: Parameter, mode: str) -> list[str]:
    """What the check takes that turns an optional integer into C's, where 0 stands for nil."""
    choices = _choices(item.source.one_of, mode)
    return [item.local, f'of: "{op.name}"', f'"{item.name}"', f"choices: {choices}"]


def integer_check(op: Op, item: Parameter) -> tuple[str, list[str]]:
    """The check that makes an integer argument C's, and what it takes."""
    if item.type.endswith("?"):
        return "setting", setting_arguments(op, item, "mode")
    return "integer", [item.local, f'of: "{op.name}"', f'"{item.name}"']


def c_value(item: Parameter) -> str:
    """The value of a field of the C struct; integers are checked before, into a local of the same name."""
    optional = item.type.endswith("?")
    match item.source.type:
        case "tensor":
            return f"{item.local}?.descriptor" if optional else f"{item.local}.descriptor"
        case "mode":
            return f"{item.local}.code"
        case "dtype":
            return f"{item.local}?.code ?? 0" if optional else f"{item.local}.code"
        case "bool":
            return f"{item.local} ? 1 : 0"
        case "float32" | "int32":
            return item.local
        case _:
            return f"{item.local}.pointer"


def member(field: CField) -> str:
    """A C field behind a dot: only `self`, `init` and `Type` need backticks there."""
    return f"`{field.name}`" if field.name in ("self", "init", "Type") else field.name


def member_label(field: CField) -> str:
    """A C field as the label of its struct's initializer."""
    return f"`{field.name}`" if field.name in ("inout", "var", "let") else field.name
