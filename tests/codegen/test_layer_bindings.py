"""A layer that forgets an argument is an error of the generator, and the error names it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from golden_files import small_schema

from codegen import lower_layers
from codegen.layers import Layer, LayerCall
from codegen.load import Document, load
from codegen.model import Schema
from codegen.problems import Problems, SchemaError
from codegen.schema_file import build_schema, load_schema, read_schema
from codegen.targets import GenerationError, lower_all

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = load_schema(ROOT)
BINDINGS = [
    (i, j, k, argument)
    for i, layer in enumerate(SCHEMA.layers)
    for j, method in enumerate(layer.methods)
    for k, call in enumerate(method.calls)
    for argument in call.arguments
]


def real_document() -> Document:
    text = (ROOT / "codegen/schema/thinbit.yaml").read_text()
    document = load(text, "schema", Problems())
    assert document is not None
    return document


@pytest.mark.parametrize(("layer", "method", "call", "argument"), BINDINGS)
def test_an_argument_that_a_layer_leaves_unbound_is_named(
    layer: int, method: int, call: int, argument: str
) -> None:
    document = real_document()
    calls = document.value["layers"][layer]["methods"][method]["calls"]
    del calls[call]["bind"][argument]
    name = SCHEMA.layers[layer].name
    callee = SCHEMA.layers[layer].methods[method].calls[call].callee
    expected = rf"S040: {name}: nothing binds the argument {argument} of {callee}"
    with pytest.raises(SchemaError, match=expected):
        build_schema(document)


def test_every_op_with_a_mode_that_a_layer_calls_is_among_them() -> None:
    assert len([argument for *_, argument in BINDINGS if argument == "mode"]) == 12


@pytest.mark.parametrize(
    ("layer", "op"),
    [
        ("QuantizedLinear", "quantized_matmul"),
        ("QuantizedAllToShardedLinear", "quantized_addmm"),
        ("QuantizedAllToShardedLinear", "quantized_matmul"),
        ("QuantizedShardedToAllLinear", "quantized_matmul"),
        ("QQAllToShardedLinear", "qqaddmm"),
        ("QQShardedToAllLinear", "qqmm"),
    ],
)
def test_make_check_fails_where_a_layer_does_not_pass_its_mode_on(
    tmp_path: Path, layer: str, op: str
) -> None:
    """Through the command that `make check` runs."""
    path = tmp_path / "codegen/schema/thinbit.yaml"
    shutil.copytree(ROOT / "codegen/schema", path.parent)
    text = path.read_text()
    call = text.index(f"op: {op}\n", text.index(f"- name: {layer}\n"))
    mode = text.index("mode: weight.mode,", call)
    path.write_text(text[:mode] + text[mode + len("mode: weight.mode,") :])
    checked = subprocess.run(
        [sys.executable, "-m", "codegen", "check", "--root", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 2
    assert f"{layer}: nothing binds the argument mode of {op}" in checked.stderr


def without(schema: Schema, argument: str) -> Schema:
    """The schema with an argument unbound in the first layer, past the checks."""

    def stripped(call: LayerCall) -> LayerCall:
        return replace(call, bind=tuple(pair for pair in call.bind if pair[0] != argument))

    def changed(layer: Layer) -> Layer:
        methods = tuple(
            replace(method, calls=tuple(stripped(call) for call in method.calls))
            for method in layer.methods
        )
        return replace(layer, methods=methods)

    return replace(schema, layers=tuple(changed(layer) for layer in schema.layers))


@pytest.mark.parametrize("argument", ["mode", "scales", "bias", "beta"])
def test_the_lowering_refuses_too(argument: str) -> None:
    schema = without(read_schema(small_schema(), "small.yaml"), argument)
    with pytest.raises(GenerationError, match=f"nothing binds the argument {argument} of "):
        lower_all(schema, (lower_layers.lower,))
