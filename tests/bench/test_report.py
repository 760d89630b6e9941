"""The page as a whole: it is made of whatever a run has."""

import json
from dataclasses import asdict
from pathlib import Path

from bench import report
from bench.model import Cell, Run


def product(peer: str, m: int, **fields: object) -> Cell:
    defaults: dict[str, object] = {
        "name": "affine 4",
        "x": "bf16",
        "inside": "bf16",
        "group": "four",
        "threads": 2,
        "n": 64,
        "k": 64,
        "nbytes": 2304,
        "seconds": [0.001 * m],
        "beside": [0.0005],
        "foreign": [0.0],
        "error": 0.001,
        "bound": 0.1 if peer == "thinbit_cpu" else None,
    }
    return Cell(regime="product", peer=peer, m=m, **{**defaults, **fields})  # type: ignore[arg-type]


def a_run(foreign: float) -> Run:
    machine = {"when": "2026-01-01 00:00 UTC", "cpu": "a CPU", "cores": 2, "extensions": ["avx2"]}
    machine |= {"caches": ["L2 1024 KiB"], "memory_gib": 8, "system": "Linux"}
    cells = [product("thinbit_cpu", m, foreign=[foreign]) for m in (1, 2, 8, 512)]
    cells += [product("mlx_cpu", m) for m in (1, 8)]
    cells.append(product("mlx_cpu", 512, seconds=[], beside=[], blank="not run: M = 8 took 1 s"))
    cells.append(Cell("codec", "thinbit_cpu", "quantize mxfp4", seconds=[1.0], beside=[0.8]))
    cells.append(Cell("call", "mlx_cpu", "eval", seconds=[1e-5]))
    cells.append(Cell("path", "thinbit_cpu", "quantized_matmul", m=1, seconds=[1e-3]))
    cells.append(Cell("limit", "limits", "f32 FMA", threads=2, seconds=[1e-11]))
    settings = {"plan": "full", "seconds": 600, "waited": 0}
    return Run(machine, {"thinbit_cpu": "1"}, {"ggml": "not installed"}, settings, cells)


def test_a_page_has_pictures_tables_and_named_blanks(tmp_path: Path) -> None:
    (tmp_path / "cpu-notes.md").write_text("## Why\n\nBecause.\n")
    written = report.write(a_run(0.0), tmp_path / "cpu.md")
    assert [path.name for path in written] == [
        "cpu.md",
        *(f"cpu-{name}.png" for name in ("decode", "against-m", "prefill", "codecs", "calls")),
    ]
    page = (tmp_path / "cpu.md").read_text()
    assert all(path.exists() and (path.suffix == ".md" or path.name in page) for path in written)
    assert "missing: not installed" in page
    assert "- MLX affine 4, bf16 x: 64 x 64 M = 512 2 threads: not run: M = 8 took 1 s" in page
    assert "## Why\n\nBecause.\n" in page
    assert "not quiet" not in page


def test_a_busy_machine_is_said_at_the_top(tmp_path: Path) -> None:
    report.write(a_run(0.9), tmp_path / "cpu.md")
    assert "**The machine was not quiet.**" in (tmp_path / "cpu.md").read_text()


def test_a_run_comes_back_from_json() -> None:
    run = a_run(0.0)
    found = json.loads(json.dumps(asdict(run)))
    assert Run(**{**found, "cells": [Cell(**cell) for cell in found["cells"]]}) == run
