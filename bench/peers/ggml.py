"""ggml: llama.cpp's kernels and block formats, activations rounded to int8."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bench import data
from bench.model import Float64, Job, Product, Sample, Variant
from bench.peers.ggml_library import TYPES, library
from bench.peers.nothing_else import ProductsOnly

_KINDS = (
    ("q1_0", False, "low"),
    ("q2_K", True, "low"),
    ("q2_K", False, "low"),
    ("q3_K", False, "low"),
    ("q4_0", True, "four"),
    ("q4_K", True, "four"),
    ("q4_K", False, "four"),
    ("iq4_nl", True, "four"),
    ("mxfp4", True, "four"),
    ("nvfp4", False, "four"),
    ("q5_K", False, "five_six"),
    ("q6_K", False, "five_six"),
    ("q8_0", False, "eight"),
)


def _address(array: npt.NDArray[Any]) -> int:
    return array.ctypes.data


def _quantized(kind: str, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    rows, columns = weights.shape
    lib, number = library(), TYPES[kind]
    packed = np.empty((rows, lib.ggml_row_size(number, columns)), np.uint8)
    lib.ggml_quantize_chunk(number, _address(weights), _address(packed), 0, rows, columns, None)
    return packed


def _values(kind: str, packed: npt.NDArray[np.uint8], columns: int) -> Float64:
    values = np.empty((packed.shape[0], columns), np.float32)
    traits = library().ggml_get_type_traits(TYPES[kind]).contents
    traits.to_float(_address(packed), _address(values), values.size)
    return values.astype(np.float64)


class _Multiplication:
    """One graph with a product for each copy, so that starting threads is paid once a pass."""

    def __init__(self, kind: str, repacked: bool, n: int, k: int, least_bytes: int) -> None:
        lib = library()
        part = _quantized(kind, data.weight(n, k))
        self._sample = _values(kind, part[: data.SAMPLE], k)
        whole = data.whole(part, n)
        self._n, self._k, self.nbytes = n, k, whole.nbytes
        self.copies = data.copies_for(self.nbytes, least_bytes)
        self._buffers: list[int] = []
        self._contexts = [lib.context(self.copies)]
        self._weights = [
            lib.ggml_new_tensor_2d(self._contexts[0], TYPES[kind], k, n) for _ in range(self.copies)
        ]
        where = lib.repack_buffer_type() if repacked else lib.ggml_backend_cpu_buffer_type()
        if not where:
            raise RuntimeError("this build does not repack")
        self._allocate(self._contexts[0], where)
        if repacked and not self._supported():
            raise RuntimeError(f"{kind} has no repacked layout on this CPU")
        for weight in self._weights:
            lib.ggml_backend_tensor_set(weight, _address(whole), 0, whole.nbytes)
        self._rows = 0

    def _supported(self) -> bool:
        lib = library()
        context = lib.context(2)
        x = lib.ggml_new_tensor_2d(context, TYPES["f32"], self._k, 1)
        product = lib.ggml_mul_mat(context, self._weights[0], x)
        device = lib.ggml_backend_get_device(lib.backend)
        answer: bool = lib.ggml_backend_dev_supports_op(device, product)
        lib.ggml_free(context)
        return answer

    def _allocate(self, context: int, where: int) -> None:
        buffer = library().ggml_backend_alloc_ctx_tensors_from_buft(context, where)
        if not buffer:
            raise MemoryError("ggml could not allocate")
        self._buffers.append(buffer)

    def set_rows(self, rows: int) -> None:
        if rows == self._rows:
            return
        lib = library()
        for old in self._buffers[1:]:
            lib.ggml_backend_buffer_free(old)
        for old in self._contexts[1:]:
            lib.ggml_free(old)
        del self._buffers[1:], self._contexts[1:]
        context = lib.context(self.copies + 1, 2 * self.copies + 8)
        self._contexts.append(context)
        x = lib.ggml_new_tensor_2d(context, TYPES["f32"], self._k, rows)
        products = [lib.ggml_mul_mat(context, weight, x) for weight in self._weights]
        self._graph = lib.ggml_new_graph_custom(context, 2 * self.copies + 8, False)
        for product in products:
            lib.ggml_build_forward_expand(self._graph, product)
        self._allocate(context, lib.ggml_backend_cpu_buffer_type())
        self._x, self._rows, self._first = data.activations(rows, self._k), rows, products[0]
        lib.ggml_backend_tensor_set(x, _address(self._x), 0, self._x.nbytes)

    def run(self) -> None:
        lib = library()
        if lib.ggml_backend_graph_compute(lib.backend, self._graph) != 0:
            raise RuntimeError("ggml_backend_graph_compute failed")

    def sample(self) -> Sample:
        self.run()
        out = np.empty((self._rows, self._n), np.float32)
        library().ggml_backend_tensor_get(self._first, _address(out), 0, out.nbytes)
        columns = out[:, : data.SAMPLE].astype(np.float64)
        return Sample(columns, self._x.astype(np.float64), self._sample)

    def __del__(self) -> None:
        lib = library()
        for buffer in getattr(self, "_buffers", ()):
            lib.ggml_backend_buffer_free(buffer)
        for context in getattr(self, "_contexts", ()):
            lib.ggml_free(context)


class _Ggml(ProductsOnly):
    def version(self) -> str:
        return library().version()

    def variants(self) -> Sequence[Variant]:
        found = []
        for kind, repacked, group in _KINDS:
            name = f"{kind} repacked" if repacked else kind
            found.append(Variant("ggml", name, "f32", "int8", group, key=(kind, repacked)))
        return found

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        lib = library()
        lib.ggml_backend_cpu_set_n_threads(lib.backend, threads)
        kind, repacked = variant.key
        return _Multiplication(kind, repacked, n, k, least_bytes)

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        del threads  # one thread: a caller of ggml divides the rows among its own
        full = np.ascontiguousarray(data.whole(data.weight(n, k), n // 4), np.float32)
        jobs = []
        for kind in ("q4_0", "q8_0", "mxfp4", "nvfp4"):
            packed = _quantized(kind, full[:1])
            amount = full.nbytes + packed.nbytes * full.shape[0]
            jobs.append(Job(f"quantize {kind}", _quantize_all(kind, full), 1, amount, "f32"))
            jobs.append(Job(f"dequantize {kind}", _dequantize_all(kind, full), 1, amount, "f32"))
        return jobs


def _quantize_all(kind: str, full: npt.NDArray[np.float32]) -> Callable[[], None]:
    packed = _quantized(kind, full)
    rows, columns = full.shape
    arguments = (TYPES[kind], _address(full), _address(packed), 0, rows, columns, None)

    def run() -> None:
        library().ggml_quantize_chunk(*arguments)
        assert packed.size and full.size  # they outlive their addresses

    return run


def _dequantize_all(kind: str, full: npt.NDArray[np.float32]) -> Callable[[], None]:
    packed, out = _quantized(kind, full), np.empty_like(full)
    to_float = library().ggml_get_type_traits(TYPES[kind]).contents.to_float

    def run() -> None:
        to_float(ctypes.c_void_p(_address(packed)), ctypes.c_void_p(_address(out)), out.size)

    return run


PEER = _Ggml()
