"""References of quantized_matmul, quantized_addmm, qqmm and qqaddmm.

Each returns (ref, R): the real product in float64 of x with the weights' real values, and the same
product of absolute values. The result of the library has the dtype of x; the references stay
unrounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .dequantize import real_weights
from .formats import F64, Array, float_dtype
from .modes import check_global_scale, resolve
from .products import Reference, product, scaled_sum
from .quantize import quantize

Scale = float | np.float32


def quantized_matmul(
    x: Array,
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None = None,
    transpose: bool = True,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: Scale | None = None,
) -> Reference:
    """transpose: x (..., M, K) @ W (..., N, K)^T; else x (..., M, K) @ W (..., K, N).

    Groups run along the last axis of W either way. Leading dims broadcast as numpy's matmul does;
    a 1-D x is one row, whose axis the result does not have.
    """
    w = real_weights(wq, scales, biases, mode, group_size, bits, global_scale)
    return row_product(real_activations(x), w.swapaxes(-1, -2) if transpose else w)


def quantized_addmm(
    c: Array,
    x: Array,
    wq: npt.NDArray[np.uint32],
    scales: Array,
    biases: Array | None = None,
    transpose: bool = True,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: Scale | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> Reference:
    """beta*c + alpha*quantized_matmul(...); c is (N,) or broadcasts to the result."""
    result = quantized_matmul(
        x, wq, scales, biases, transpose, group_size, bits, mode, global_scale
    )
    return scaled_sum(real_activations(c), result, alpha, beta)


def qqmm(
    x: Array,
    w: Array,
    scales: Array | None = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "nvfp4",
    global_scale_x: Scale | None = None,
    global_scale_w: Scale | None = None,
) -> Reference:
    """x (..., M, K), quantized per group along K, @ W (..., N, K)^T.

    w is float, and quantized here, or uint32 with its scales. A row of x with NaN or infinity is
    NaN in ref and in R.
    """
    check_qq(mode, group_size, bits, global_scale_x, global_scale_w)
    weights = qq_weights(w, scales, group_size, bits, mode, global_scale_w)
    activations = quantized_activations(x, group_size, bits, mode, global_scale_x)
    return row_product(activations, weights.swapaxes(-1, -2))


def qqaddmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array | None = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "nvfp4",
    global_scale_x: Scale | None = None,
    global_scale_w: Scale | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> Reference:
    """beta*c + alpha*qqmm(...); c is (N,) or broadcasts to the result."""
    result = qqmm(x, w, scales, group_size, bits, mode, global_scale_x, global_scale_w)
    return scaled_sum(real_activations(c), result, alpha, beta)


def row_product(x: F64, w: F64) -> Reference:
    """product, with a 1-D x counting as one row that the result then drops."""
    if x.ndim > 1:
        return product(x, w)
    result = product(x[None, :], w)
    return Reference(result.ref[..., 0, :], result.R[..., 0, :])


def real_activations(x: Array) -> F64:
    """float32, float16 or bfloat16 -> the same values in float64."""
    float_dtype(x.dtype)
    return x.astype(np.float64)


def quantized_activations(
    x: Array,
    group_size: int | None,
    bits: int | None,
    mode: str,
    global_scale: Scale | None,
) -> F64:
    """The real values, float64 (..., K), that x has after its quantization; NaN rows stay NaN."""
    float_dtype(x.dtype)
    rows = x[None, :] if x.ndim == 1 else x
    finite = np.isfinite(rows).all(axis=-1, keepdims=True)
    wq, scales, _ = quantize(
        np.where(finite, rows, rows.dtype.type(0)), mode, group_size, bits, global_scale
    )
    values = real_weights(wq, scales, None, mode, group_size, bits, global_scale)
    return np.where(finite, values, np.nan).reshape(x.shape)


def qq_weights(
    w: Array,
    scales: Array | None,
    group_size: int | None,
    bits: int | None,
    mode: str,
    global_scale: Scale | None,
) -> F64:
    """The real values, float64 (..., N, K), of a float or an already quantized weight."""
    if (scales is not None) != (w.dtype == np.uint32):
        raise ValueError("w is float without scales, or uint32 with them")
    if scales is None:
        w, scales, _ = quantize(w, mode, group_size, bits, global_scale)
    return real_weights(w, scales, None, mode, group_size, bits, global_scale)


def check_qq(
    mode: str,
    group_size: int | None,
    bits: int | None,
    global_scale_x: object | None,
    global_scale_w: object | None,
) -> None:
    """The settings every op with quantized activations refuses."""
    settings = resolve(mode, group_size, bits)
    if settings.mode.has_bias:
        raise ValueError(f"mode is {mode}; quantized activations need E2M1 or E4M3 elements")
    check_global_scale(settings, global_scale_x)
    check_global_scale(settings, global_scale_w)
    if (global_scale_x is None) != (global_scale_w is None):
        raise ValueError("global_scale_x and global_scale_w: both or neither")
