"""thinbit compare and thinbit inspect."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type

from checkpoints.commands import refused, run, succeeded
from checkpoints.gguf_files import random_blocks, write_gguf
from thinbit.cli.number_ranges import collapse, ranges
from thinbit.io import Checkpoint, write_safetensors

W = np.random.default_rng(31).standard_normal((32, 128)).astype(np.float32)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    write_safetensors(a, {f"layers.{n}.x.weight": W * (n + 1) for n in range(3)} | {"only": W})
    succeeded(run("quantize", a, b, "--mode", "affine:4", "--keep", "layers.2.*"))
    return a, b


def test_the_figures_are_those_of_the_values(pair: tuple[Path, Path]) -> None:
    a, b = pair
    value = json.loads(succeeded(run("compare", a, b, "--json")))
    first, _, third, only = value["tensors"]
    with Checkpoint(b) as checkpoint:
        approximate = checkpoint.quantized("layers.0.x").dequantize().astype(np.float64)
    exact = W.astype(np.float64)
    error = np.sqrt(((approximate - exact) ** 2).sum() / (exact**2).sum())
    cosine = (approximate * exact).sum() / np.linalg.norm(approximate) / np.linalg.norm(exact)
    assert first["relative_rms"] == pytest.approx(error, rel=1e-6)
    assert first["snr_db"] == pytest.approx(-20 * math.log10(error), rel=1e-6)
    assert first["cosine"] == pytest.approx(cosine, rel=1e-9)
    assert first["largest_error"] == pytest.approx(np.abs(approximate - exact).max(), rel=1e-6)
    assert (first["a"], first["b"], first["bits_per_weight"]) == ("F32", "affine:4:g64", 5.0)
    # Equal tensors have no finite SNR, which JSON cannot spell.
    for same in (third, only):
        assert same["relative_rms"] == 0 and same["snr_db"] is None and same["cosine"] == 1
    assert 0 < value["total"]["relative_rms"] < first["relative_rms"] * 1.05


def test_the_table_names_what_differs_and_what_is_missing(pair: tuple[Path, Path]) -> None:
    a, b = pair
    words = succeeded(run("compare", a, b))
    assert "4 tensors, 2 equal" in words
    c = a.with_name("c.safetensors")
    write_safetensors(c, {"layers.0.x.weight": W + 1, "other": W})
    words = succeeded(run("compare", a, c, "--worst", "1"))
    assert "only in A: layers.1.x.weight, layers.2.x.weight, only" in words
    assert "only in B: other" in words
    write_safetensors(c, {"layers.0.x.weight": W[:4]}, overwrite=True)
    refused(run("compare", a, c), 1, r"has the shape \[4, 128\]; in .* it has \[32, 128\]")
    write_safetensors(c, {"z": W}, overwrite=True)
    refused(run("compare", a, c), 1, "no tensor has the name")


def test_the_picture(pair: tuple[Path, Path]) -> None:
    a, b = pair
    picture = a.with_name("error.svg")
    assert f"wrote {picture}" in succeeded(run("compare", a, b, "--plot", picture))
    drawn = picture.read_text()
    assert "<svg" in drawn and drawn.count("<use ") > 2
    refused(run("compare", a, b, "--plot", a.with_name("x.txt")), 1, r"ends in \.png or")
    assert not a.with_name("x.txt").exists()


def test_values_that_are_no_numbers_are_no_crash(tmp_path: Path) -> None:
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    odd = np.array([np.nan, np.inf, 1, 0], np.float32)
    write_safetensors(a, {"x": odd, "y": np.zeros(4, np.float32)})
    write_safetensors(b, {"x": odd[::-1].copy(), "y": np.ones(4, np.float32)})
    x, y = json.loads(succeeded(run("compare", a, b, "--json")))["tensors"]
    assert x["relative_rms"] is None and x["cosine"] is None
    # Against zeros every error is infinite.
    assert y["relative_rms"] is None and y["snr_db"] is None and y["cosine"] == 0
    row = next(line for line in succeeded(run("compare", a, b)).splitlines() if line[0] == "y")
    assert row.split() == ["y", "[4]", "F32", "F32", "32.00", "inf", "-inf", "0.000000", "1"]


def test_inspect_puts_equal_layers_into_one_row(pair: tuple[Path, Path]) -> None:
    _, b = pair
    lines = succeeded(run("inspect", b)).splitlines()
    row = next(line for line in lines if line.startswith("layers.[0-1].x.weight"))
    assert "[32, 128] x 2" in row and "affine:4:g64" in row and row.endswith(" 5,120")
    assert any(line.split()[:3] == ["layers.2.x.weight", "[32,", "128]"] for line in lines)
    summary = next(line for line in lines if line.startswith("affine:4:g64"))
    assert summary.split() == ["affine:4:g64", "2", "8.19", "k", "5.00", "5,120", "13.5%"]
    every = succeeded(run("inspect", b, "--all"))
    assert "layers.0.x.weight" in every and "layers.[" not in every


def test_inspect_shows_foreign_formats_under_their_names(tmp_path: Path) -> None:
    source = np.random.default_rng(32)
    path = write_gguf(
        tmp_path / "x.gguf",
        {
            f"blk.{n}.x.weight": (random_blocks(source, kind, (2, 256)), kind)
            for n, kind in enumerate((Type.Q4_K, Type.Q4_K, Type.Q6_K))
        },
    )
    words = succeeded(run("inspect", path))
    assert "GGUF" in words and "blk.[0-1].x.weight" in words and "no exact form" in words
    value = json.loads(succeeded(run("inspect", path, "--json")))
    assert [tensor["stored_as"] for tensor in value["tensors"]] == ["Q4_K", "Q4_K", "Q6_K"]
    assert value["tensors"][0]["bits_per_weight"] == 4.5
    assert value["tensors"][0]["quantization"] == {"group_size": 32, "bits": 4, "mode": "affine"}


def test_names_collapse_in_their_first_number_alone() -> None:
    names = ["a.0.b.1", "a.1.b.1", "a.3.b.1", "a.0.b.2", "c", "x2", "x3"]
    collapsed = [name for name, _ in collapse(names, str, lambda name: name[0])]
    assert collapsed == ["a.[0-1,3].b.1", "a.0.b.2", "c", "x2", "x3"]
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
