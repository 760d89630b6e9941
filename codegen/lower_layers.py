"""The layers in Python and Swift, and their pages."""

from __future__ import annotations

from codegen.layers_docs import layer_texts
from codegen.layers_python import python_layers
from codegen.layers_swift import swift_layers
from codegen.model import Schema
from codegen.render import SOURCE, render


def lower(schema: Schema) -> dict[str, str]:
    """Every file that follows from the layers."""
    package = "bindings/python/thinbit/_generated"
    files = {f"{package}/layers.py": render("python/layers.py.j2", layers=python_layers(schema))}
    for layer in swift_layers(schema):
        path = f"bindings/swift/Sources/ThinbitNN/Generated/{layer.name}.gen.swift"
        files[path] = render("swift/layer.gen.swift.j2", layer=layer)
    files["docs/reference/layers.md"] = render(
        "docs/layers.md.j2",
        html=f"<!-- generated from {SOURCE}: do not edit -->",
        layers=layer_texts(schema),
    )
    return files
