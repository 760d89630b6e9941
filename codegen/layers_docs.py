"""The reference page of the layers."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.layers import Binding, DerivedValue, Layer, LayerCall, LayerField, Method, Sharding
from codegen.layers import Reference as Ref
from codegen.layers_swift import swift_field_type
from codegen.model import Schema
from codegen.naming import camel
from codegen.shapes_text import listing

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallText:
    """One call: when it is made, what is called, and the value of each argument."""

    head: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class MethodText:
    """A method as the page prints it."""

    title: str
    doc: str
    inputs: list[Row]
    returns: str
    calls: list[CallText]


@dataclass(frozen=True, slots=True)
class LayerText:
    """A layer as the page prints it."""

    name: str
    doc: str
    python: str
    swift: str
    fields: list[Row]
    conversions: list[str]
    sharding_tables: list[list[Row]]
    methods: list[MethodText]


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _field(schema: Schema, item: LayerField) -> Row:
    modes = listing([mode.name for mode in item.modes])
    every = len(item.modes) == len(schema.modes)
    kinds = {
        "tensor": listing(item.dtypes),
        "dtype": f"dtype: {listing(item.dtypes)}",
        "group": "group of ranks",
    }
    kind = kinds.get(item.type, f"{item.type}, {'any mode' if every else modes}")
    shape = f"`[{', '.join(item.axes)}]`" if item.axes else ""
    presence = "optional" if item.nullable else "required"
    return (f"`{item.name}`", kind, shape, presence, _cell(item.doc))


def _value(binding: Binding) -> str:
    match binding:
        case None:
            return "nothing"
        case bool():
            return f"`{str(binding).lower()}`"
        case Ref():
            return f"`{binding.text}`"
        case _:
            return f"`{binding}`"


def _call(method: Method, call: LayerCall) -> CallText:
    if call.op is None:
        callee = "Computed by the array library (Python) or by ThinbitNN (Swift), without an op"
    else:
        callee = f"[{call.callee}](ops/{call.callee}.md)"
    if call.when is not None:
        head = f"{callee}, with a {call.when}:"
    else:
        other = next((c.when for c in method.calls if c.when is not None), None)
        head = f"{callee}{f', without a {other}' if other else ''}:"
    derived = {value.name: _derived(value) for value in method.values}
    rows: list[Row] = []
    for name in call.arguments:
        value = call.bound(name)
        text = _value(value)
        if isinstance(value, Ref) and value.root in derived:
            said = derived[value.root]
            text += f": {said}" if value.part in (None, "packed") else ""
        rows.append((f"`{name}`", text))
    if call.then is not None:
        text = f"the sum over the ranks of `{call.then.over}`, plus `{call.then.add}` where it is there"
        rows.append(("then", text))
    return CallText(head, rows)


def _derived(value: DerivedValue) -> str:
    if value.kind == "rows":
        return f"the rows of `{value.of}` that `{value.by}` pick"
    over = f", on any rank of `{value.over}`," if value.over is not None else ""
    return f"the largest magnitude of `{value.of}`{over} where `{value.by}` has a global scale"


def _method(layer: Layer, method: Method) -> MethodText:
    names = ", ".join(item.name for item in method.inputs)
    if method.name == "call":
        title = f"`layer({names})`"
    else:
        title = f"`layer.{method.name}({names})`, in Swift `layer.{camel(method.name)}({names})`"
    inputs: list[Row] = [
        (f"`{i.name}`", listing(i.dtypes), f"`{i.shape}`", _cell(i.doc)) for i in method.inputs
    ]
    calls = [_call(method, call) for call in method.calls]
    return MethodText(title, method.doc, inputs, method.returns, calls)


def _conversions(layer: Layer) -> list[str]:
    lines = []
    for item in layer.conversions:
        settings = 'group_size=None, bits=None, mode="affine"'
        python = f"to_quantized({settings}{', quantize_input=True' if item.quantize_input else ''})"
        swift = "toInputQuantized" if item.quantize_input else "toQuantized"
        lines.append(
            f"`{python}`, in Swift `{swift}(groupSize:bits:mode:)`, gives a "
            f"[{item.layer}](#{item.layer.lower()})."
        )
    return lines


def _sharding(item: Sharding) -> Row:
    parts = {"rows": "a part of the rows of", "columns": "a part of the columns of"}
    cells = []
    for name, value in item.fields:
        if value == Ref("group", None):
            continue
        cut = parts.get(value.part or "", "all of")
        cells.append(f"`{name}`: {cut} `{value.root}`")
    return (f"`{item.kind}`", f"[{item.layer}](#{item.layer.lower()})", "; ".join(cells))


def layer_texts(schema: Schema) -> list[LayerText]:
    """Every layer as the page prints it."""
    texts = []
    for layer in schema.layers:
        python = ", ".join(f"{f.name}=None" if f.nullable else f.name for f in layer.fields)
        swift = ", ".join(
            f"{camel(f.name)}: {swift_field_type(f)}{'? = nil' if f.nullable else ''}"
            for f in layer.fields
        )
        texts.append(
            LayerText(
                name=layer.name,
                doc=f"{layer.doc} {layer.detail}".strip(),
                python=f"thinbit.nn.{layer.name}({python})",
                swift=f"{layer.name}({swift}) throws(ThinbitError)",
                fields=[_field(schema, item) for item in layer.fields],
                conversions=_conversions(layer),
                sharding_tables=[[_sharding(i) for i in layer.shardings]]
                if layer.shardings
                else [],
                methods=[_method(layer, method) for method in layer.methods],
            )
        )
    return texts
