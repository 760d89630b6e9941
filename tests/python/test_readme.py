"""What the README shows works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from thinbit.io import QuantizationSpec, quantize_file, write_safetensors

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]


def test_the_python_of_the_first_screen_runs(tmp_path: Path) -> None:
    w = np.random.default_rng(5).standard_normal((64, 128)).astype(np.float32)
    write_safetensors(tmp_path / "model.safetensors", {"encoder.layer.0.output.dense.weight": w})
    spec = QuantizationSpec.parse("mxfp8")
    quantize_file(tmp_path / "model.safetensors", tmp_path / "model-mxfp8.safetensors", spec)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert code is not None
    check = "assert y.shape == (1, 64) and y.dtype == np.float32; assert (y == x @ w.T).all()"
    done = subprocess.run(
        [sys.executable, "-c", code[1] + check], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    missing = [link for link in links if not os.path.exists((ROOT / page).parent / link)]
    assert missing == []
