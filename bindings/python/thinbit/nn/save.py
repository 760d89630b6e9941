"""Saving a model as a checkpoint."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from thinbit._arrays import numpy_of
from thinbit._generated import file_texts
from thinbit.nn.module import Module
from thinbit.quantized_tensor import QuantizedTensor

_KEYS = ("quantization", "quantization_config")


def save(
    model: Module,
    path: str | os.PathLike[str],
    *,
    config: Mapping[str, Any] | None = None,
    shard_bytes: int = 5 * 10**9,
    overwrite: bool = False,
) -> None:
    """Write the parameters of a model as a checkpoint in MLX's layout.

    Args:
        model: What holds the parameters.
        path: What to write: a file where its name ends in `.safetensors`; else a folder of shards
            with config and index. It appears when it is whole. The metadata of every file says how
            weights are quantized, and the config does.
        config: What the folder's config.json holds beside the quantization.
        shard_bytes: The most that a shard of a folder holds, a larger module aside.
        overwrite: Whether what is there may be replaced: a file, or a folder with a checkpoint.

    Raises:
        thinbit.io.CheckpointError: the path cannot be written, or is there already.
        ImportError: a package that writes files is missing.
    """
    # Only those who write files need the packages of thinbit.io.
    from thinbit.io import CheckpointError, CheckpointWriter, QuantizationSpec, QuantizationTable
    from thinbit.io import TensorDeclaration as Declaration
    from thinbit.io.errors import quoted
    from thinbit.io.mlx_layout import module_path, quantized_parts

    modules: dict[str, dict[str, Any]] = {}
    specs: dict[str, QuantizationSpec] = {}
    names: set[str] = set()
    for name, value in model.parameters().items():
        module = name.rpartition(".")[0]
        parts: dict[str, Any]
        if isinstance(value, QuantizedTensor):
            if module_path(name) == name:
                raise CheckpointError(path, f"{name!r} is quantized, and not called X.weight")
            specs[module] = QuantizationSpec(value.mode, value.bits, value.group_size)
            parts = quantized_parts(module, value)
        else:
            parts = {name: numpy_of(value)}
        for part, array in parts.items():
            if part in names:
                raise CheckpointError(path, file_texts.two_of_a_name(name=quoted(part)))
            names.add(part)
            modules.setdefault(module, {})[part] = numpy_of(array)
    table = None
    if specs:
        ((default, _),) = Counter(specs.values()).most_common(1)
        others = {module: spec for module, spec in specs.items() if spec != default}
        table = QuantizationTable(default, others)
    is_file = os.fspath(path).endswith(".safetensors")
    said = {} if table is None else dict.fromkeys(_KEYS, table.to_json())
    writer = CheckpointWriter(
        path,
        [[Declaration.of(n, a) for n, a in arrays.items()] for arrays in modules.values()],
        {"format": "mlx"} if table is None else table.to_metadata(),
        config=None if is_file else {**(config or {}), **said},
        shard_bytes=shard_bytes,
        overwrite=overwrite,
    )
    with writer:
        for arrays in modules.values():
            for part, array in arrays.items():
                writer.write(part, array)
