"""Models on disk: what is saved is loaded, by thinbit and by mlx, and nothing half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thinbit import QuantizedTensor, nn
from thinbit.io import CheckpointError, SafetensorsReader

RANDOM = np.random.default_rng(11)


def floats(*shape: int) -> Any:
    return RANDOM.standard_normal(shape).astype(np.float32)


class Model(nn.Module):
    def __init__(self) -> None:
        self.embed = nn.Embedding(floats(32, 64))
        self.layers = [nn.Linear(floats(64, 64), floats(64)), nn.Linear(floats(16, 64))]
        self.norm = floats(64)


def quantized() -> Model:
    model = Model()
    specs: dict[str, Any] = {
        "embed": {"group_size": 32, "bits": 8},
        "layers.0": {"group_size": 64, "bits": 4},
        "layers.1": {"mode": "nvfp4"},
    }
    nn.quantize(model, class_predicate=lambda path, _: specs.get(path, False))
    return model


def same(a: nn.Module, b: nn.Module) -> bool:
    left, right = a.parameters(), b.parameters()
    return left.keys() == right.keys() and all(
        value == right[name]
        if isinstance(value, QuantizedTensor)
        else np.array_equal(value, right[name])  # type: ignore[arg-type]
        for name, value in left.items()
    )


@pytest.mark.parametrize("name", ["model.safetensors", "folder"])
@pytest.mark.parametrize("make", [Model, quantized])
def test_what_is_saved_is_loaded(make: Any, name: str, tmp_path: Path) -> None:
    saved, loaded = make(), Model()
    nn.save(saved, tmp_path / name)
    nn.load(loaded, tmp_path / name)
    assert same(saved, loaded)
    assert repr(loaded) == repr(saved)


def test_a_float_checkpoint_makes_layers_float_again(tmp_path: Path) -> None:
    saved, loaded = Model(), quantized()
    nn.save(saved, tmp_path / "model.safetensors")
    nn.load(loaded, tmp_path / "model.safetensors")
    assert same(saved, loaded)


def test_a_layer_goes_on_quantizing_its_input(tmp_path: Path) -> None:
    model, other = Model(), Model()
    nn.quantize(model, mode="mxfp8", quantize_input=True)
    nn.quantize(other, mode="mxfp8", quantize_input=True)
    nn.save(model, tmp_path / "model.safetensors")
    nn.load(other, tmp_path / "model.safetensors")
    assert isinstance(other.layers[1], nn.QQLinear)
    assert same(model, other)


def test_shards_have_an_index_and_a_config(tmp_path: Path) -> None:
    saved, loaded = quantized(), Model()
    nn.save(saved, tmp_path / "model", config={"hidden_size": 64}, shard_bytes=3000)
    names = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert names == [
        "config.json",
        "model-00001-of-00003.safetensors",
        "model-00002-of-00003.safetensors",
        "model-00003-of-00003.safetensors",
        "model.safetensors.index.json",
    ]
    config = json.loads((tmp_path / "model/config.json").read_text())
    assert config["hidden_size"] == 64
    assert config["quantization"]["layers.1"]["mode"] == "nvfp4"
    assert config["quantization"] == config["quantization_config"]
    nn.load(loaded, tmp_path / "model")
    assert same(saved, loaded)


def test_mlx_reads_and_writes_the_same_bytes(tmp_path: Path) -> None:
    mx = pytest.importorskip("mlx.core")
    model = quantized()
    nn.save(model, tmp_path / "model.safetensors")
    arrays, metadata = mx.load(str(tmp_path / "model.safetensors"), return_metadata=True)
    weight = model.layers[0].weight
    theirs = mx.dequantize(
        arrays["layers.0.weight"], arrays["layers.0.scales"], arrays["layers.0.biases"], 64, 4
    )
    np.testing.assert_array_equal(np.array(theirs), weight.dequantize())
    mx.save_safetensors(str(tmp_path / "again.safetensors"), arrays, metadata)
    with (
        SafetensorsReader(tmp_path / "model.safetensors") as ours,
        SafetensorsReader(tmp_path / "again.safetensors") as again,
    ):
        assert ours.tensors.keys() == again.tensors.keys()
        for name in ours.tensors:
            assert b"".join(ours.chunks(name)) == b"".join(again.chunks(name)), name
    loaded = Model()
    nn.load(loaded, tmp_path / "again.safetensors")
    assert same(model, loaded)


class Longer(Model):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(floats(8, 64))


class Wider(Model):
    def __init__(self) -> None:
        super().__init__()
        self.layers[1] = nn.Linear(floats(16, 128))


class OtherNorm(Model):
    def __init__(self) -> None:
        super().__init__()
        self.norm = floats(32)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Longer, "there is no tensor 'head.weight'"),
        (Wider, r"module 'layers\.1' has a weight of \[16, 64\], and the model's is \[16, 128\]"),
        (OtherNorm, r"tensor 'norm' is \[64\], and the model's is \[32\]"),
    ],
)
def test_a_checkpoint_that_does_not_fit_changes_nothing(
    kind: type[Model], text: str, tmp_path: Path
) -> None:
    nn.save(quantized(), tmp_path / "model.safetensors")
    model = kind()
    before = dict(model.parameters())
    with pytest.raises(CheckpointError, match=text):
        nn.load(model, tmp_path / "model.safetensors")
    after = model.parameters()
    assert all(after[name] is value for name, value in before.items())


def test_what_the_model_has_no_place_for_is_an_error_where_strict(tmp_path: Path) -> None:
    nn.save(Longer(), tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"no place for 1 tensors: head\.weight"):
        nn.load(Model(), tmp_path / "model.safetensors")
    nn.load(Model(), tmp_path / "model.safetensors", strict=False)


def test_weights_are_read_one_by_one(tmp_path: Path) -> None:
    nn.save(quantized(), tmp_path / "model.safetensors")
    with nn.Weights(tmp_path / "model.safetensors") as weights:
        assert set(weights.names) == set(quantized().parameters())
        assert isinstance(weights.linear("layers.1", quantize_input=True), nn.QQLinear)
        assert weights.embedding("embed", dtype="float16")(np.array([1])).dtype == np.float16
        with pytest.raises(CheckpointError, match=r"layers\.0\.weight' is quantized"):
            weights.array("layers.0.weight")
        with pytest.raises(CheckpointError, match=r"module 'layers\.0': QQLinear: .* is affine"):
            weights.linear("layers.0", quantize_input=True)


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    nn.save(Model(), tmp_path / "model")
    with pytest.raises(CheckpointError, match="exists already"):
        nn.save(Model(), tmp_path / "model")
    nn.save(quantized(), tmp_path / "model", overwrite=True)
    with pytest.raises(ValueError, match="the model is a Linear itself"):
        nn.load(nn.Linear(floats(2, 2)), tmp_path / "model")
