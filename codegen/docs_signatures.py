"""How one call looks in Python, in Swift and in C, for the reference pages."""

from __future__ import annotations

from codegen.c_types import params_struct
from codegen.model import FlatArg, Op
from codegen.naming import pascal, python_name, swift_label
from codegen.swift_call import signature
from codegen.swift_types import context_parameter, parameter

_EVERYWHERE = ("out=None", "device=None", "stream=None", "context=None")


def _python_parameter(flat: FlatArg) -> str:
    name = python_name(flat.name)
    if flat.default is not None:
        value = f'"{flat.default}"' if isinstance(flat.default, str) else repr(flat.default)
        return f"{name}={value}"
    required = flat.required and (flat.field is None or flat.source.name == "packed")
    return name if required else f"{name}=None"


def python_signature(op: Op) -> str:
    """`thinbit.quantize(w, *, ...) -> QuantizeResult`, over several lines."""
    operands = [_python_parameter(flat) for flat in op.flat_args if flat.operand]
    settings = [_python_parameter(flat) for flat in op.flat_args if not flat.operand]
    lines = [", ".join(part) for part in (operands, ["*", *settings], [*_EVERYWHERE]) if part]
    result = "Array" if len(op.outputs) == 1 else f"{pascal(op.name)}Result"
    body = ",\n    ".join(lines)
    return f"thinbit.{op.name}(\n    {body},\n) -> {result}"


def swift_signature(op: Op) -> str:
    """`func quantized(_ w: Tensor, ...) throws(ThinbitError) -> ...`, as the package declares it."""
    parameters = [*(parameter(flat) for flat in op.flat_args), context_parameter()]
    types = [f"Tensor{'?' if out.nullable else ''}" for out in op.outputs]
    labelled = [f"{swift_label(o.name)}: {t}" for o, t in zip(op.outputs, types, strict=True)]
    result = types[0] if len(types) == 1 else f"({', '.join(labelled)})"
    text = signature("public", op.swift, parameters, result)
    return text.removeprefix("public ").removesuffix(" {")


def c_call(op: Op) -> list[str]:
    """The params struct and the function."""
    struct = params_struct(op)
    return [
        f"typedef struct {struct.name} {{",
        *(f"  {field.plain};" for field in struct.fields),
        f"}} {struct.name};",
        "",
        f"thinbit_status thinbit_{op.name}(thinbit_context *context,",
        f"    const {struct.name} *params, thinbit_error *error);",
    ]
