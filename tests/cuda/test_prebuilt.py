"""Cubins that were built ahead: the file beside the plugin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.cuda_modules import Module, modules
from codegen.schema_file import load_schema
from tools.cubins.build import ROOT, Cubin
from tools.cubins.pack import module_hash, write

ARCHITECTURE = "sm_90a"
CALL = """
import numpy as np, thinbit
from cuda.device_array import DeviceArray
w = np.ones((1, 32), np.float32)
parts = thinbit.quantize(w, mode="mxfp4")[:2]
out = tuple(DeviceArray(np.zeros_like(part)) for part in parts)
context = thinbit.Context("cuda")
thinbit.quantize(DeviceArray(w), mode="mxfp4", out=(*out, None), context=context)
context.sync()
print(out[0].now().tolist())
"""
MODULE: Module = next(m for m in modules(load_schema(ROOT)) if m.name == "quantize_mxfp4_4")


Done = subprocess.CompletedProcess[str]


def call(plugin: Path, cache: Path, compiler: str | None = None) -> Done:
    environment = os.environ | {
        "THINBIT_CUDA_LIBRARY": str(plugin),
        "THINBIT_CUDA_CACHE": str(cache),
        "PYTHONPATH": str(ROOT / "tests"),
    }
    if compiler is not None:
        environment["THINBIT_NVRTC_LIBRARY"] = compiler
    command = [sys.executable, "-c", CALL]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the emulated compiler makes of the module; the plugin keeps it by the module's hash."""
    cache = tmp_path_factory.mktemp("cache")
    done = call(Path(os.environ["THINBIT_CUDA_LIBRARY"]), cache)
    assert done.returncode == 0, done.stderr
    (path,) = cache.iterdir()
    assert path.name == f"{module_hash(MODULE, ARCHITECTURE, {}):016x}-nvrtc-13.0.cubin"
    return path.read_bytes()


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The plugin in a folder of its own."""
    return Path(shutil.copy(os.environ["THINBIT_CUDA_LIBRARY"], tmp_path))


def test_a_cubin_beside_the_plugin_needs_no_compiler(plugin: Path, compiled: bytes) -> None:
    other = Cubin(MODULE, "sm_80", b"not this one")
    write(plugin.parent / "thinbit_cuda.cubins", [other, Cubin(MODULE, ARCHITECTURE, compiled)])
    done = call(plugin, plugin.parent / "cache", compiler="/nowhere")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[[1717986918, 1717986918, 1717986918, 1717986918]]\n"


@pytest.mark.parametrize("content", [b"", b"thinbit cubins 1\n\xff\xff\xff\xff\0\0\0\0", None])
def test_a_file_without_the_cubin_and_no_compiler_is_an_error_that_says_so(
    plugin: Path, content: bytes | None
) -> None:
    path = plugin.parent / "thinbit_cuda.cubins"
    if content is None:
        write(path, [Cubin(MODULE, "sm_80", b"of another architecture")])
    else:
        path.write_bytes(content)
    done = call(plugin, plugin.parent / "cache", compiler="/nowhere")
    assert "quantize_mxfp4_4 are not compiled for sm_90a, and there is no libnvrtc" in done.stderr
