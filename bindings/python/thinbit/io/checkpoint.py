"""A checkpoint of safetensors files: quantized weights as values, all else as arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy.typing as npt

from thinbit import QuantizedTensor
from thinbit._generated import file_texts

from .errors import quoted
from .formats.mlx import read_module
from .mlx_layout import (
    QuantizationTable,
    find_modules,
    find_table,
    module_path,
    quantized_parts,
)
from .safetensors_files import SafetensorsFiles
from .safetensors_header import TensorInfo
from .safetensors_writer import write_safetensors
from .specification import QuantizationSpec


class Checkpoint:
    """An open safetensors file or folder of shards, float or in MLX's quantized layout.

    `modules` are the quantized weights by module path, `plain` the tensors that belong to none,
    `config` what the folder's config.json holds. A context manager.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the files and check them; CheckpointError says what is wrong with them."""
        self._files = SafetensorsFiles(path)
        try:
            table = find_table(self._files.path, self._files.metadata, self._files.config)
            self.modules = find_modules(self._files.path, self._files.tensors, table)
        except BaseException:
            self._files.close()
            raise
        packed = {info.name for module in self.modules.values() for info in module.parts.values()}
        self.plain: dict[str, TensorInfo] = {
            name: info for name, info in self._files.tensors.items() if name not in packed
        }

    def __enter__(self) -> Checkpoint:
        """The checkpoint itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._files.close()

    @property
    def path(self) -> str:
        """The path of the file or folder."""
        return self._files.path

    @property
    def size(self) -> int:
        """Bytes of all files that hold tensors."""
        return self._files.size

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata of the file, or of the first shard."""
        return self._files.metadata

    @property
    def config(self) -> dict[str, Any] | None:
        """The object in the config.json beside the tensors; None where there is none."""
        return self._files.config

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """Every tensor as it is stored, in the order of the data."""
        return self._files.tensors

    def array(self, name: str) -> npt.NDArray[Any]:
        """One tensor as it is stored; KeyError for a name that is not there."""
        return self._files.read(name)

    def quantized(self, module: str) -> QuantizedTensor:
        """The quantized weight of a module.

        Raises KeyError where the module has none, CheckpointError where the files do not say
        how to read it.
        """
        return read_module(self._files, self.modules[module])


def save_checkpoint(
    path: str | os.PathLike[str],
    tensors: Mapping[str, npt.NDArray[Any] | QuantizedTensor],
    metadata: Mapping[str, str] | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write arrays and quantized weights to one file in MLX's layout.

    A QuantizedTensor is stored under the name of its weight, `X.weight`. ValueError where its
    name does not end so, or where two tensors would get one name; else as SafetensorsWriter.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    specs: dict[str, QuantizationSpec] = {}
    for name, value in tensors.items():
        if isinstance(value, QuantizedTensor):
            if name.rpartition(".")[2] != "weight":
                raise ValueError(f"a quantized tensor is stored as X.weight, not {quoted(name)}")
            module = module_path(name)
            specs[module] = QuantizationSpec(value.mode, value.bits, value.group_size)
            parts = quantized_parts(module, value)
        else:
            parts = {name: value}
        for part, array in parts.items():
            if part in arrays:
                raise ValueError(file_texts.two_of_a_name(name=quoted(part)))
            arrays[part] = array
    write_safetensors(path, arrays, {**(metadata or {}), **_table(specs)}, overwrite=overwrite)


def _table(specs: Mapping[str, QuantizationSpec]) -> dict[str, str]:
    if not specs:
        return {"format": "mlx"}
    default = next(iter(specs.values()))
    overrides = {module: spec for module, spec in specs.items() if spec != default}
    return QuantizationTable(default, overrides).to_metadata()
