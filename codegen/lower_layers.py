"""The layers in Python and Swift, and their pages."""

from __future__ import annotations

from codegen.layers_python import python_layers
from codegen.model import Schema
from codegen.render import render


def lower(schema: Schema) -> dict[str, str]:
    """Every file that follows from the layers."""
    package = "bindings/python/thinbit/_generated"
    return {
        f"{package}/layers.py": render("python/layers.py.j2", layers=python_layers(schema)),
    }
