"""`nn.quantize`: the whole model or nothing, and an error that names the layer."""

from __future__ import annotations

import numpy as np
import pytest

from thinbit import ThinbitError, nn


class Block(nn.Module):
    def __init__(self, columns: int) -> None:
        self.up = nn.Linear(np.ones((64, columns), np.float32), np.ones(64, np.float32))
        self.scale = np.ones(columns, np.float32)


class Model(nn.Module):
    def __init__(self, *columns: int) -> None:
        self.embed = nn.Embedding(np.ones((32, 64), np.float32))
        self.layers = [Block(size) for size in columns]
        self.heads = {"out": nn.Linear(np.ones((32, 64), np.float32))}
        self._cache = np.zeros(3, np.float32)


def kinds(model: nn.Module) -> dict[str, str]:
    return {
        path: type(module).__name__
        for path, module in model.named_modules()
        if isinstance(module, nn.Layer)
    }


def test_parameters_have_paths() -> None:
    model = Model(64)
    assert list(model.parameters()) == [
        "embed.weight",
        "layers.0.scale",
        "layers.0.up.weight",
        "layers.0.up.bias",
        "heads.out.weight",
    ]
    assert model.module("layers.0.up") is model.layers[0].up


def test_every_layer_is_quantized() -> None:
    model = Model(64, 128)
    nn.quantize(model, mode="mxfp8")
    assert kinds(model) == {
        "embed": "QuantizedEmbedding",
        "layers.0.up": "QuantizedLinear",
        "layers.1.up": "QuantizedLinear",
        "heads.out": "QuantizedLinear",
    }
    assert model.layers[1].up.weight.mode == "mxfp8"


def test_one_layer_that_does_not_fit_leaves_the_model_as_it_was() -> None:
    model = Model(64, 72)
    before = dict(model.named_modules())
    with pytest.raises(ThinbitError, match=r"^layers\.1\.up: quantize: .*72 elements") as caught:
        nn.quantize(model)
    assert caught.value.rule == "quantize.w.multiple"
    assert dict(model.named_modules()) == before


def test_a_predicate_chooses_and_sets() -> None:
    model = Model(64, 72)
    quantized = {"layers.0.up": {"bits": 8, "group_size": 32}, "embed": True}
    nn.quantize(model, class_predicate=lambda path, _: quantized.get(path, False))
    assert kinds(model) == {
        "embed": "QuantizedEmbedding",
        "layers.0.up": "QuantizedLinear",
        "layers.1.up": "Linear",
        "heads.out": "Linear",
    }
    assert (model.layers[0].up.weight.bits, model.embed.weight.bits) == (8, 4)


def test_what_is_quantized_already_is_left_alone() -> None:
    model = Model(64)
    nn.quantize(model, mode="nvfp4", class_predicate=lambda path, _: path == "heads.out")
    out = model.heads["out"]
    nn.quantize(model, bits=8)
    assert model.heads["out"] is out
    assert model.embed.weight.bits == 8


def test_inputs_are_quantized_where_there_are_floats_to_quantize() -> None:
    model = Model(64)
    nn.quantize(model, mode="nvfp4", quantize_input=True)
    assert kinds(model) == {
        "embed": "QuantizedEmbedding",
        "layers.0.up": "QQLinear",
        "heads.out": "QQLinear",
    }


@pytest.mark.parametrize(
    ("said", "text"),
    [("yes", "returned 'yes'"), ({"bit": 4}, "returned {'bit': 4}"), (None, "returned None")],
)
def test_a_predicate_that_says_something_else_is_an_error(said: object, text: str) -> None:
    with pytest.raises(ValueError, match=f"embed: class_predicate {text}"):
        nn.quantize(
            Model(64),
            class_predicate=lambda path, _: said if path == "embed" else False,  # type: ignore[return-value, arg-type]
        )


def test_a_predicate_is_asked_about_layers_that_can_be_quantized() -> None:
    asked: list[str] = []

    def all_of_them(path: str, _: nn.Module) -> bool:
        asked.append(path)
        return True

    model = Model(64)
    nn.quantize(model, class_predicate=all_of_them)
    nn.quantize(model, class_predicate=all_of_them)
    assert asked == ["embed", "layers.0.up", "heads.out"]


def test_what_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="the model is a Linear itself"):
        nn.quantize(nn.Linear(np.ones((8, 64), np.float32)))
    model = Model(64)
    before = model.embed
    with pytest.raises(KeyError, match="nothing"):
        model.replace({"embed": nn.Module(), "nothing": nn.Module()})
    assert model.embed is before


def test_a_repr_shows_the_tree() -> None:
    lines = repr(Model(64)).splitlines()
    assert lines[0] == "Model("
    assert lines[1] == "  (embed): Embedding(num_embeddings=32, dims=64)"
    assert lines[3] == "    (up): Linear(input_dims=64, output_dims=64, bias=True)"
