"""Parts of FP4 and FP8 weights in the safetensors of other tools: bytes as the base format's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from thinbit import QuantizedTensor
from thinbit.io.codes import Bytes, words_of
from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.global_scale import is_legal, with_global_scale
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_header import DTYPE_BITS, TensorInfo
from thinbit.io.safetensors_reader import describe
from thinbit.io.source import SourceTensor
from thinbit.io.specification import QuantizationSpec

_ACTIVATIONS = (".input_scale", ".input_global_scale", ".k_scale", ".v_scale", ".output_scale")


def raw_bytes(files: SafetensorsFiles, info: TensorInfo) -> Bytes:
    """The bytes of a tensor whose elements have 8 bits, in its shape."""
    assert DTYPE_BITS[info.dtype] == 8
    data = b"".join(files.chunks(info.name))
    return np.frombuffer(data, np.uint8).reshape(info.shape)


def part(files: SafetensorsFiles, module: str, name: str, dtypes: tuple[str, ...]) -> TensorInfo:
    """A part of a module; CheckpointError where it is missing or has another dtype."""
    info = files.tensors.get(f"{module}.{name}")
    if info is None:
        raise CheckpointError(files.path, f"module {quoted(module)} has no {name}")
    if info.dtype not in dtypes:
        raise CheckpointError(
            files.path, f"tensor {quoted(info.name)} is {describe(info)}; it must be {dtypes[0]}"
        )
    return info


def is_activation_scale(name: str) -> bool:
    """Whether a tensor scales activations: MLX's layout has no place for it."""
    return name.endswith(_ACTIVATIONS)


def microscaling_tensor(
    files: SafetensorsFiles,
    name: str,
    stored_as: str,
    mode: str,
    weight: TensorInfo,
    scales: TensorInfo,
    global_scale: npt.NDArray[np.float32] | None = None,
    loss: str | None = None,
    extra_bytes: int = 0,
) -> SourceTensor:
    """A weight of mxfp4, mxfp8 or nvfp4 whose bytes and scales are stored as they will be.

    CheckpointError where their shapes do not fit together.
    """
    spec = QuantizationSpec.make(mode)
    shape = _shape(weight, spec)
    groups = (*shape[:-1], shape[-1] // spec.group_size)
    count = int(np.prod(scales.shape, dtype=object))
    if shape[-1] % spec.group_size or count != int(np.prod(groups, dtype=object)):
        raise CheckpointError(
            files.path,
            f"tensor {quoted(scales.name)} is {describe(scales)}, and does not fit"
            f" {quoted(weight.name)}, {describe(weight)}, as {mode}",
        )

    def read() -> QuantizedTensor:
        packed = words_of(raw_bytes(files, weight).reshape(*shape[:-1], -1))
        tensor = QuantizedTensor(packed, raw_bytes(files, scales).reshape(groups), mode=mode)
        return tensor if global_scale is None else with_global_scale(tensor, global_scale)

    return SourceTensor(
        name=name,
        stored_as=stored_as,
        dtype="U8",
        shape=shape,
        nbytes=weight.nbytes + scales.nbytes + extra_bytes,
        read=read,
        spec=spec,
        loss=loss,
        global_scales=0 if global_scale is None else global_scale.size,
    )


def positive_scale(files: SafetensorsFiles, info: TensorInfo) -> npt.NDArray[np.float32]:
    """One float32 that gives a legal global scale; CheckpointError for anything else."""
    if info.dtype != "F32" or info.elements != 1:
        raise CheckpointError(
            files.path, f"tensor {quoted(info.name)} is {describe(info)}; it must be one F32"
        )
    value: npt.NDArray[np.float32] = files.read(info.name).reshape(())
    if not is_legal(value):
        raise CheckpointError(
            files.path, f"tensor {quoted(info.name)} is {value}; it must be positive and finite"
        )
    return value


def _shape(weight: TensorInfo, spec: QuantizationSpec) -> tuple[int, ...]:
    if spec.bits == 8:
        return weight.shape
    *leading, columns = weight.shape
    return (*leading, 2 * columns)
