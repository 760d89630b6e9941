"""The calls of the C vector runner: flat arguments by name into the structs of the C ABI."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.cpp_expression import LoweringError
from codegen.cpp_text import wrap
from codegen.model import Arg, Op, Schema
from codegen.naming import c_name, macro
from codegen.render import render

_GETTERS = {
    "mode": "mode",
    "dtype": "dtype",
    "int32": "integer",
    "bool": "integer",
    "float32": "number",
}


@dataclass(frozen=True, slots=True)
class OpCall:
    """One op's function."""

    name: str
    lines: list[str]


def _assign(struct: str, arg: Arg, flat: str) -> str:
    target = f"{struct}.{c_name(arg.name)}"
    if arg.type == "tensor":
        return f'  {target} = vector_case.tensor("{flat}");'
    if arg.type not in _GETTERS:
        raise LoweringError(f"{arg.name}: no vector holds the type {arg.type}")
    return f'  {target} = vector_case.{_GETTERS[arg.type]}("{flat}", {target});'


def _record(op: Op, arg: Arg) -> list[str]:
    assert op.record is not None
    name = c_name(arg.name)
    lines = [f"  thinbit_{op.record.name} {name} = THINBIT_{macro(op.record.name)}_INIT;"]
    for part in op.record.fields:
        if part.type not in ("reserved", "handle"):
            flat = arg.name if part.name == "packed" else arg.flat_name(part.name)
            lines.append(_assign(name, part, flat))
    return lines


def _call(op: Op) -> OpCall:
    lines = _record(op, op.record_arg) if op.record_arg is not None else []
    lines.append(f"  thinbit_{op.name}_params params = THINBIT_{macro(op.name)}_PARAMS_INIT;")
    for arg in op.inputs:
        if arg is op.record_arg:
            lines.append(f"  params.{c_name(arg.name)} = &{c_name(arg.name)};")
        else:
            lines.append(_assign("params", arg, arg.name))
    slots = ", ".join(f'{{"{arg.name}", &params.{c_name(arg.name)}}}' for arg in op.outputs)
    lines += wrap(f"  const OutputSlot slots[] = {{{slots}}};")
    functions = ", ".join(f"thinbit_{op.name}{suffix}" for suffix in ("_infer", "_supports", ""))
    lines += wrap(f"  call_op(context, params, slots, {functions}, result);")
    return OpCall(op.name, lines)


def lower(schema: Schema) -> dict[str, str]:
    """tests/core/vector_calls.gen.cpp."""
    text = render(
        "core/vector_calls.gen.cpp.j2",
        modes=[{"name": m.name, "constant": f"THINBIT_MODE_{macro(m.name)}"} for m in schema.modes],
        dtypes=[
            {
                "name": d.name,
                "constant": f"THINBIT_DTYPE_{macro(d.name)}",
                "bytes": d.bits // 8,
                "code": d.dlpack_code,
                "bits": d.bits,
            }
            for d in schema.dtypes
        ],
        ops=[_call(op) for op in schema.ops],
    )
    return {"tests/core/vector_calls.gen.cpp": text}
