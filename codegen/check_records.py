"""Records: the fields that the core and the bindings read by name, and how their shapes agree."""

from __future__ import annotations

from codegen.check_names import repeated
from codegen.check_scope import CheckScope
from codegen.expression import ScalarShape, Shape
from codegen.model import Record, Schema
from codegen.problems import Problems, did_you_mean

NEEDED = {
    "packed": "tensor",
    "scales": "tensor",
    "mode": "mode",
    "group_size": "int32",
    "bits": "int32",
}
"""Fields that every record has, because the core reads them by name."""

VIEWS = ("quantized_tensor",)
"""The records that the core has a view of."""

SIZES = ("rows", "columns")
"""What the packed field of a record binds."""


def check_record(schema: Schema, record: Record, problems: Problems) -> None:
    """Collect what is wrong between the fields of a record."""
    place = record.place
    before = len(problems.found)
    repeated(place.within("fields"), [{"name": f.name} for f in record.fields], problems)
    if record.name not in VIEWS:
        hint = did_you_mean(record.name, VIEWS)
        problems.add(place.at("name"), "S038", f"{record.name}: the core has no view of it{hint}")
    types = {f.name: f.type for f in record.fields}
    for name, kind in NEEDED.items():
        if types.get(name) != kind:
            message = f"{record.name}: needs a field {name!r} of type {kind}"
            problems.add(place.at(), "S038", message)
    if "floats" not in dict(schema.dtype_sets):
        message = (
            f"{record.name}: a weight may be given as floats, so there has to be a set 'floats'"
        )
        problems.add(place.at(), "S038", message)
    if len(problems.found) > before:
        return
    _order(record, problems)
    scope = CheckScope(problems, tuple(d.name for d in schema.dtypes), SIZES, has_mode=True)
    scope.sizes |= {f.name for f in record.fields if f.type == "int32"}
    tensors = [f for f in record.fields if f.type == "tensor"]
    for arg in sorted(tensors, key=lambda f: isinstance(f.shape, ScalarShape)):
        where = f"{record.name}.{arg.name}"
        scope.input_dtypes(arg, where)
        scope.bind(arg, where)
        if isinstance(arg.shape, Shape):
            if arg.shape.batch not in (None, "E"):
                message = f"{where}: the leading axes of a record are E, not {arg.shape.batch}"
                problems.add(arg.place.at("shape"), "S032", message)
        elif not isinstance(arg.shape, ScalarShape):
            message = f"{where}: a field has axes or is a scalar"
            problems.add(arg.place.at("shape"), "S032", message)
        if arg.value == "finite" or (
            arg.value == "positive_scale"
            and not (isinstance(arg.shape, ScalarShape) and arg.dtypes == ("float32",))
        ):
            message = (
                f"{where}: only a scalar of float32 is a positive_scale, and no field is finite"
            )
            problems.add(arg.place.at("value"), "S033", message)
        if "flat" in arg.keys and arg.name != "packed":
            message = (
                f"{where}: the record's argument in each op says this; only packed has it here"
            )
            problems.add(arg.place.at("flat"), "S027", message)
        scope.tensors.add(arg.name)
    for name in SIZES:
        packed = next(f for f in record.fields if f.name == "packed")
        if name not in scope.sizes:
            message = f"{record.name}.packed: does not bind {name}"
            problems.add(packed.place.at("shape"), "S032", message)


def _order(record: Record, problems: Problems) -> None:
    """The settings of a mode are read after the mode."""
    order = [f.name for f in record.fields]
    for arg in record.fields:
        if arg.type == "int32" and order.index(arg.name) < order.index("mode"):
            message = f"{record.name}.{arg.name}: has to stand after mode, which decides it"
            problems.add(arg.mark, "S033", message)
