"""The Swift package's generated part: functions, enums, the record, and the calls of the vectors.

Every op becomes a function with flat operands, one with a `QuantizedTensor` in their place, and, where the mode decides
which results there are, one for each mode with exactly that mode's results (`quantizedAffine`).
"""

from __future__ import annotations

from codegen.c_types import record_struct
from codegen.model import Op, Record, Schema
from codegen.naming import c_name
from codegen.render import render
from codegen.swift_call import call_of
from codegen.swift_enums import enums_file
from codegen.swift_functions import flat_function, mode_function, record_function
from codegen.swift_types import UnboundArgument, local_name, member, record_class
from codegen.swift_vectors import vector_calls_file

SOURCES = "bindings/swift/Sources/Thinbit/Generated"


def _op_file(schema: Schema, op: Op) -> str:
    functions = [flat_function(schema, op)]
    if op.record_arg is not None:
        functions.append(record_function(schema, op, op.record_arg))
    if any(out.present_if is not None for out in op.outputs):
        functions += [mode_function(schema, op, mode) for mode in op.modes]
    return render(
        "swift/op.gen.swift.j2",
        op=op.name,
        functions=functions,
        call=call_of(op),
    )


def _record_file(record: Record) -> str:
    struct = record_struct(record)
    kinds = {"tensor": "Tensor", "mode": "QuantizationMode", "int32": "Int32"}
    parameters, assignments, kept = [], [], []
    parts = {c_name(part.name): part for part in record.fields}
    for field in struct.fields:
        part = parts.get(field.name)
        if part is None or part.type in ("reserved", "handle"):
            continue  # struct_size is set by the template; reserved and handles stay zero
        if part.type not in kinds:
            raise UnboundArgument(record.name, field.name)
        local, target = local_name(part.name), member(field)
        if part.type == "tensor":
            optional = part.name != "packed"
            parameters.append(f"{local}: Tensor{'?' if optional else ''}")
            kept.append(local)
            value = f"if let {local} {{ unsafe pointer.pointee.{target} = {local}.descriptor }}"
            assignments.append(
                value if optional else f"unsafe pointer.pointee.{target} = {local}.descriptor"
            )
        else:
            parameters.append(f"{local}: {kinds[part.type]}")
            value = f"{local}.code" if part.type == "mode" else local
            assignments.append(f"unsafe pointer.pointee.{target} = {value}")
    return render(
        "swift/record.gen.swift.j2",
        name=record.name,
        swift=record_class(record.name),
        struct=struct.name,
        parameters=",\n    ".join(parameters),
        assignments=assignments,
        kept=[text for text in parameters if text.partition(":")[0] in kept],
        kept_names=kept,
    )


def lower(schema: Schema) -> dict[str, str]:
    """Every generated file of the Swift package."""
    files = {f"{SOURCES}/Enums.gen.swift": enums_file(schema)}
    for record in schema.records:
        files[f"{SOURCES}/{record_class(record.name)}.gen.swift"] = _record_file(record)
    for op in schema.ops:
        name = op.swift[0].upper() + op.swift[1:]
        files[f"{SOURCES}/{name}.gen.swift"] = _op_file(schema, op)
    path = "bindings/swift/Sources/ThinbitTestSupport/Generated/VectorCalls.gen.swift"
    files[path] = vector_calls_file(schema)
    return files
