"""How the schema's types look in C: field types, sizes, offsets, initial values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.model import Arg, Info, Op, Record, Schema
from codegen.naming import c_name

POINTER_BYTES = 8


@dataclass(frozen=True, slots=True)
class CField:
    """One field of a struct: `declaration` is for the header, `plain` has no annotations."""

    name: str
    declaration: str
    plain: str
    doc: str
    offset: int
    size: int
    initial: str


@dataclass(frozen=True, slots=True)
class CStruct:
    """A struct without implicit padding, whose size is a multiple of 8."""

    name: str
    doc: str
    fields: tuple[CField, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.fields[-1].offset + self.fields[-1].size


class PaddingError(ValueError):
    """A struct would have implicit padding; `position` is that of the argument behind the gap."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(message)


def pointer_type(arg: Arg) -> str:
    """The C type that an argument's pointer points to; empty for scalars."""
    if arg.type == "tensor":
        return "thinbit_tensor"
    if arg.type == "handle":
        return f"thinbit_{arg.name}"
    if arg.type in ("mode", "dtype", "int32", "bool", "float32", "reserved"):
        return ""
    return f"thinbit_{arg.type}"


def _field(arg: Arg, offset: int) -> CField:
    name = c_name(arg.name)
    target = pointer_type(arg)
    if target:
        may_be_null = arg.nullable or arg.out
        annotation = " THINBIT_NULLABLE " if may_be_null else " "
        declaration = (
            f"const {target} *{annotation.lstrip()}{name}"
            if may_be_null
            else f"const {target} *{name}"
        )
        return CField(
            name, declaration, f"const {target} *{name}", arg.doc, offset, POINTER_BYTES, "0"
        )
    types = {"float32": "float", "mode": "thinbit_mode", "dtype": "thinbit_dtype"}
    c_type = types.get(arg.type, "int32_t")
    return CField(name, f"{c_type} {name}", f"{c_type} {name}", arg.doc, offset, 4, _initial(arg))


def _initial(arg: Arg) -> str:
    if arg.type == "bool":
        return "1" if arg.default is True else "0"
    if arg.type == "float32" and isinstance(arg.default, int | float):
        return f"{float(arg.default)}f"
    return "0"


def struct_of(name: str, doc: str, args: tuple[Arg, ...]) -> CStruct:
    """The C struct of a record's fields or an op's arguments, `struct_size` first."""
    size_doc = f"sizeof({name})."
    fields = [
        CField(
            "struct_size",
            "uint64_t struct_size",
            "uint64_t struct_size",
            size_doc,
            0,
            8,
            f"sizeof({name})",
        )
    ]
    offset = 8
    for position, arg in enumerate(args):
        field = _field(arg, offset)
        if offset % field.size:
            message = f"{name}: implicit padding before {arg.name}; put a reserved field there"
            raise PaddingError(message, position)
        fields.append(field)
        offset += field.size
    if offset % 8:
        message = f"{name}: the size {offset} is not a multiple of 8; add a reserved field"
        raise PaddingError(message, len(args) - 1)
    return CStruct(name, doc, tuple(fields))


def record_struct(record: Record) -> CStruct:
    """The C struct of a record: an op may leave out every part but the first."""
    first, *others = record.fields
    parts = (first, *(replace(part, nullable=True) for part in others))
    return struct_of(f"thinbit_{record.name}", record.doc, parts)


_FACTS = {
    "string": ("const char *THINBIT_NULLABLE ", "const char *"),
    "strings": ("const char *THINBIT_NULLABLE const *THINBIT_NULLABLE ", "const char *const *"),
    "int": ("int64_t ", "int64_t "),
}
"""What stands before the name of a fact: in the header, and without annotations. All take 8 bytes."""


def info_struct(info: Info) -> CStruct:
    """The C struct of what a library tells about itself."""
    fields = list(struct_of("thinbit_info", info.doc, ()).fields)
    for fact in info.fields:
        name, (declared, plain) = c_name(fact.name), _FACTS[fact.type]
        offset = 8 * len(fields)
        fields.append(CField(name, f"{declared}{name}", f"{plain}{name}", fact.doc, offset, 8, "0"))
    return CStruct("thinbit_info", info.doc, tuple(fields))


def params_struct(op: Op) -> CStruct:
    """The C struct with an op's arguments."""
    return struct_of(f"thinbit_{op.name}_params", f"The arguments of thinbit_{op.name}.", op.args)


def all_structs(schema: Schema) -> tuple[CStruct, ...]:
    """Every struct that follows from the schema, records first."""
    records = tuple(record_struct(record) for record in schema.records)
    params = tuple(params_struct(op) for op in schema.ops)
    return (*records, info_struct(schema.info), *params)


FIXED_LAYOUTS: tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...] = (
    ("thinbit_device", 8, (("device_type", 0), ("device_id", 4))),
    ("thinbit_dlpack_type", 4, (("code", 0), ("bits", 1), ("lanes", 2))),
    (
        "thinbit_tensor",
        48,
        (
            ("data", 0),
            ("device", 8),
            ("ndim", 16),
            ("dtype", 20),
            ("shape", 24),
            ("strides", 32),
            ("byte_offset", 40),
        ),
    ),
    ("thinbit_tensor_info", 72, (("dtype", 0), ("ndim", 4), ("shape", 8))),
    (
        "thinbit_error",
        656,
        (
            ("struct_size", 0),
            ("status", 8),
            ("reserved", 12),
            ("op", 16),
            ("argument", 48),
            ("rule", 80),
            ("message", 144),
        ),
    ),
    (
        "thinbit_context_options",
        32,
        (
            ("struct_size", 0),
            ("backend", 8),
            ("device_id", 12),
            ("stream", 16),
            ("num_threads", 24),
            ("reserved", 28),
        ),
    ),
    ("thinbit_comm_options", 24, (("struct_size", 0), ("library", 8), ("folder", 16))),
)
"""Structs that no record describes: name, size, field offsets on a 64-bit machine."""
