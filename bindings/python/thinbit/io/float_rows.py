"""Weights as float64, a few rows at a time: arrays, and quantized ones with their real values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

import thinbit
from thinbit import QuantizedTensor

Weight = npt.NDArray[Any] | QuantizedTensor
Block = npt.NDArray[np.float64]
_BLOCK_ELEMENTS = 2**19


def float_blocks(*weights: Weight) -> Iterator[tuple[Block, ...]]:
    """The same few rows of weights that have one shape, again and again until all were given.

    A code of affine counts as code * scale + bias in float32, without the rounding to the dtype of
    the scales that `dequantize` makes: that is the value which the products use.
    """
    shape = tuple(weights[0].shape)
    for index in _blocks(shape):
        yield tuple(_block(weight, index) for weight in weights)


def squared_error(w: Weight, quantized: QuantizedTensor) -> tuple[float, float]:
    """Give sum (w' - w)^2 and sum w^2, in float64."""
    error, weights = 0.0, 0.0
    for exact, approximate in float_blocks(w, quantized):
        weights += float(np.vdot(exact, exact))
        difference = approximate - exact
        error += float(np.vdot(difference, difference))
    return error, weights


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    if len(shape) < 2:
        yield (...,)
        return
    *leading, rows, columns = shape
    step = max(1, _BLOCK_ELEMENTS // max(columns, 1))
    for index in np.ndindex(*leading):
        for first in range(0, rows, step):
            yield (*index, slice(first, first + step))


def _block(weight: Weight, index: tuple[Any, ...]) -> Block:
    if not isinstance(weight, QuantizedTensor):
        exact: Block = weight[index].astype(np.float64)
        return exact
    scales, biases, global_scale = weight.scales[index], weight.biases, weight.global_scale
    if biases is not None:
        scales, biases = scales.astype(np.float32), biases[index].astype(np.float32)
    if global_scale is not None and np.size(global_scale) > 1:
        global_scale = np.reshape(global_scale, weight.packed.shape[:-2])[index[:-1]]
    values: npt.NDArray[np.float32] = thinbit.dequantize(
        weight.packed[index],
        scales,
        biases,
        global_scale=global_scale,
        mode=weight.mode,
        group_size=weight.group_size,
        bits=weight.bits,
        dtype="float32",
    )
    return values.astype(np.float64)
