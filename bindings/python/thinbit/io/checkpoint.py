"""A checkpoint in one safetensors file: quantized weights as values, all else as arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy.typing as npt

from thinbit import QuantizedTensor

from .errors import CheckpointError, quoted
from .mlx_layout import (
    QuantizationTable,
    QuantizedModule,
    find_modules,
    find_table,
    module_path,
    part_name,
)
from .safetensors_header import TensorInfo
from .safetensors_reader import SafetensorsReader
from .safetensors_writer import write_safetensors
from .specification import QuantizationSpec


class Checkpoint:
    """An open safetensors file, float or in MLX's quantized layout. A context manager.

    `modules` are the quantized weights by module path, `plain` the tensors that belong to none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file and check it; CheckpointError says what is wrong with it."""
        self._reader = SafetensorsReader(path)
        try:
            table = find_table(self._reader.path, self._reader.metadata)
            self.modules = find_modules(self._reader.path, self._reader.tensors, table)
        except BaseException:
            self._reader.close()
            raise
        packed = {info.name for module in self.modules.values() for info in module.parts.values()}
        self.plain: dict[str, TensorInfo] = {
            name: info for name, info in self._reader.tensors.items() if name not in packed
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
        """Close the file."""
        self._reader.close()

    @property
    def path(self) -> str:
        """The file's path."""
        return self._reader.path

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._reader.size

    @property
    def metadata(self) -> dict[str, str]:
        """The file's metadata."""
        return self._reader.metadata

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """Every tensor as it is stored, in the order of the data."""
        return self._reader.tensors

    def array(self, name: str) -> npt.NDArray[Any]:
        """One tensor as it is stored; KeyError for a name that is not there."""
        return self._reader.read(name)

    def quantized(self, module: str) -> QuantizedTensor:
        """The quantized weight of a module.

        Raises KeyError where the module has none, CheckpointError where the file does not say
        how to read it.
        """
        found: QuantizedModule = self.modules[module]
        if found.spec is None:
            choices = " or ".join(str(spec) for spec in found.candidates)
            raise CheckpointError(
                self.path,
                f"module {quoted(module)} is {choices}: the shapes fit all of them, and neither"
                " metadata nor a config.json says which",
            )
        arrays = {part: self._reader.read(info.name) for part, info in found.parts.items()}
        return QuantizedTensor(
            arrays["weight"],
            arrays["scales"],
            arrays.get("biases"),
            global_scale=arrays.get("global_scale"),
            mode=found.spec.mode,
            group_size=found.spec.group_size,
            bits=found.spec.bits,
        )


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
                raise ValueError(f"two tensors would be called {quoted(part)}")
            arrays[part] = array
    write_safetensors(path, arrays, {**(metadata or {}), **_table(specs)}, overwrite=overwrite)


def quantized_parts(module: str, weight: QuantizedTensor) -> dict[str, npt.NDArray[Any]]:
    """The tensors that store a quantized weight, by name."""
    parts = {
        "weight": weight.packed,
        "scales": weight.scales,
        "biases": weight.biases,
        "global_scale": weight.global_scale,
    }
    return {part_name(module, part): array for part, array in parts.items() if array is not None}


def _table(specs: Mapping[str, QuantizationSpec]) -> dict[str, str]:
    if not specs:
        return {"format": "mlx"}
    default = next(iter(specs.values()))
    overrides = {module: spec for module, spec in specs.items() if spec != default}
    return QuantizationTable(default, overrides).to_metadata()
