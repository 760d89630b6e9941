"""MXFP4 of gpt-oss: the experts' `X_blocks` U8 [E, N, K / 32, 16] and `X_scales` [E, N, K / 32].

`X_blocks` and `X_scales` become `X.weight` and `X.scales` [E, N, ...], `X_bias` becomes `X.bias`.
The rows of gate_up_proj stay interleaved, gate and up in turn, as they are there.
"""

from __future__ import annotations

from dataclasses import replace

from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_header import TensorInfo
from thinbit.io.safetensors_reader import describe
from thinbit.io.source import SourceTensor

from .fp4_parts import microscaling_tensor
from .mlx import plain_tensor

_BLOCK_BYTES = 16


def gpt_oss_tensors(files: SafetensorsFiles) -> dict[str, SourceTensor]:
    """The tensors of a gpt-oss checkpoint; CheckpointError where blocks and scales do not fit."""
    packed = {
        name.removesuffix("_blocks")
        for name in files.tensors
        if name.endswith("_blocks") and name.removesuffix("_blocks") + "_scales" in files
    }
    tensors: dict[str, SourceTensor] = {}
    for name, info in files.tensors.items():
        module, _, kind = name.rpartition("_")
        if module not in packed or kind not in ("blocks", "scales", "bias"):
            tensors[name] = plain_tensor(files, info)
        elif kind == "bias":
            tensors[f"{module}.bias"] = replace(plain_tensor(files, info), name=f"{module}.bias")
        elif kind == "blocks":
            weight = f"{module}.weight"
            scales = files.tensors[f"{module}_scales"]
            tensors[weight] = _weight(files, weight, info, scales)
    return tensors


def _weight(
    files: SafetensorsFiles, name: str, blocks: TensorInfo, scales: TensorInfo
) -> SourceTensor:
    shape = blocks.shape
    if (
        blocks.dtype != "U8"
        or scales.dtype != "U8"
        or len(shape) < 3
        or shape[-1] != _BLOCK_BYTES
        or scales.shape != shape[:-1]
    ):
        raise CheckpointError(
            files.path,
            f"tensors {quoted(blocks.name)}, {describe(blocks)}, and {quoted(scales.name)},"
            f" {describe(scales)}, do not fit: they must be U8 [E, N, K / 32, 16] and U8 [E, N,"
            " K / 32]",
        )
    flat = replace(blocks, shape=(*shape[:-2], shape[-2] * _BLOCK_BYTES))
    return microscaling_tensor(files, name, "MXFP4", "mxfp4", flat, scales)
