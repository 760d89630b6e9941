"""Matrix products in float64 whose sums are correctly rounded, hence the same on every machine."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .formats import F64


class Reference(NamedTuple):
    """ref is the real result; R is the same product of absolute values. float64, one shape."""

    ref: F64
    R: F64


def product(x: F64, w: F64) -> Reference:
    """x (..., M, K) @ w (..., K, N) -> (..., M, N), leading dims broadcast as numpy's matmul does.

    Each product is rounded once to float64 and their sum once more, whatever its order: 2^-53 of
    R, far below the bounds.
    """
    batch = np.broadcast_shapes(x.shape[:-2], w.shape[:-2])
    if x.shape[-1] != w.shape[-2]:
        raise ValueError(f"x {x.shape} has {x.shape[-1]} columns, w {w.shape[-2]} rows")
    rows, inner, columns = x.shape[-2], x.shape[-1], w.shape[-1]
    flat_x = np.broadcast_to(x, (*batch, rows, inner)).reshape(math.prod(batch), rows, inner)
    flat_w = np.broadcast_to(w, (*batch, inner, columns)).reshape(math.prod(batch), inner, columns)
    ref = np.zeros((math.prod(batch), rows, columns))
    magnitude = np.zeros_like(ref)
    for b, m in np.ndindex(ref.shape[:2]):
        with np.errstate(invalid="ignore"):
            terms = flat_x[b, m, :, None] * flat_w[b]
        ref[b, m] = [_sum(column) for column in terms.T.tolist()]
        magnitude[b, m] = [_sum(column) for column in np.abs(terms).T.tolist()]
    shape = (*batch, rows, columns)
    return Reference(ref.reshape(shape), magnitude.reshape(shape))


def _sum(terms: list[float]) -> float:
    """The correctly rounded sum; with NaN or infinities among the terms, what IEEE addition gives.

    fsum raises for infinities of both signs, where the sum is NaN.
    """
    if any(map(math.isnan, terms)) or (math.inf in terms and -math.inf in terms):
        return math.nan
    return math.fsum(terms)


def scaled_sum(c: F64, result: Reference, alpha: float, beta: float) -> Reference:
    """beta*c + alpha*result, with R = |beta*c| + |alpha|*R; c broadcasts to the result.

    alpha and beta are float32 numbers, since the epilogue they serve works in float32.
    """
    a, b = float(np.float32(alpha)), float(np.float32(beta))
    addend = b * np.broadcast_to(c, result.ref.shape)
    return Reference(addend + a * result.ref, np.abs(addend) + abs(a) * result.R)
