"""`device="metal"` in Python: the package, over the library with the emulated Metal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from metal.emulation import BUILD, LIBRARY, built

PREAMBLE = """
import numpy as np
import thinbit

rng = np.random.default_rng(7)
w = rng.standard_normal((24, 64)).astype(np.float32)
x = rng.standard_normal((3, 64)).astype(np.float32)
"""


def run(program: str, library: Path | None = BUILD) -> str:
    """What a program prints that finds the library in a folder before the package's own."""
    environment = dict(os.environ)
    if library is not None:
        built(library / "libthinbit.so")
        environment["LD_LIBRARY_PATH"] = str(library)
    command = [sys.executable, "-c", PREAMBLE + program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("mode", ["affine", "mxfp4", "mxfp8", "nvfp4"])
def test_quantize_and_dequantize_give_the_bytes_of_the_cpu(mode: str) -> None:
    program = f"""
def bytes_on(device):
    q = thinbit.QuantizedTensor.quantize(w, mode={mode!r}, device=device)
    parts = [q.packed, q.scales, q.biases, q.dequantize(device=device)]
    return [part.tobytes() for part in parts if part is not None]

assert all(any(part) for part in bytes_on("cpu"))
print(bytes_on("metal") == bytes_on("cpu"))
"""
    assert run(program) == "True"


def test_products_agree_with_the_real_product() -> None:
    program = """
q = thinbit.QuantizedTensor.quantize(w, mode="mxfp4")
out = thinbit.quantized_matmul(x, q, device="metal")
real = x.astype(np.float64) @ q.dequantize().astype(np.float64).T
assert isinstance(out, np.ndarray) and out.dtype == np.float32
print(np.abs(out - real).max() <= 1e-6 * (np.abs(x) @ np.abs(q.dequantize()).T).max())
"""
    assert run(program) == "True"


def test_strided_operands_and_out() -> None:
    program = """
q = thinbit.QuantizedTensor.quantize(w, mode="mxfp8")
straight = thinbit.quantized_matmul(x, q, device="metal")
out = np.full((24, 3), np.nan, np.float32)
given = thinbit.quantized_matmul(np.asfortranarray(x), q, out=out.T, device="metal")
print(given.base is out and given.tobytes() == straight.tobytes())
"""
    assert run(program) == "True"


def test_an_error_of_values_names_the_element() -> None:
    program = """
w[5, 3] = np.nan
try:
    thinbit.quantize(w, device="metal")
except thinbit.ThinbitError as error:
    print(error.rule, "323" in str(error))
"""
    assert run(program) == "quantize.w.finite True"


def test_what_the_gpu_failed_at_comes_out_of_the_call_and_of_sync() -> None:
    program = f"""
import ctypes
emulation = ctypes.CDLL({str(LIBRARY)!r})
context = thinbit.Context("metal")
why = b"the GPU was reset"
emulation.metal_emulation_fail_next(why, 2)  # numpy's calls are made again for their error
for call in (lambda: thinbit.to_fp8(x, context=context), context.sync, context.sync):
    try:
        call()
        print("fine")
    except thinbit.ThinbitError as error:
        print(error.op, error.status, why.decode() in str(error))
"""
    assert run(program).splitlines() == ["to_fp8 device True", "context_sync device True", "fine"]


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a Metal")
def test_a_build_without_metal_says_why() -> None:
    program = """
for call in (lambda: thinbit.quantize(w, device="metal"), lambda: thinbit.Context("metal")):
    try:
        call()
    except thinbit.ThinbitError as error:
        print(error.rule, error.status, "Metal is Apple's" in str(error))
"""
    assert run(program, library=None).splitlines() == [
        "quantize.device.unsupported unsupported True",
        "context_create.backend.unsupported unsupported True",
    ]
