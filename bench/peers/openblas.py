"""numpy's OpenBLAS: float weights, float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench import data
from bench.model import Product, Sample, Variant
from bench.peers.nothing_else import ProductsOnly


class _Multiplication:
    def __init__(self, n: int, k: int, least_bytes: int) -> None:
        whole = data.whole(data.weight(n, k), n)
        self.nbytes = whole.nbytes
        self.copies = data.copies_for(self.nbytes, least_bytes)
        self._weights = [whole.copy() for _ in range(self.copies)]
        self._x = np.empty((0, k), np.float32)
        self._out = np.empty((0, n), np.float32)

    def set_rows(self, rows: int) -> None:
        if rows != self._x.shape[0]:
            self._x = data.activations(rows, self._x.shape[1])
            self._out = np.empty((rows, self._out.shape[1]), np.float32)

    def run(self) -> None:
        for weight in self._weights:
            np.matmul(self._x, weight.T, out=self._out)

    def sample(self) -> Sample:
        np.matmul(self._x, self._weights[0].T, out=self._out)
        columns = self._out[:, : data.SAMPLE].astype(np.float64)
        rows = self._weights[0][: data.SAMPLE].astype(np.float64)
        return Sample(columns, self._x.astype(np.float64), rows)


class _OpenBlas(ProductsOnly):
    def version(self) -> str:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{blas['name']} {blas['version']} in numpy {np.__version__}"

    def variants(self) -> Sequence[Variant]:
        return [Variant("openblas", "float weights", "f32", "f32", "eight", grouped=False)]

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        del variant, threads  # OPENBLAS_NUM_THREADS says it
        return _Multiplication(n, k, least_bytes)


PEER = _OpenBlas()
