"""compressed-tensors, the format of llm-compressor and vLLM: `X.weight_packed` and its parts.

Which of its formats a weight has is read from the dtypes and shapes of the weight's own tensors, so
mixed checkpoints need no config.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.global_scale import from_divisor, rounding_of_divisor
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_header import TensorInfo
from thinbit.io.safetensors_reader import describe
from thinbit.io.source import SourceTensor

from .fp4_parts import is_activation_scale, microscaling_tensor, part, positive_scale
from .mlx import plain_tensor
from .packed_integers import packed_integers

_PARTS = (
    ".weight_scale",
    ".weight_shape",
    ".weight_zero_point",
    ".weight_global_scale",
    ".weight_g_idx",
)
_SPARSE = ("sparse-bitmask", "sparse-24-bitmask", "marlin-24")


def compressed_tensors(
    files: SafetensorsFiles, said: Mapping[str, Any]
) -> tuple[str, dict[str, SourceTensor]]:
    """The formats' names, and the tensors.

    `said` is the quantization_config. CheckpointError for formats that are not known here, and
    for parts that do not fit together.
    """
    _refuse_sparse(files, said)
    tensors: dict[str, SourceTensor] = {}
    for name, info in files.tensors.items():
        if name.endswith(_PARTS) or is_activation_scale(name):
            continue
        module, _, kind = name.rpartition(".")
        packed = kind == "weight_packed"
        scaled = kind == "weight" and f"{module}.weight_scale" in files
        if not packed and not scaled:
            tensors[name] = plain_tensor(files, info)
            continue
        tensor = _packed(files, module, info) if packed else _scaled(files, module, info)
        tensors[tensor.name] = tensor
    formats = sorted({t.stored_as for t in tensors.values() if t.spec}) or ["dense"]
    return f"compressed-tensors {', '.join(formats)}", tensors


def _packed(files: SafetensorsFiles, module: str, weight: TensorInfo) -> SourceTensor:
    if weight.dtype == "I32":
        return packed_integers(files, module, weight)
    scales = part(files, module, "weight_scale", ("F8_E4M3", "U8", "F8_E8M0"))
    if weight.dtype != "U8" or not weight.shape or not scales.shape:
        raise _unknown(files, weight)
    # 32 elements a scale and 4 bits an element are 16 bytes a scale; nvfp4 has 8.
    if scales.dtype != "F8_E4M3":
        if weight.shape[-1] != 16 * scales.shape[-1]:
            raise _unknown(files, weight)
        return microscaling_tensor(
            files, f"{module}.weight", "mxfp4-pack-quantized", "mxfp4", weight, scales
        )
    second = part(files, module, "weight_global_scale", ("F32",))
    divisor = positive_scale(files, second)
    return microscaling_tensor(
        files,
        f"{module}.weight",
        "nvfp4-pack-quantized",
        "nvfp4",
        weight,
        scales,
        from_divisor(divisor),
        rounding_of_divisor(divisor),
        second.nbytes,
    )


def _scaled(files: SafetensorsFiles, module: str, weight: TensorInfo) -> SourceTensor:
    scales = files.tensors[f"{module}.weight_scale"]
    if weight.dtype != "F8_E4M3" or scales.dtype not in ("U8", "F8_E8M0"):
        raise _unknown(files, weight)
    return microscaling_tensor(files, weight.name, "mxfp8-quantized", "mxfp8", weight, scales)


def _unknown(files: SafetensorsFiles, weight: TensorInfo) -> CheckpointError:
    return CheckpointError(
        files.path,
        f"tensor {quoted(weight.name)} is {describe(weight)}, of a compressed-tensors format that"
        " cannot be read; pack-quantized, nvfp4-pack-quantized, mxfp4-pack-quantized and"
        " mxfp8-quantized can",
    )


def _refuse_sparse(files: SafetensorsFiles, said: Mapping[str, Any]) -> None:
    sparsity = said.get("sparsity_config")
    formats = [said.get("format"), sparsity.get("format") if isinstance(sparsity, dict) else None]
    for name in formats:
        if name in _SPARSE:
            raise CheckpointError(files.path, f"the format {quoted(name)} is sparse: no form here")
