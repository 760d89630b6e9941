"""compressed-tensors, ModelOpt and gpt-oss, against what their own dequantizers gave.

`owners/make.py` made the files and the values, with the owners' libraries.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import safetensors.numpy

from exact_values import exact_values
from thinbit import QuantizedTensor
from thinbit.io import (
    Checkpoint,
    CheckpointError,
    SafetensorsReader,
    SafetensorsWriter,
    TensorDeclaration,
    convert,
    open_source,
    write_safetensors,
)

OWNERS = Path(__file__).parent / "owners"
FORMATS = {
    "pack-quantized": "compressed-tensors pack-quantized",
    "nvfp4-pack-quantized": "compressed-tensors nvfp4-pack-quantized",
    "mxfp4-pack-quantized": "compressed-tensors mxfp4-pack-quantized",
    "mxfp8-quantized": "compressed-tensors mxfp8-quantized",
    "modelopt": "ModelOpt NVFP4",
    "gpt-oss": "gpt-oss MXFP4",
}
# Where a float32 of theirs has to become another float32: a divisor a factor, a zero point a bias.
LOSSY = {"pack-quantized": {"b3_g128_zero"}, "nvfp4-pack-quantized": {"x"}}
# Whose dequantizers round to float32 twice: the product of both scales, and that with the element.
ROUNDING_TWICE = ("nvfp4-pack-quantized", "modelopt")


def owner_values(name: str) -> dict[str, npt.NDArray[np.float32]]:
    return safetensors.numpy.load_file(OWNERS / name / "values")


@pytest.mark.parametrize("name", FORMATS)
def test_every_value_is_that_of_the_owners_dequantizer(tmp_path: Path, name: str) -> None:
    with open_source(OWNERS / name) as source:
        assert source.format == FORMATS[name]
        report = convert(source, tmp_path / "out")
    lossy = {tensor.step.module for tensor in report.lossy}
    assert lossy == LOSSY.get(name, set())
    expected = owner_values(name)
    with Checkpoint(tmp_path / "out") as checkpoint:
        assert checkpoint.modules.keys() == expected.keys()
        for module, theirs in expected.items():
            assert np.isfinite(theirs).all() and (theirs != 0).mean() > 0.3
            ours = exact_values(checkpoint.quantized(module))
            if module in lossy or name in ROUNDING_TWICE:
                largest = np.abs(theirs).max()
                np.testing.assert_allclose(ours, theirs, rtol=4e-7, atol=1e-7 * largest)
            else:
                np.testing.assert_array_equal(ours.astype(np.float32), theirs, err_msg=module)


@pytest.mark.parametrize("name", FORMATS)
def test_codes_and_scales_are_copied_bytes(name: str) -> None:
    """All but integers of 7 bits: their codes are in the file as they are in the output."""
    with SafetensorsReader(OWNERS / name / "model.safetensors") as stored:
        pieces = {b"".join(stored.chunks(tensor)) for tensor in stored.tensors}
    with open_source(OWNERS / name) as source:
        for tensor in source.tensors.values():
            value = tensor.read()
            if isinstance(value, QuantizedTensor):
                assert (value.packed.tobytes() in pieces) != (tensor.name.startswith("b7"))
                assert value.mode == "affine" or value.scales.tobytes() in pieces


def test_the_rest_of_a_folder_comes_along(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(OWNERS / "modelopt", folder)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "notes.bin").write_bytes(b"no")
    with open_source(folder) as source:
        convert(source, tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "tokenizer.json").read_text() == "{}"
    assert sorted(path.name for path in out.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    config = json.loads((out / "config.json").read_text())
    said = {"group_size": 16, "bits": 4, "mode": "nvfp4"}
    assert config == {"model_type": "test", "quantization": said, "quantization_config": said}
    with Checkpoint(out) as checkpoint:
        # Scales of activations have no place in the layout; the norm stays.
        assert list(checkpoint.plain) == ["norm.weight"]


def test_the_bias_of_experts_is_named_as_a_layers(tmp_path: Path) -> None:
    module = "model.layers.0.mlp.experts.gate_up_proj"
    with open_source(OWNERS / "gpt-oss") as source:
        assert set(source.tensors) == {f"{module}.weight", f"{module}.bias"}
        assert source.tensors[f"{module}.weight"].shape == (3, 6, 256)


REFUSED: dict[str, tuple[str, str, npt.NDArray[Any], str]] = {
    "zero points of a wrong shape": (
        "pack-quantized",
        "b4_g64_zero.weight_zero_point",
        np.zeros((2, 2), np.int32),
        r"weight_zero_point' is I32 \[2, 2\]; it must be I32 \[1, 4\]",
    ),
    "an order of columns": (
        "pack-quantized",
        "b4_g64_zero.weight_g_idx",
        np.zeros(256, np.int32),
        "orders the columns by activation",
    ),
    "groups of 16": (
        "pack-quantized",
        "b4_g64_zero.weight_scale",
        np.ones((6, 16), np.float16),
        "a scale for each 16 elements",
    ),
    "a shape that does not fit": (
        "pack-quantized",
        "b4_g64_zero.weight_shape",
        np.array([6, 2**62]),
        "does not fit",
    ),
    "too few scales": (
        "modelopt",
        "x.weight_scale",
        np.zeros((6, 15), np.uint8),
        "weight_scale' is U8 .* must be F8_E4M3",
    ),
    "a global scale of 0": (
        "nvfp4-pack-quantized",
        "x.weight_global_scale",
        np.zeros(1, np.float32),
        "must be positive and finite",
    ),
    "blocks without their axis": (
        "gpt-oss",
        "model.layers.0.mlp.experts.gate_up_proj_scales",
        np.zeros((3, 6, 7), np.uint8),
        r"do not fit: they must be U8 \[E, N, K / 32, 16\]",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_parts_that_do_not_fit_are_an_error(tmp_path: Path, case: str) -> None:
    name, tensor, array, problem = REFUSED[case]
    shutil.copytree(OWNERS / name, tmp_path / "in")
    with open_source(OWNERS / name) as good:
        assert good.tensors
    path = tmp_path / "in" / "model.safetensors"
    replace_tensor(path, tensor, array)
    with pytest.raises(CheckpointError, match=problem):
        open_source(tmp_path / "in")


def replace_tensor(path: Path, name: str, array: npt.NDArray[Any]) -> None:
    with SafetensorsReader(path) as reader:
        kept = [info for info in reader.tensors.values() if info.name != name]
        data = {info.name: b"".join(reader.chunks(info.name)) for info in kept}
    declared = [TensorDeclaration(info.name, info.dtype, info.shape) for info in kept]
    declared.append(TensorDeclaration.of(name, array))
    with SafetensorsWriter(path, declared, overwrite=True) as writer:
        for info in kept:
            writer.copy(info.name, [data[info.name]])
        writer.write(name, array)


FOREIGN = {
    "gptq": (
        {"quant_method": "gptq"},
        "x.qweight",
        "was quantized by 'gptq', which cannot be read",
    ),
    "awq, on its own": (None, "x.qweight", "was quantized by 'gptq or awq'"),
    "bitsandbytes": ({"quant_method": "bitsandbytes"}, "x.weight", "NF4 codes have no exact form"),
    "fp8": (None, "x.weight_scale_inv", "was quantized by 'fp8'"),
    "sparse": (
        {"quant_method": "compressed-tensors", "format": "marlin-24"},
        "x.weight",
        "'marlin-24' is sparse",
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_formats_that_cannot_be_read_are_named(tmp_path: Path, case: str) -> None:
    said, name, problem = FOREIGN[case]
    write_safetensors(tmp_path / "model.safetensors", {name: np.zeros((2, 2), np.int32)})
    if said:
        (tmp_path / "config.json").write_text(json.dumps({"quantization_config": said}))
    with pytest.raises(CheckpointError, match=problem):
        open_source(tmp_path)


def test_seven_bits_are_stored_in_eight() -> None:
    with open_source(OWNERS / "pack-quantized") as source:
        specs = {str(t.spec) for t in source.tensors.values() if t.name.startswith("b7")}
        assert specs == {"affine:8:g128"}
        # Zero points make biases that bfloat16 would round; those scales became float32.
        kinds = {t.name.split(".")[0]: t.dtype for t in source.tensors.values()}
        assert kinds["b4_g128_sym"] == "BF16" and kinds["b4_g64_zero"] == "F32"
