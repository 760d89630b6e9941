"""`pack-quantized` of compressed-tensors: dense streams of integers of 1 to 8 bits.

An element is (q - zero) * scale with the stored code q + 2^(bits - 1), so the bias of affine is
-scale * (2^(bits - 1) + zero). The stream of codes is the base format's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit import QuantizedTensor
from thinbit._generated.modes import MODES
from thinbit.io.codes import (
    Bytes,
    affine_tensor,
    exact_in_its_dtype,
    pack_codes,
    unpack_codes,
)
from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_header import TensorInfo
from thinbit.io.safetensors_reader import describe
from thinbit.io.source import SourceTensor
from thinbit.io.specification import QuantizationSpec

from .fp4_parts import part

_FLOATS = ("BF16", "F16", "F32")
_WORD_BITS = 32
_WIDEST = 8


def packed_integers(files: SafetensorsFiles, module: str, weight: TensorInfo) -> SourceTensor:
    """A weight of a module; CheckpointError where its parts do not fit, or have no exact form."""
    shape = _shape(files, module, weight)
    bits = weight.shape[-1] * _WORD_BITS // shape[-1]
    scale_info = part(files, module, "weight_scale", _FLOATS)
    zero_info = files.tensors.get(f"{module}.weight_zero_point")
    _refuse_order(files, module)
    # 7 bits are no width of affine; the same codes fit into 8.
    stored_bits = bits if bits in MODES["affine"].bits else _WIDEST
    group_size = _group_size(files, scale_info, shape)
    spec = QuantizationSpec.make("affine", bits=stored_bits, group_size=group_size)
    scales = files.read(scale_info.name)
    offsets = -_zero_codes(files, zero_info, bits, scale_info, shape)
    # A bias that the scale's dtype would round goes, with its scale, to float32, which holds the
    # product of a 16-bit float and a code exactly.
    dtype, loss = scale_info.dtype, None
    if not exact_in_its_dtype(scales, offsets):
        dtype = "F32"
        if not exact_in_its_dtype(scales.astype(np.float32), offsets):
            loss = "biases are rounded to float32; codes and scales are the same"
    nbytes = weight.nbytes + scale_info.nbytes + (zero_info.nbytes if zero_info else 0)

    def read() -> QuantizedTensor:
        packed = files.read(weight.name).view(np.uint32)
        if stored_bits != bits:
            packed = pack_codes(unpack_codes(packed, bits), stored_bits)
        d = files.read(scale_info.name)
        zeros = _zero_codes(files, zero_info, bits, scale_info, shape)
        d = d.astype(np.float32) if dtype == "F32" else d
        groups = (*shape[:-1], shape[-1] // group_size)
        return affine_tensor(
            packed,
            _spread(d, groups),
            _spread(-zeros, groups),
            bits=stored_bits,
            group_size=group_size,
            rounded=loss is not None,
        )

    return SourceTensor(
        name=f"{module}.weight",
        stored_as="pack-quantized",
        dtype=dtype,
        shape=shape,
        nbytes=nbytes,
        read=read,
        spec=spec,
        loss=loss,
    )


def _shape(files: SafetensorsFiles, module: str, weight: TensorInfo) -> tuple[int, ...]:
    """The shape that the weight had, which `weight_shape` says; it fits what is packed."""
    info = part(files, module, "weight_shape", ("I64", "I32"))
    axes = len(weight.shape)
    if axes < 2 or info.shape != (axes,):
        raise CheckpointError(
            files.path,
            f"tensor {quoted(info.name)} is {describe(info)}, and {quoted(weight.name)} is"
            f" {describe(weight)}; it must hold one number for each axis, of two or more",
        )
    shape = tuple(int(size) for size in files.read(info.name))
    columns = shape[-1]
    bits, rest = divmod(weight.shape[-1] * _WORD_BITS, columns) if columns > 0 else (0, 1)
    if shape[:-1] != weight.shape[:-1] or rest or not 1 <= bits <= _WIDEST:
        raise CheckpointError(
            files.path,
            f"tensor {quoted(info.name)} says {list(shape)}, which does not fit"
            f" {quoted(weight.name)}, {describe(weight)}: rows that are dense streams of 1 to 8"
            " bits an element can be read, and columns that 32 divides",
        )
    return shape


def _group_size(files: SafetensorsFiles, scales: TensorInfo, shape: tuple[int, ...]) -> int:
    """The largest group of affine whose elements share one of these scales."""
    whole = scales.elements == 1
    groups = 1 if whole else scales.shape[-1] if scales.shape else 0
    fits = whole or scales.shape[:-1] == shape[:-1]
    if not fits or groups < 1 or shape[-1] % groups:
        raise CheckpointError(
            files.path,
            f"tensor {quoted(scales.name)} is {describe(scales)}, and does not fit a weight of"
            f" shape {list(shape)}",
        )
    run = shape[-1] // groups
    for size in sorted(MODES["affine"].group_sizes, reverse=True):
        if run % size == 0:
            return size
    raise CheckpointError(
        files.path,
        f"tensor {quoted(scales.name)} has a scale for each {run} elements, which groups of 32 do"
        " not divide: affine has no exact form of it",
    )


def _zero_codes(
    files: SafetensorsFiles,
    info: TensorInfo | None,
    bits: int,
    scales: TensorInfo,
    shape: tuple[int, ...],
) -> npt.NDArray[np.float64]:
    """The code that stands for 0, for each scale: 2^(bits - 1), plus the zero point."""
    if info is None:
        return np.full(scales.shape, 2.0 ** (bits - 1))
    *leading, rows, groups = (*shape[:-1], scales.shape[-1] if scales.shape else 0)
    words = (*leading, -(-rows * bits // _WORD_BITS), groups)
    if info.dtype != "I32" or info.shape != words:
        raise CheckpointError(
            files.path,
            f"tensor {quoted(info.name)} is {describe(info)}; it must be I32 {list(words)}",
        )
    # They are packed along the rows: a column of words is a stream.
    columns = np.ascontiguousarray(files.read(info.name).swapaxes(-1, -2)).view(np.uint32)
    codes: Bytes = unpack_codes(columns, bits)[..., :rows]
    return codes.swapaxes(-1, -2).astype(np.float64)


def _spread(values: npt.NDArray[Any], groups: tuple[int, ...]) -> npt.NDArray[Any]:
    """One value for each group, from one for each run of groups, or one for all."""
    if values.size == 1:
        return np.full(groups, values.reshape(()))
    return np.repeat(values, groups[-1] // values.shape[-1], axis=-1)


def _refuse_order(files: SafetensorsFiles, module: str) -> None:
    info = files.tensors.get(f"{module}.weight_g_idx")
    if info is not None:
        raise CheckpointError(
            files.path,
            f"tensor {quoted(info.name)} orders the columns by activation, so that groups are no"
            " neighbours: there is no exact form of it",
        )
