"""The layers in Python and Swift, and their pages."""

from __future__ import annotations

from codegen.layers_docs import layer_texts
from codegen.layers_python import python_layers
from codegen.layers_swift import swift_layers, swift_shardings
from codegen.model import Schema
from codegen.render import SOURCE, render


def lower(schema: Schema) -> dict[str, str]:
    """Every file that follows from the layers."""
    shardable = [layer.name for layer in schema.layers if layer.shardings]
    names = ", ".join(f'"{kind.name}"' for kind in schema.shardings)
    generated = "bindings/swift/Sources/ThinbitNN/Generated"
    files = {
        "bindings/python/thinbit/_generated/layers.py": render(
            "python/layers.py.j2",
            layers=python_layers(schema),
            shardings=names,
            shardable="".join(f"{name}, " for name in shardable).strip(),
        ),
        f"{generated}/Sharding.gen.swift": render(
            "swift/sharding.gen.swift.j2",
            shardings=swift_shardings(schema),
            shardable=", ".join(f'"{name}"' for name in shardable),
        ),
    }
    for layer in swift_layers(schema):
        path = f"{generated}/{layer.name}.gen.swift"
        files[path] = render("swift/layer.gen.swift.j2", layer=layer)
    files["docs/reference/layers.md"] = render(
        "docs/layers.md.j2",
        html=f"<!-- generated from {SOURCE}: do not edit -->",
        layers=layer_texts(schema),
    )
    return files
