"""The options of thinbit quantize, and folders of shards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest
import safetensors.numpy
from gguf import GGMLQuantizationType as Type

from checkpoints.commands import refused, run, succeeded
from checkpoints.gguf_files import random_blocks, write_gguf
from thinbit.io import (
    Checkpoint,
    QuantizationSpec,
    Rule,
    Rules,
    quantize_file,
    write_safetensors,
)

NAMES = ("embed", "layers.0.up", "layers.0.down", "layers.1.up", "layers.1.down", "lm_head")


def tensors() -> dict[str, npt.NDArray[Any]]:
    source = np.random.default_rng(21)
    made: dict[str, npt.NDArray[Any]] = {
        f"{name}.weight": source.standard_normal((16, 128)).astype(np.float32) for name in NAMES
    }
    made["norm.weight"] = np.ones(128, np.float32)
    made["odd.weight"] = source.standard_normal((4, 96)).astype(np.float32)
    return made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_safetensors(tmp_path / "model.safetensors", tensors())
    return tmp_path / "model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model in three shards, with an index, a config and a tokenizer."""
    path = tmp_path / "sharded"
    path.mkdir()
    weights: dict[str, str] = {}
    for number, names in enumerate((NAMES[:2], NAMES[2:4], (*NAMES[4:], "norm", "odd"))):
        file = f"model-{number + 1:05}-of-00003.safetensors"
        shard = {name: array for name, array in tensors().items() if name[:-7] in names}
        write_safetensors(path / file, shard)
        weights.update(dict.fromkeys(shard, file))
    index = {"metadata": {}, "weight_map": weights}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    (path / "config.json").write_text('{"model_type": "test", "quantization_config": null}')
    (path / "tokenizer.json").write_text("{}")
    return path


def specs(path: Path) -> dict[str, str]:
    with Checkpoint(path) as checkpoint:
        return {name: str(module.spec) for name, module in checkpoint.modules.items()}


def test_rules_and_names_to_keep(model: Path) -> None:
    out = model.with_name("out.safetensors")
    words = succeeded(
        run(
            "quantize", model, out, "--mode", "affine:4",
            "--rule", "lm_head=affine:8:g32", "--rule", "layers.*.up=mxfp4", "--rule", "*=nvfp4",
            "--keep", "*.1.*", "--keep", "odd.weight",
        )
    )  # fmt: skip
    assert "keep, because --keep *.1.* says so: layers.1.down.weight, layers.1.up.weight" in words
    assert specs(out) == {
        "lm_head": "affine:8:g32",
        "layers.0.up": "mxfp4",
        "layers.0.down": "nvfp4",
        "embed": "nvfp4",
    }
    stored = safetensors.numpy.load_file(out)
    np.testing.assert_array_equal(stored["layers.1.up.weight"], tensors()["layers.1.up.weight"])
    with Checkpoint(out) as checkpoint:
        said = json.loads(checkpoint.metadata["quantization"])
        # Matrices that stay float among quantized ones say so, as MLX wants it.
        assert said["layers.1.up"] is False and said["odd"] is False and "norm" not in said


def test_rules_that_fit_nothing_or_cannot_be(model: Path) -> None:
    out = model.with_name("out.safetensors")

    def with_options(*options: str) -> Any:
        return run("quantize", model, out, "--mode", "mxfp4", *options)

    refused(with_options("--rule", "lm_hed=affine:8"), 1, "called lm_hed; did you mean lm_head")
    refused(with_options("--keep", "nothing*"), 1, r"no tensor is called nothing\*")
    refused(
        with_options("--rule", "odd=affine:4:g64"),
        1,
        "the rule odd=affine:4:g64 is for odd.weight, whose 96 columns groups of 64 do not divide",
    )
    refused(with_options("--rule", "lm_head"), 2, "is no rule; one is spelled like")
    refused(with_options("--rule", "lm_head=affine:7"), 2, "not 7")
    refused(with_options("--jobs", "0"), 2, "must be 1 or more")
    assert not out.exists()


def test_a_rule_reaches_weights_of_experts(tmp_path: Path) -> None:
    w = np.random.default_rng(22).standard_normal((3, 8, 64)).astype(np.float32)
    path, out = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    write_safetensors(path, {"experts.weight": w, "x.weight": w[0]})
    default = QuantizationSpec.make("mxfp4")
    quantize_file(path, out, default)
    assert specs(out) == {"x": "mxfp4"}
    quantize_file(path, out, Rules(default, (Rule("experts", default),)), overwrite=True)
    with Checkpoint(out) as checkpoint:
        assert checkpoint.quantized("experts").shape == w.shape


def test_a_dry_run_shows_the_table_and_writes_nothing(model: Path) -> None:
    before = sorted(model.parent.iterdir())
    words = succeeded(run("quantize", model, "--mode", "affine:4", "--dry-run"))
    assert sorted(model.parent.iterdir()) == before
    row = next(line for line in words.splitlines() if line.startswith("lm_head.weight"))
    # 4 bits, and two float32 for each group of 64; 16 x 128 elements
    assert row.split()[:4] == ["lm_head.weight", "[16,", "128]", "affine:4:g64"]
    assert row.split()[4:6] == ["5.00", "1,280"] and 0.05 < float(row.split()[6]) < 0.15
    assert "8 tensors, 6 quantized" in words and "nothing was written" in words
    dry = json.loads(succeeded(run("quantize", model, "--mode", "affine:4", "--dry-run", "--json")))
    out = model.with_name("out.safetensors")
    real = json.loads(succeeded(run("quantize", model, out, "--mode", "affine:4", "--json")))
    assert dry["output"] is None and dry["total"]["bytes_out"] is None
    for report in (*dry["tensors"], *real["tensors"]):
        del report["seconds"]
    assert dry["tensors"] == real["tensors"]
    refused(run("quantize", model, "--mode", "affine:4"), 2, "OUT is missing")


def test_requantizing_has_to_be_allowed(model: Path) -> None:
    eight, four = model.with_name("8.safetensors"), model.with_name("4.safetensors")
    succeeded(run("quantize", model, eight, "--mode", "affine:8"))
    refused(run("quantize", eight, four, "--mode", "affine:4"), 1, "--allow-requantize quantizes")
    done = run("quantize", eight, four, "--mode", "affine:4", "--allow-requantize",
               "--rule", "embed=affine:8")  # fmt: skip
    assert "keep, because it is affine:8:g64 already: embed.weight" in succeeded(done)
    assert specs(four) == {name: "affine:4:g64" for name in NAMES} | {"embed": "affine:8:g64"}
    with Checkpoint(eight) as before, Checkpoint(four) as after:
        assert after.quantized("embed") == before.quantized("embed")
        from_floats = tensors()["lm_head.weight"]
        error = after.quantized("lm_head").dequantize() - from_floats
        assert np.sqrt((error**2).mean() / (from_floats**2).mean()) < 0.12


def test_a_gguf_file_of_mixed_types_is_quantized_anew(tmp_path: Path) -> None:
    source = np.random.default_rng(23)
    kinds = (Type.Q4_0, Type.Q6_K, Type.Q4_K)
    blocks = {k.name: random_blocks(source, k, (4, 256)) for k in kinds}
    tensors = {f"{k.name}.weight": (blocks[k.name], k) for k in kinds}
    path = write_gguf(tmp_path / "x.gguf", tensors)
    out = tmp_path / "out.safetensors"
    refused(run("quantize", path, out, "--mode", "mxfp8"), 1, "'Q6_K.weight' is Q6_K, which has no")
    succeeded(run("quantize", path, out, "--mode", "affine:8", "--allow-requantize"))
    with Checkpoint(out) as checkpoint:
        for kind in kinds:
            exact = gguf.dequantize(blocks[kind.name], kind)
            error = checkpoint.quantized(kind.name).dequantize("float32") - exact
            assert np.abs(error).max() < 0.01 * np.abs(exact).max()


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_folder_of_shards_gives_what_one_file_gives(model: Path, folder: Path, jobs: str) -> None:
    one, out = model.with_name("one.safetensors"), model.with_name("out")
    succeeded(run("quantize", model, one, "--mode", "nvfp4"))
    done = run("quantize", folder, out, "--mode", "nvfp4", "--jobs", jobs, "--json")
    with Checkpoint(folder) as source:
        reports = json.loads(succeeded(done))["tensors"]
        assert [report["name"] for report in reports] == list(source.tensors)
    assert sorted(path.name for path in out.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    expected = safetensors.numpy.load_file(one)
    found = safetensors.numpy.load_file(out / "model.safetensors")
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        assert found[name].tobytes() == array.tobytes(), name
    config = json.loads((out / "config.json").read_text())
    said = {"group_size": 16, "bits": 4, "mode": "nvfp4"}
    assert config == {"model_type": "test", "quantization": said, "quantization_config": said}


def test_large_outputs_are_shards_with_an_index(folder: Path) -> None:
    out = folder.with_name("out")
    spec = QuantizationSpec.make("affine", bits=8)
    report = quantize_file(folder, out, spec, shard_bytes=5000)
    files = sorted(path.name for path in out.glob("*.safetensors"))
    assert files[0] == f"model-00001-of-{len(files):05}.safetensors" and len(files) > 2
    index = json.loads((out / "model.safetensors.index.json").read_text())
    with Checkpoint(out) as checkpoint:
        assert set(index["weight_map"]) == set(checkpoint.tensors)
        assert index["metadata"]["total_size"] == sum(
            info.nbytes for info in checkpoint.tensors.values()
        )
        assert report.bytes_out == sum((out / file).stat().st_size for file in files)
        for name in NAMES:
            parts = {index["weight_map"][f"{name}.{p}"] for p in ("weight", "scales", "biases")}
            assert len(parts) == 1
            w = tensors()[f"{name}.weight"]
            assert np.abs(checkpoint.quantized(name).dequantize() - w).max() < 0.03


def test_shards_that_do_not_agree_are_refused(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    good = json.loads(index.read_text())
    name = "embed.weight"

    def with_file(file: Any) -> None:
        index.write_text(json.dumps({"weight_map": {**good["weight_map"], name: file}}))

    out = folder.with_name("out")
    with_file("model-00003-of-00003.safetensors")
    refused(run("quantize", folder, out, "--mode", "mxfp4"), 1, "says that tensor 'embed.weight'")
    with_file("../model-00001-of-00003.safetensors")
    refused(run("quantize", folder, out, "--mode", "mxfp4"), 1, "which is no file's name")
    with_file(7)
    refused(run("quantize", folder, out, "--mode", "mxfp4"), 1, "names 7, which is no file's name")
    index.unlink()
    write_safetensors(folder / "more.safetensors", {name: np.ones((2, 64), np.float32)})
    refused(run("quantize", folder, out, "--mode", "mxfp4"), 1, "'embed.weight' is in .* too")
    assert not out.exists()


def test_a_folder_that_holds_no_checkpoint_is_never_replaced(folder: Path) -> None:
    out = folder.with_name("precious")
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    refused(run("quantize", folder, out, "--mode", "mxfp4", "--force"), 1, "so it stays")
    assert (out / "letter.txt").read_text() == "dear"
    refused(run("quantize", folder, folder, "--mode", "mxfp4", "--force"), 1, "is the input")
    shard = folder / "model-00001-of-00003.safetensors"
    before = shard.read_bytes()
    refused(run("quantize", folder, shard, "--mode", "mxfp4", "--force"), 1, "is the input")
    assert shard.read_bytes() == before
