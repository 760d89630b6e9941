"""NVFP4 of NVIDIA's ModelOpt: `weight` U8, `weight_scale` E4M3, and the factor `weight_scale_2`."""

from __future__ import annotations

from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.global_scale import from_factor, rounding
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_reader import describe
from thinbit.io.source import SourceTensor

from .fp4_parts import is_activation_scale, microscaling_tensor, part, positive_scale
from .mlx import plain_tensor

MODELOPT_CONFIG = "hf_quant_config.json"
_PARTS = (".weight_scale", ".weight_scale_2")


def modelopt_tensors(files: SafetensorsFiles) -> dict[str, SourceTensor]:
    """The tensors of a ModelOpt checkpoint; CheckpointError for other formats than NVFP4."""
    tensors: dict[str, SourceTensor] = {}
    for name, info in files.tensors.items():
        module = name.removesuffix(".weight")
        if name.endswith(_PARTS) or is_activation_scale(name):
            continue
        if module == name or f"{module}.weight_scale" not in files:
            tensors[name] = plain_tensor(files, info)
            continue
        if info.dtype != "U8" or f"{module}.weight_scale_2" not in files:
            raise CheckpointError(
                files.path,
                f"tensor {quoted(name)} is {describe(info)}, and not of ModelOpt's NVFP4, the only"
                " format of it that can be read",
            )
        second = part(files, module, "weight_scale_2", ("F32",))
        factor = positive_scale(files, second)
        tensors[name] = microscaling_tensor(
            files,
            name,
            "NVFP4",
            "nvfp4",
            info,
            part(files, module, "weight_scale", ("F8_E4M3",)),
            from_factor(factor),
            rounding(factor),
            second.nbytes,
        )
    return tensors
