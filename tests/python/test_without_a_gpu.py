"""What a machine without an NVIDIA driver, or with a broken installation, hears of the GPU."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

PROGRAM = """
import thinbit
try:
    thinbit.Context("cuda")
except thinbit.ThinbitError as error:
    print(error.status, error)
"""


def _heard(**settings: str) -> str:
    environment = {**os.environ, **settings}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_without_a_driver_the_installed_plugin_says_so() -> None:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        heard = _heard()
        assert heard.startswith("unsupported ")
        assert "there is no NVIDIA driver for CUDA: libcuda.so.1 does not load" in heard
    else:
        pytest.skip("there is an NVIDIA driver here")


def test_a_library_that_does_not_load_is_named() -> None:
    heard = _heard(THINBIT_CUDA_LIBRARY="/nowhere/libthinbit_cuda.so")
    assert heard.startswith("unsupported ")
    assert "THINBIT_CUDA_LIBRARY" in heard
    assert "/nowhere/libthinbit_cuda.so" in heard


def test_a_library_that_is_no_plugin_is_refused() -> None:
    heard = _heard(THINBIT_CUDA_LIBRARY="libc.so.6")
    assert heard.startswith("unsupported ")
    assert "the CUDA plugin has no function thinbit_cuda_plugin" in heard
