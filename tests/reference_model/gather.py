"""References of gather_qmm and gather_qqmm: products of chosen batches of x and of w.

Indices are flat over an operand's batch dims, all but its last two. The two broadcast together,
and the result's batch dims are theirs. A missing index is arange over that operand's batch, in the
shape of that batch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .dequantize import real_weights
from .formats import F64, Array
from .matmul import (
    Scale,
    check_qq,
    qq_weights,
    quantized_activations,
    real_activations,
)
from .products import Reference, product

_INDEX_DTYPES = (np.dtype(np.int32), np.dtype(np.uint32), np.dtype(np.int64))
ExpertScales = Scale | npt.NDArray[np.float32]


def gather_qmm(
    x: Array,
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None = None,
    lhs_indices: Array | None = None,
    rhs_indices: Array | None = None,
    transpose: bool = True,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: ExpertScales | None = None,
) -> Reference:
    """x (..., M, K), W (..., N, K) or (..., K, N) -> (indices' shape, M, N).

    global_scale is one float32 per expert, in the shape of w's batch dims, or one for all. A 1-D x
    is one row, whose axis the result does not have.
    """

    def experts(chosen: slice, factor: Scale | None) -> F64:
        bias = None if biases is None else _flat(biases)[chosen]
        packed, block = _flat(wq)[chosen], _flat(scales)[chosen]
        return real_weights(packed, block, bias, mode, group_size, bits, factor)

    w = _each_expert(wq, global_scale, experts)
    return _gathered(
        real_activations(x), w.swapaxes(-1, -2) if transpose else w, lhs_indices, rhs_indices
    )


def gather_qqmm(
    x: Array,
    w: Array,
    scales: Array | None = None,
    lhs_indices: Array | None = None,
    rhs_indices: Array | None = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "nvfp4",
    global_scale_x: Scale | None = None,
    global_scale_w: ExpertScales | None = None,
) -> Reference:
    """x (..., M, K), quantized, @ W (..., N, K)^T -> (indices' shape, M, N).

    global_scale_x is one float32; global_scale_w is one per expert, as in gather_qmm. A float w is
    quantized expert by expert.
    """
    check_qq(mode, group_size, bits, global_scale_x, global_scale_w)

    def experts(chosen: slice, factor: Scale | None) -> F64:
        block = None if scales is None else _flat(scales)[chosen]
        return qq_weights(_flat(w)[chosen], block, group_size, bits, mode, factor)

    weights = _each_expert(w, global_scale_w, experts)
    activations = quantized_activations(x, group_size, bits, mode, global_scale_x)
    return _gathered(activations, weights.swapaxes(-1, -2), lhs_indices, rhs_indices)


def _flat(operand: Array) -> Array:
    """(batch dims, A, B) -> (experts, A, B)."""
    return operand.reshape(int(np.prod(operand.shape[:-2])), *operand.shape[-2:])


def _each_expert(
    w: Array,
    global_scale: ExpertScales | None,
    decode: Callable[[slice, Scale | None], F64],
) -> F64:
    """decode(chosen experts, their global scale) one by one, then in w's batch dims."""
    batch = w.shape[:-2]
    factors: list[Scale | None] = [None] * int(np.prod(batch))
    if global_scale is not None:
        factors = list(np.broadcast_to(np.float32(global_scale), batch).ravel())
    experts = [decode(slice(index, index + 1), factor) for index, factor in enumerate(factors)]
    # Without an expert, decoding none of them still tells the shape.
    decoded = np.concatenate(experts or [decode(slice(0), None)])
    return decoded.reshape(*batch, *decoded.shape[1:])


def _gathered(x: F64, w: F64, lhs_indices: Array | None, rhs_indices: Array | None) -> Reference:
    rows = x[None, :] if x.ndim == 1 else x
    lhs, rhs = np.broadcast_arrays(_index(lhs_indices, rows), _index(rhs_indices, w))
    result = product(_flat(rows)[lhs], _flat(w)[rhs])
    if x.ndim == 1:
        return Reference(result.ref[..., 0, :], result.R[..., 0, :])
    return result


def _index(indices: Array | None, operand: F64) -> Array:
    batch = operand.shape[:-2]
    count = int(np.prod(batch))
    if indices is None:
        return np.arange(count, dtype=np.int64).reshape(batch)
    if indices.dtype not in _INDEX_DTYPES:
        raise ValueError(f"indices are {indices.dtype}; they must be int32, uint32 or int64")
    if indices.size and (indices.min() < 0 or indices.max() >= count):
        raise IndexError(f"an index lies outside the {count} batches of its operand")
    return indices
