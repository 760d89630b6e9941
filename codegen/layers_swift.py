"""The layers as Swift classes."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.layers import (
    Binding,
    Conversion,
    DerivedValue,
    Layer,
    LayerCall,
    LayerField,
    Method,
    Sharding,
)
from codegen.layers import Reference as Ref
from codegen.model import Schema
from codegen.naming import camel
from codegen.shapes_text import listing
from codegen.swift_call import spread
from codegen.swift_docs import doc_lines
from codegen.swift_types import case_name, parameter

_SPEC = ("group_size", "bits", "mode")


@dataclass(frozen=True, slots=True)
class SwiftField:
    """A property with its doc comment, and how the initializer takes it and checks it."""

    name: str
    doc: str
    declaration: str
    parameter: str
    checks: list[str]


@dataclass(frozen=True, slots=True)
class SwiftMethod:
    """A method as the template prints it."""

    doc: str
    signature: str
    body: list[str]


@dataclass(frozen=True, slots=True)
class SwiftConversion:
    """A method that makes the quantized layer, as the template prints it."""

    doc: str
    name: str
    result: str
    weight: str
    made: str


@dataclass(frozen=True, slots=True)
class SwiftSharding:
    """A case of the enum as the template prints it."""

    name: str
    value: str
    doc: str


@dataclass(frozen=True, slots=True)
class SwiftCut:
    """`toSharded` as the template prints it."""

    cases: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class SwiftLayer:
    """A layer as the template prints it."""

    name: str
    doc: str
    protocols: str
    fields: list[SwiftField]
    initializer: list[str]
    sizes: list[tuple[str, str, int]]
    methods: list[SwiftMethod]
    conversions: list[SwiftConversion]
    cuts: list[SwiftCut]
    parameters: list[str]
    shown: list[str]


_TYPES = {"tensor": "Tensor", "dtype": "DType", "group": "DistributedGroup"}


def swift_field_type(item: LayerField) -> str:
    """The type of a field that is there."""
    return _TYPES.get(item.type, "QuantizedTensor")


def _type(item: LayerField) -> str:
    kind = swift_field_type(item)
    return f"{kind}?" if item.nullable else kind


def _field_text(item: LayerField) -> str:
    shape = f"`[{', '.join(map(camel, item.axes))}]`" if item.axes else ""
    facts = [f for f in (shape, listing(item.dtypes), "optional" if item.nullable else "") if f]
    return f"{item.doc} {'; '.join(facts)}." if facts else item.doc


def _listed(names: list[str]) -> str:
    return f"[{', '.join(names)}]"


def _checks(schema: Schema, item: LayerField) -> list[str]:
    lines = []
    local = camel(item.name)
    if item.type == "tensor":
        dtypes = _listed([case_name(name) for name in item.dtypes])
        lines.append(f'try check.dtype(of: {local}, "{item.name}", {dtypes})')
    elif item.type == "dtype":
        dtypes = _listed([case_name(name) for name in item.dtypes])
        lines.append(f'try check.choice({local}, "{item.name}", {dtypes})')
    elif item.type != "group" and len(item.modes) < len(schema.modes):
        modes = _listed([case_name(mode.name) for mode in item.modes])
        lines.append(f'try check.mode(of: {local}, "{item.name}", {modes})')
    if item.axes:
        axes = _listed([f'"{camel(axis)}"' for axis in item.axes])
        lines.append(f'try check.shape(of: {local}, "{item.name}", {axes})')
    return [f"if let {local} {{ {line} }}" for line in lines] if item.nullable else lines


def _field(schema: Schema, item: LayerField) -> SwiftField:
    name = camel(item.name)
    default = " = nil" if item.nullable else ""
    return SwiftField(
        name=name,
        doc="\n".join(doc_lines(_field_text(item), "  ")),
        declaration=f"public let {name}: {_type(item)}",
        parameter=f"{name}: {_type(item)}{default}",
        checks=_checks(schema, item),
    )


def _value(binding: Binding) -> str:
    match binding:
        case None:
            return "nil"
        case bool():
            return "true" if binding else "false"
        case Ref():
            return camel(binding.text)
        case _:
            return repr(binding)


def _call(call: LayerCall) -> list[str]:
    callee, arguments = _called(call)
    if call.then is None:
        return spread(f"return try {callee}", arguments)
    group, added = camel(call.then.over), camel(call.then.add)
    lines = spread(f"return try {callee}", arguments)
    return [*lines[:-1], f"{lines[-1]}.summed(over: {group}, adding: {added})"]


def _called(call: LayerCall) -> tuple[str, list[str]]:
    """The function and its arguments."""
    if call.op is None:
        values = [f"{camel(name)}: {_value(call.bound(name))}" for name in call.arguments]
        return camel(f"float_{call.float}"), values
    record = call.record_source() if call.op.record_arg is not None else None
    arguments = []
    for flat in call.op.flat_args:
        value = call.bound(flat.name)
        if flat.field is None:
            arguments.append(parameter(flat).passing(_value(value)))
        elif flat.source.name == "packed":
            arguments.append(_value(Ref(record or "", None)))
    return call.op.swift, arguments


def _derived(value: DerivedValue) -> str:
    name = camel(value.name)
    if value.kind == "rows":
        return f"let {name} = try {camel(value.of)}.rows({camel(value.by)})"
    over = "nil" if value.over is None else camel(value.over)
    of, by = camel(value.of), camel(value.by)
    return f"let {name} = try {of}.globalScale(beside: {by}, over: {over})"


def _method(method: Method) -> SwiftMethod:
    body = [_derived(value) for value in method.values]
    for call in method.calls:
        if call.when is None:
            body += _call(call)
            continue
        body.append(f"if let {camel(call.when)} {{")
        body += [*(f"  {line}" for line in _call(call)), "}"]
    doc = [*doc_lines(method.doc, "  "), "  ///"]
    for item in method.inputs:
        text = f"- Parameter {camel(item.name)}: {item.doc} `{item.shape}`; {listing(item.dtypes)}."
        doc += doc_lines(text, "  ", hanging="  ")
    doc += doc_lines(f"- Returns: {method.returns}", "  ", hanging="  ")
    text = "- Throws: ``ThinbitError`` where what is given does not fit the layer."
    doc += doc_lines(text, "  ", hanging="  ")
    name = "callAsFunction" if method.name == "call" else camel(method.name)
    parameters = ", ".join(f"_ {camel(item.name)}: Tensor" for item in method.inputs)
    return SwiftMethod(
        doc="\n".join(doc),
        signature=f"public func {name}({parameters}) throws(ThinbitError) -> Tensor",
        body=body,
    )


def _conversion(conversion: Conversion) -> SwiftConversion:
    given = []
    for name, value in conversion.fields:
        text = "quantized" if value == Ref("quantized", None) else camel(value.text)
        given.append(f"{camel(name)}: {text}")
    subject = "with a quantized weight"
    if conversion.quantize_input:
        subject += ", which quantizes its input too"
    lines = [*doc_lines(f"The same layer {subject}; this one stays as it is.", "  "), "  ///"]
    for text in (
        "- Parameters:",
        "  - groupSize: Elements that share a scale; `nil` is the mode's default.",
        "  - bits: Bits for each element; `nil` is the mode's default.",
        "  - mode: How values are encoded.",
        "- Throws: ``ThinbitError`` of the op `quantize`; or the layer lacks the mode.",
    ):
        lines += [f"  /// {text}"]
    return SwiftConversion(
        doc="\n".join(lines),
        name="toInputQuantized" if conversion.quantize_input else "toQuantized",
        result=conversion.layer,
        weight=camel(conversion.weight),
        made=f"{conversion.layer}({', '.join(given)})",
    )


def _cut(layer: Layer) -> SwiftCut:
    return SwiftCut([(_case(item.kind), _sharded(item)) for item in layer.shardings])


def _case(kind: str) -> str:
    return camel(kind.replace("-", "_"))


def _sharded(sharding: Sharding) -> list[str]:
    given = []
    for name, value in sharding.fields:
        text = camel(value.root)
        if value == Ref("group", None):
            text = "cut.group"
        elif value.part is not None:
            text = f'cut.{value.part}(of: {text}, "{value.root}")'
        given.append(f"{camel(name)}: {text}")
    return spread(f"return try {sharding.layer}", given)


def swift_shardings(schema: Schema) -> list[SwiftSharding]:
    """Every way to cut a layer as the template prints it."""
    return [
        SwiftSharding(_case(kind.name), kind.name, "\n".join(doc_lines(kind.doc, "  ")))
        for kind in schema.shardings
    ]


def _protocols(layer: Layer) -> str:
    table = any(method.name == "as_linear" for method in layer.methods)
    found = ["Layer", "EmbeddingLayer" if table else "UnaryLayer"]
    if any(not item.quantize_input for item in layer.conversions):
        found.append("Quantizable")
    if any(item.quantize_input for item in layer.conversions):
        found.append("InputQuantizable")
    if layer.shardings:
        found.append("Shardable")
    return ", ".join(found)


def _parameters(layer: Layer) -> list[str]:
    lines = []
    for item in layer.fields:
        kind = {"tensor": "tensor", "dtype": "", "group": ""}.get(item.type, "quantized")
        name = camel(item.name)
        line = f'parameters.append(("{item.name}", .{kind}({name})))'
        if kind:
            lines.append(f"if let {name} {{ {line} }}" if item.nullable else line)
    return lines


def _shown(layer: Layer) -> list[str]:
    shown = []
    record = layer.record_field
    for name in layer.repr:
        value = f"{camel(name)}"
        if record is not None and name in _SPEC and name not in layer.sizes:
            value = f"{camel(record.name)}.{camel(name)}"
        elif name not in layer.sizes and layer.field(name).type == "tensor":
            value = f"{camel(name)} != nil"
        shown.append(f'("{camel(name)}", {value}),')
    return shown


def swift_layers(schema: Schema) -> list[SwiftLayer]:
    """Every layer as the template prints it."""
    layers = []
    for layer in schema.layers:
        fields = [_field(schema, item) for item in layer.fields]
        doc = doc_lines(layer.doc)
        if layer.detail:
            doc += ["///", *doc_lines(layer.detail)]
        layers.append(
            SwiftLayer(
                name=layer.name,
                doc="\n".join(doc),
                protocols=_protocols(layer),
                fields=fields,
                initializer=[field.parameter for field in fields],
                sizes=[
                    (camel(name), camel(item.name), axis)
                    for name, (item, axis) in layer.sizes.items()
                ],
                methods=[_method(method) for method in layer.methods],
                conversions=[_conversion(item) for item in layer.conversions],
                cuts=[_cut(layer)] if layer.shardings else [],
                parameters=_parameters(layer),
                shown=_shown(layer),
            )
        )
    return layers
