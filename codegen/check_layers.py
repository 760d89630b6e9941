"""What the layers mean: every argument of every call bound, to a value that fits it."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from codegen.check_names import known
from codegen.check_sharding import check_sharding
from codegen.layers import PLAIN_TYPES, Conversion, Layer, LayerCall, Method, Reference
from codegen.model import Arg, FlatArg, Record, Schema
from codegen.naming import is_swift_word
from codegen.problems import Mark, Problems, did_you_mean

SPEC_COLUMNS = ("group_size", "bits", "mode")
"""What a repr may show of a record."""

CLASSES = frozenset({"Module", "Weights", "UnaryLayer", "EmbeddingLayer", "Quantizable"})
"""Names of the parts that are written by hand."""


def check_layers(schema: Schema, problems: Problems) -> None:
    """Collect what is wrong with the layers."""
    names: set[str] = set()
    for layer in schema.layers:
        if layer.name in names or layer.name in CLASSES:
            problems.add(layer.place.at("name"), "S022", f"{layer.name!r} is declared twice")
        names.add(layer.name)
        before = len(problems.found)
        _fields(schema, layer, problems)
        if len(problems.found) > before:
            continue  # what refers to a field would be wrong only because the field is
        _repr(layer, problems)
        for conversion in layer.conversions:
            _conversion(schema, layer, conversion, problems)
        if len({conversion.weight for conversion in layer.conversions}) > 1:
            message = f"{layer.name}: all layers that it becomes quantize one and the same weight"
            problems.add(layer.place.at("to_quantized"), "S043", message)
        for sharding in layer.shardings:
            check_sharding(schema, layer, sharding, problems)
        for method in layer.methods:
            _method(schema, layer, method, problems)


def _record(schema: Schema, name: str) -> Record | None:
    return next((record for record in schema.records if record.name == name), None)


def _fields(schema: Schema, layer: Layer, problems: Problems) -> None:
    seen: set[str] = set()
    for item in layer.fields:
        mark, where = item.place.at("name"), f"{layer.name}.{item.name}"
        if item.name in seen:
            problems.add(mark, "S022", f"{where} is declared twice")
        seen.add(item.name)
        if keyword.iskeyword(item.name) or is_swift_word(item.name):
            problems.add(mark, "S037", f"{where}: a word that a language keeps to itself")
        types = (*PLAIN_TYPES, *(record.name for record in schema.records))
        known(item.type, types, "type", item.place.at("type"), problems)
        record = _record(schema, item.type)
        if (record is not None or item.type == "group") and item.nullable:
            problems.add(mark, "S043", f"{where}: a {item.type} is always there")
        if item.type not in ("dtype", "group") and not item.axes:
            problems.add(mark, "S030", f"{where}: the shape is missing")
        if item.type in ("tensor", "dtype") and not item.dtypes:
            problems.add(mark, "S030", f"{where}: the dtypes are missing")
        if item.nullable:
            for axis in item.axes:
                if axis not in layer.sizes:
                    message = f"{where}: may be absent, so it cannot be the one that binds {axis}"
                    problems.add(item.place.at("shape"), "S032", message)


def _repr(layer: Layer, problems: Problems) -> None:
    optional = [f.name for f in layer.fields if f.nullable and f.type == "tensor"]
    columns = SPEC_COLUMNS if layer.record_field is not None else ()
    groups = [f.name for f in layer.fields if f.type == "group"]
    choices = [*layer.sizes, *optional, *groups, *columns]
    for i, name in enumerate(layer.repr):
        if name not in choices:
            message = f"{layer.name}: a repr shows sizes, optional tensors, the group and the spec, not {name!r}"
            hint = did_you_mean(name, choices)
            problems.add(layer.place.at("repr", i), "S043", message + hint)


def _conversion(schema: Schema, layer: Layer, conversion: Conversion, problems: Problems) -> None:
    names = [other.name for other in schema.layers]
    if not known(conversion.layer, names, "layer", conversion.place.at("layer"), problems):
        return
    target = next(other for other in schema.layers if other.name == conversion.layer)
    where = f"{layer.name} to {target.name}"
    own = {item.name for item in layer.fields}
    given = dict(conversion.fields)
    for item in target.fields:
        if item.name not in given:
            message = f"{where}: nothing binds the field {item.name} of {target.name}"
            problems.add(conversion.place.at("fields"), "S040", message)
    for name, value in conversion.fields:
        mark = conversion.place.at("fields", name)
        if name not in {item.name for item in target.fields}:
            hint = did_you_mean(name, (item.name for item in target.fields))
            problems.add(mark, "S041", f"{where}: {target.name} has no field {name!r}{hint}")
            continue
        is_record = _record(schema, target.field(name).type) is not None
        if is_record != (value == Reference("quantized", None)):
            message = f"{where}: {name} has to be 'quantized' exactly when it is a record"
            problems.add(mark, "S042", message)
        elif not is_record and (value.root not in own or value.part not in (None, "dtype")):
            message = f"{where}: {value.text!r} is no field of {layer.name}, nor its dtype"
            problems.add(mark, "S041", message)
    if conversion.weight not in own or layer.field(conversion.weight).type != "tensor":
        message = f"{where}: {conversion.weight!r} is no tensor of {layer.name}"
        problems.add(conversion.place.at("weight"), "S041", message)


def _method(schema: Schema, layer: Layer, method: Method, problems: Problems) -> None:
    where = f"{layer.name}.{method.name}"
    records = {f.name: r for f in layer.fields if (r := _record(schema, f.type)) is not None}
    inputs = {item.name for item in method.inputs}
    groups = [item.name for item in layer.fields if item.type == "group"]
    before = len(problems.found)
    for value in method.values:
        if value.kind == "rows":
            known(value.of, records, "record", value.place.at("rows_of"), problems)
            known(value.by, inputs, "input", value.place.at("by"), problems)
            if value.of in records:
                records[value.name] = records[value.of]
        else:
            known(value.of, inputs, "input", value.place.at("global_scale_of"), problems)
            known(value.by, records, "record", value.place.at("beside"), problems)
            if value.over is not None:
                known(value.over, groups, "group", value.place.at("over"), problems)
    if len(problems.found) > before:
        return
    for i, call in enumerate(method.calls):
        if (call.when is None) != (i == len(method.calls) - 1):
            message = f"{where}: every call but the last needs a 'when', and the last has none"
            problems.add(call.place.at(), "S043", message)
        optional = [f.name for f in layer.fields if f.nullable]
        if call.when is not None:
            known(call.when, optional, "optional field", call.place.at("when"), problems)
        if call.then is not None:
            tensors = [f.name for f in layer.fields if f.nullable and f.type == "tensor"]
            known(call.then.over, groups, "group", call.place.at("then", "sum_over"), problems)
            known(call.then.add, tensors, "optional tensor", call.place.at("then", "add"), problems)
            if any(isinstance(v, Reference) and v.root == call.then.add for _, v in call.bind):
                message = (
                    f"{where}: {call.then.add} is added after the sum, and by every rank before it"
                )
                problems.add(call.place.at("then"), "S043", message)
        if call.op is not None or call.float is not None:
            _call(layer, method, call, records, problems)


def _call(
    layer: Layer, method: Method, call: LayerCall, records: dict[str, Record], problems: Problems
) -> None:
    bound = dict(call.bind)
    for argument in call.arguments:
        if argument not in bound:
            message = f"{layer.name}: nothing binds the argument {argument} of {call.callee}"
            problems.add(call.place.at("bind"), "S040", message)
    flats = {flat.name: flat for flat in call.op.flat_args} if call.op is not None else {}
    before = len(problems.found)
    for argument in bound:
        mark = call.place.at("bind", argument)
        if argument not in call.arguments:
            hint = did_you_mean(argument, call.arguments)
            message = f"{layer.name}: {call.callee} has no argument {argument!r}{hint}"
            problems.add(mark, "S041", message)
            continue
        kinds = _kinds(layer, method, call, argument, records, mark, problems)
        expected = _expected(flats.get(argument), argument)
        for kind in kinds:
            if kind not in expected:
                message = (
                    f"{layer.name}: {call.callee}.{argument} takes {' or '.join(expected)}, and "
                    f"is bound to {kind}"
                )
                problems.add(mark, "S042", message)
    if call.op is None or len(problems.found) > before or set(bound) != set(call.arguments):
        return
    if call.op.record_arg is not None:
        _modes(layer, method, call, problems)


def _modes(layer: Layer, method: Method, call: LayerCall, problems: Problems) -> None:
    assert call.op is not None
    try:
        source = call.record_source()
    except ValueError as error:
        problems.add(call.place.at("bind"), "S042", str(error))
        return
    root = next((v.of for v in method.values if v.name == source), source)
    for mode in layer.field(root).modes:
        if mode not in call.op.modes:
            message = f"{layer.name}: {root} may be {mode.name}, which {call.op.name} does not have"
            problems.add(call.place.at("op"), "S042", message)


def _expected(flat: FlatArg | None, argument: str) -> tuple[str, ...]:
    """What an argument takes; `nothing` where it may be absent."""
    if flat is None:
        absent = ("nothing",) if argument == "bias" else ()
        return ("a tensor", *absent)
    if flat.field is not None:
        # record_source holds these to one record; a part may be absent where the record says so.
        return (_kind(flat.field), "nothing")
    return (_kind(flat.arg), "nothing") if flat.arg.omittable else (_kind(flat.arg),)


def _kind(arg: Arg) -> str:
    return f"a {arg.type}"


def _kinds(
    layer: Layer,
    method: Method,
    call: LayerCall,
    argument: str,
    records: dict[str, Record],
    mark: Mark,
    problems: Problems,
) -> Iterator[str]:
    """What a binding can be: `a tensor`, and `nothing` too where it may be absent."""
    value = call.bound(argument)
    if value is None:
        yield "nothing"
        return
    if not isinstance(value, Reference):
        yield f"a {'bool' if isinstance(value, bool) else 'float32'}"
        return
    fields = {item.name: item for item in layer.fields}
    derived = {item.name: item for item in method.values}
    inputs = {item.name for item in method.inputs}
    names = [*inputs, *fields, *derived]
    if value.root in records:
        parts = {part.name: part for part in records[value.root].fields}
        if value.part not in parts:
            text = f"{layer.name}: {value.text!r} is no part of {value.root}"
            problems.add(mark, "S041", text + did_you_mean(value.part or "", parts))
            return
        yield _kind(parts[value.part])
    elif value.part is not None or value.root not in names:
        text = f"{layer.name}: {value.text!r} is no input, field or value here"
        problems.add(mark, "S041", text + did_you_mean(value.root, names))
    elif value.root in fields:
        yield f"a {fields[value.root].type}"
        if fields[value.root].nullable and call.when != value.root:
            yield "nothing"
    else:
        yield "a tensor"
        if value.root in derived:
            yield "nothing"
