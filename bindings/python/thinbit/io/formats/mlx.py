"""The base format, and plain safetensors, as a source."""

from __future__ import annotations

from thinbit import QuantizedTensor
from thinbit.io.errors import CheckpointError
from thinbit.io.mlx_layout import QuantizedModule, find_modules, find_table
from thinbit.io.safetensors_files import SafetensorsFiles
from thinbit.io.safetensors_header import TensorInfo
from thinbit.io.source import SourceTensor


def mlx_tensors(files: SafetensorsFiles) -> dict[str, SourceTensor]:
    """The tensors of float files and of files in MLX's quantized layout.

    Raises CheckpointError where parts of a weight do not fit, or leave its mode open.
    """
    table = find_table(files.path, files.metadata, files.config)
    modules = find_modules(files.path, files.tensors, table)
    parts = {info.name: module for module in modules.values() for info in module.parts.values()}
    tensors: dict[str, SourceTensor] = {}
    for name, info in files.tensors.items():
        module = parts.get(name)
        if module is None:
            tensors[name] = plain_tensor(files, info)
        elif name == module.parts["weight"].name:
            tensors[name] = _quantized_tensor(files, module)
    return tensors


def plain_tensor(files: SafetensorsFiles, info: TensorInfo) -> SourceTensor:
    """A tensor that stays as it is."""
    return SourceTensor(
        name=info.name,
        stored_as=info.dtype,
        dtype=info.dtype,
        shape=info.shape,
        nbytes=info.nbytes,
        read=lambda: files.read(info.name),
        chunks=lambda: files.chunks(info.name),
    )


def read_module(files: SafetensorsFiles, module: QuantizedModule) -> QuantizedTensor:
    """A quantized weight; CheckpointError where the files leave its mode open."""
    if module.spec is None:
        raise CheckpointError(files.path, module.open_choice())
    arrays = {part: files.read(info.name) for part, info in module.parts.items()}
    return QuantizedTensor(
        arrays["weight"],
        arrays["scales"],
        arrays.get("biases"),
        global_scale=arrays.get("global_scale"),
        mode=module.spec.mode,
        group_size=module.spec.group_size,
        bits=module.spec.bits,
    )


def _quantized_tensor(files: SafetensorsFiles, module: QuantizedModule) -> SourceTensor:
    if module.spec is None or module.shape is None:
        raise CheckpointError(files.path, module.open_choice())
    return SourceTensor(
        name=module.parts["weight"].name,
        stored_as=str(module.spec),
        dtype=module.parts["scales"].dtype,
        shape=module.shape,
        nbytes=module.nbytes,
        read=lambda: read_module(files, module),
        spec=module.spec,
        global_scales=scales.elements if (scales := module.parts.get("global_scale")) else 0,
    )
