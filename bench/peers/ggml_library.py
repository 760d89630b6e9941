"""ggml's shared libraries, as the PyPI package ggml-python built them, through ctypes."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
from ctypes import c_bool, c_char_p, c_int, c_int64, c_size_t, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

# ggml.h: enum ggml_type.
TYPES = {
    "f32": 0,
    "q4_0": 2,
    "q8_0": 8,
    "q2_K": 10,
    "q3_K": 11,
    "q4_K": 12,
    "q5_K": 13,
    "q6_K": 14,
    "iq4_nl": 20,
    "bf16": 30,
    "mxfp4": 39,
    "nvfp4": 40,
    "q1_0": 41,
}


class InitParams(ctypes.Structure):
    """struct ggml_init_params."""

    _fields_ = (("mem_size", c_size_t), ("mem_buffer", c_void_p), ("no_alloc", c_bool))


class TypeTraits(ctypes.Structure):
    """struct ggml_type_traits."""

    _fields_ = (
        ("name", c_char_p),
        ("block", c_int64),
        ("interleave", c_int64),
        ("size", c_size_t),
        ("quantized", c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_int64)),
        ("from_float", c_void_p),
    )


_LOG = ctypes.CFUNCTYPE(None, c_int, c_char_p, c_void_p)


def _ignore(level: int, text: bytes, data: int) -> None:
    """Takes what ggml says of every tensor that it repacks."""


_SILENT = _LOG(_ignore)


# Result and arguments of each function.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "ggml_version": (c_char_p, []),
    "ggml_log_set": (None, [_LOG, c_void_p]),
    "ggml_init": (c_void_p, [InitParams]),
    "ggml_free": (None, [c_void_p]),
    "ggml_tensor_overhead": (c_size_t, []),
    "ggml_graph_overhead_custom": (c_size_t, [c_size_t, c_bool]),
    "ggml_new_tensor_2d": (c_void_p, [c_void_p, c_int, c_int64, c_int64]),
    "ggml_mul_mat": (c_void_p, [c_void_p, c_void_p, c_void_p]),
    "ggml_new_graph_custom": (c_void_p, [c_void_p, c_size_t, c_bool]),
    "ggml_build_forward_expand": (None, [c_void_p, c_void_p]),
    "ggml_row_size": (c_size_t, [c_int, c_int64]),
    "ggml_get_type_traits": (ctypes.POINTER(TypeTraits), [c_int]),
    "ggml_quantize_chunk": (
        c_size_t,
        [c_int, c_void_p, c_void_p, c_int64, c_int64, c_int64, c_void_p],
    ),
    "ggml_backend_alloc_ctx_tensors_from_buft": (c_void_p, [c_void_p, c_void_p]),
    "ggml_backend_buffer_free": (None, [c_void_p]),
    "ggml_backend_tensor_set": (None, [c_void_p, c_void_p, c_size_t, c_size_t]),
    "ggml_backend_tensor_get": (None, [c_void_p, c_void_p, c_size_t, c_size_t]),
    "ggml_backend_graph_compute": (c_int, [c_void_p, c_void_p]),
    "ggml_backend_get_device": (c_void_p, [c_void_p]),
    "ggml_backend_dev_supports_op": (c_bool, [c_void_p, c_void_p]),
    "ggml_backend_reg_get_proc_address": (c_void_p, [c_void_p, c_char_p]),
    "ggml_backend_cpu_buffer_type": (c_void_p, []),
}
_CPU_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "ggml_backend_cpu_init": (c_void_p, []),
    "ggml_backend_cpu_reg": (c_void_p, []),
    "ggml_backend_cpu_set_n_threads": (None, [c_void_p, c_int]),
    "ggml_cpu_has_avx512_vnni": (c_int, []),
    "ggml_cpu_has_avx2": (c_int, []),
}


class Library:
    """The functions of ggml-base and ggml-cpu, as attributes."""

    def __init__(self) -> None:
        """Load them; OSError or ImportError where they are not."""
        spec = importlib.util.find_spec("ggml")
        if spec is None or spec.origin is None:
            raise ImportError("the package ggml-python is not installed")
        directory = Path(spec.origin).parent / "lib"
        base = ctypes.CDLL(str(directory / "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
        cpu = ctypes.CDLL(str(directory / "libggml-cpu.so"))
        self._functions = {}
        for library, functions in ((base, _FUNCTIONS), (cpu, _CPU_FUNCTIONS)):
            for name, (result, arguments) in functions.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
                self._functions[name] = function
        self.ggml_log_set(_SILENT, None)
        self.backend = self.ggml_backend_cpu_init()

    def __getattr__(self, name: str) -> Any:
        """A function, by its name in C."""
        return self._functions[name]

    def version(self) -> str:
        """The version of ggml, its package's, and what it was built for."""
        text = self.ggml_version().decode()
        built = "AVX-512 VNNI" if self.ggml_cpu_has_avx512_vnni() else "AVX2"
        built = built if self.ggml_cpu_has_avx2() else "no AVX2"
        return (
            f"{text} in ggml-python {importlib.metadata.version('ggml-python')}, built with {built}"
        )

    def repack_buffer_type(self) -> int:
        """The buffer type whose tensors are laid out anew for the CPU; 0 where there is none."""
        name = b"ggml_backend_dev_get_extra_bufts"
        address = self.ggml_backend_reg_get_proc_address(self.ggml_backend_cpu_reg(), name)
        if not address:
            return 0
        extra = ctypes.CFUNCTYPE(ctypes.POINTER(c_void_p), c_void_p)(address)
        found = extra(self.ggml_backend_get_device(self.backend))
        return found[0] or 0

    def context(self, tensors: int, graph: int = 0) -> int:
        """A context for so many tensors, without their data, and a graph of so many nodes."""
        size = tensors * self.ggml_tensor_overhead()
        if graph:
            size += self.ggml_graph_overhead_custom(graph, False)
        made: int = self.ggml_init(InitParams(size + 4096, None, True))
        return made


@cache
def library() -> Library:
    """The one library of this process."""
    return Library()
