"""The layers as Python classes."""

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
from codegen.naming import python_name
from codegen.python_docs import entry, paragraph
from codegen.shapes_text import listing

_SPEC = ("group_size", "bits", "mode")


@dataclass(frozen=True, slots=True)
class PythonMethod:
    """A method as the template prints it."""

    name: str
    parameters: list[str]
    doc: list[str]
    body: list[str]


@dataclass(frozen=True, slots=True)
class PythonConversion:
    """`to_quantized` as the template prints it."""

    parameters: list[str]
    result: str
    doc: list[str]
    body: list[str]


@dataclass(frozen=True, slots=True)
class PythonSharding:
    """`to_sharded` as the template prints it."""

    result: str
    body: list[str]


@dataclass(frozen=True, slots=True)
class PythonLayer:
    """A layer as the template prints it."""

    name: str
    doc: list[str]
    fields: list[str]
    attributes: list[str]
    parameters: list[str]
    arguments: str
    sizes: list[tuple[str, str, int]]
    methods: list[PythonMethod]
    conversion: list[PythonConversion]
    sharding: list[PythonSharding]
    quantizes_input: bool
    shown: list[str]


def field_text(item: LayerField) -> str:
    """A field in words."""
    shape = f"[{', '.join(item.axes)}]" if item.axes else ""
    dtypes = listing(item.dtypes)
    facts = [fact for fact in (shape, dtypes, "optional" if item.nullable else "") if fact]
    return f"{item.doc} {'; '.join(facts)}." if facts else item.doc


def _type(item: LayerField, given: bool) -> str:
    base = {"tensor": "Array" if given else "Any", "dtype": "str", "group": "Group"}
    kind = base.get(item.type, "QuantizedTensor")
    if item.type == "dtype" and given:
        return "npt.DTypeLike | None"
    return f"{kind} | None" if item.nullable else kind


def _parameter(item: LayerField) -> str:
    return f"{item.name}: {_type(item, True)}{' = None' if item.nullable else ''}"


def _tuple(names: tuple[str, ...]) -> str:
    inner = ", ".join(f'"{name}"' for name in names)
    return f"({inner},)" if len(names) == 1 else f"({inner})"


def _field(item: LayerField) -> str:
    modes = tuple(mode.name for mode in item.modes) if item.type == "quantized_tensor" else ()
    parts = [f'"{item.name}"', f'"{item.type}"']
    parts += [_tuple(item.axes), _tuple(item.dtypes), _tuple(modes), str(item.nullable)]
    return f"Field({', '.join(parts)})"


def _value(layer: Layer, binding: Binding) -> str:
    if isinstance(binding, Ref):
        own = binding.root in {item.name for item in layer.fields}
        return f"self.{binding.text}" if own else python_name(binding.text)
    return repr(binding)


def _call(layer: Layer, call: LayerCall) -> list[str]:
    callee, arguments = _called(layer, call)
    if call.then is None:
        return _spread(f"return {callee}", arguments)
    part = f"{callee}({', '.join(arguments)})"
    return _spread("return sum_over", [f"self.{call.then.over}", part, f"self.{call.then.add}"])


def _called(layer: Layer, call: LayerCall) -> tuple[str, list[str]]:
    """The function and its arguments."""
    if call.op is None:
        values = [_value(layer, call.bound(name)) for name in call.arguments]
        return f"float_{call.float}", values
    record = call.record_source() if call.op.record_arg is not None else None
    arguments = []
    for flat in call.op.flat_args:
        value = call.bound(flat.name)
        if flat.field is not None and flat.source.name != "packed":
            continue
        text = _value(layer, value if flat.field is None else Ref(record or "", None))
        arguments.append(text if flat.operand else f"{python_name(flat.name)}={text}")
    return f"ops.{call.op.name}", arguments


def _spread(head: str, arguments: list[str]) -> list[str]:
    one_line = f"{head}({', '.join(arguments)})"
    if len(one_line) <= 84:
        return [one_line]
    return [f"{head}(", *(f"    {text}," for text in arguments), ")"]


def _derived(value: DerivedValue) -> str:
    if value.kind == "rows":
        return f"{value.name} = rows_of(self.{value.of}, {value.by})"
    over = "None" if value.over is None else f"self.{value.over}"
    return f"{value.name} = global_scale_beside(self.{value.by}, {value.of}, over={over})"


def _method(layer: Layer, method: Method) -> PythonMethod:
    body = [_derived(value) for value in method.values]
    for call in method.calls:
        if call.when is None:
            body += _call(layer, call)
            continue
        body.append(f"if self.{call.when} is not None:")
        body += [f"    {line}" for line in _call(layer, call)]
    doc = [*paragraph(f'"""{method.doc}'), "", "    Args:"]
    for item in method.inputs:
        text = f"{item.doc} {item.shape}; {listing(item.dtypes)}."
        doc += entry(python_name(item.name), text)
    doc += ["", "    Returns:", *entry_of(method.returns), "", "    Raises:"]
    doc += [*entry("ThinbitError", "what is given does not fit the layer."), '    """']
    return PythonMethod(
        name="__call__" if method.name == "call" else method.name,
        parameters=[f"{python_name(item.name)}: Array" for item in method.inputs],
        doc=[f"    {line}" if line else "" for line in doc],
        body=body,
    )


def entry_of(text: str) -> list[str]:
    """Text as lines of a Returns section."""
    return [f"    {line}" for line in paragraph(text)]


def _conversion(layer: Layer) -> list[PythonConversion]:
    if not layer.conversions:
        return []
    with_input = any(item.quantize_input for item in layer.conversions)
    parameters = ["group_size: int | None = None", "bits: int | None = None"]
    parameters.append('mode: str = "affine"')
    if with_input:
        parameters.append("quantize_input: bool = False")
    doc = paragraph('"""The same layer with a quantized weight; this one stays as it is.')
    doc += ["", "    Args:"]
    doc += entry("group_size", "Elements that share a scale; the mode's default when not given.")
    doc += entry("bits", "Bits for each element; the mode's default when not given.")
    doc += entry("mode", "How values are encoded.")
    if with_input:
        target = next(item.layer for item in layer.conversions if item.quantize_input)
        doc += entry("quantize_input", f"Whether the layer quantizes its input too: {target}.")
    doc += ["", "    Raises:"]
    doc += entry("ThinbitError", "as `QuantizedTensor.quantize`; or the layer lacks the mode.")
    body = [
        "weight = QuantizedTensor.quantize(",
        f"    self.{layer.conversions[0].weight}, group_size=group_size, bits=bits, mode=mode",
        ")",
    ]
    for item in sorted(layer.conversions, key=lambda c: not c.quantize_input):
        body += _converted(item)
    return [
        PythonConversion(
            parameters=parameters,
            result=" | ".join(item.layer for item in layer.conversions),
            doc=[f"    {line}" if line else "" for line in [*doc, '    """']],
            body=body,
        )
    ]


def _converted(conversion: Conversion) -> list[str]:
    given = []
    for name, value in conversion.fields:
        text = "weight" if value == Ref("quantized", None) else f"self.{value.text}"
        given.append(f"{name}={text}")
    made = f"return {conversion.layer}({', '.join(given)})"
    return ["if quantize_input:", f"    {made}"] if conversion.quantize_input else [made]


def _sharding(layer: Layer) -> list[PythonSharding]:
    if not layer.shardings:
        return []
    body = ["cut = Cut(sharding, SHARDINGS, segments, group)"]
    for item in layer.shardings[:-1]:
        body += [f'if sharding == "{item.kind}":', *(f"    {line}" for line in _sharded(item))]
    result = " | ".join(item.layer for item in layer.shardings)
    return [PythonSharding(result, [*body, *_sharded(layer.shardings[-1])])]


def _sharded(sharding: Sharding) -> list[str]:
    given = []
    for name, value in sharding.fields:
        text = f"self.{value.root}"
        if value == Ref("group", None):
            text = "cut.group"
        elif value.part is not None:
            text = f'cut.{value.part}("{value.root}", self.{value.root})'
        given.append(f"{name}={text}")
    return _spread(f"return {sharding.layer}", given)


def _shown(layer: Layer) -> list[str]:
    shown = []
    record = layer.record_field
    for name in layer.repr:
        if name in layer.sizes:
            value = f"self.{name}"
        elif record is not None and name in _SPEC:
            value = f"self.{record.name}.{name}"
        elif layer.field(name).type == "group":
            value = f"self.{name}"
        else:
            value = f"self.{name} is not None"
        shown.append(f'("{name}", {value}),')
    return shown


def python_layers(schema: Schema) -> list[PythonLayer]:
    """Every layer as the template prints it."""
    layers = []
    for layer in schema.layers:
        doc = paragraph(f'"""{layer.doc}')
        if layer.detail:
            doc += ["", *paragraph(layer.detail)]
        doc += ["", "    Attributes:"]
        for item in layer.fields:
            doc += entry(item.name, field_text(item))
        layers.append(
            PythonLayer(
                name=layer.name,
                doc=[*doc, '    """'],
                fields=[_field(item) for item in layer.fields],
                attributes=[f"{item.name}: {_type(item, False)}" for item in layer.fields],
                parameters=[_parameter(item) for item in layer.fields],
                arguments=", ".join(f"{item.name}={item.name}" for item in layer.fields),
                sizes=[(name, item.name, axis) for name, (item, axis) in layer.sizes.items()],
                methods=[_method(layer, method) for method in layer.methods],
                conversion=_conversion(layer),
                sharding=_sharding(layer),
                quantizes_input=any(item.quantize_input for item in layer.conversions),
                shown=_shown(layer),
            )
        )
    return layers
