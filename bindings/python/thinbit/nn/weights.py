"""A checkpoint as arrays and layers: quantized ones where it is quantized."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy.typing as npt

from thinbit._errors import ThinbitError
from thinbit._generated.layers import (
    Embedding,
    Linear,
    QQLinear,
    QuantizedEmbedding,
    QuantizedLinear,
)
from thinbit.nn.module import joined
from thinbit.quantized_tensor import QuantizedTensor


class Weights:
    """The tensors of a checkpoint, by the names of the base format. A context manager.

    Any format that `thinbit.io` reads will do: MLX's, plain safetensors, GGUF and others, in one
    file or a folder. The mode of a weight is what the checkpoint says, or what its tensors leave as
    the only possibility.

    Attributes:
        path: The file or folder.
        config: What its config.json says, or follows from a GGUF file; without the quantization.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a checkpoint.

        Raises:
            thinbit.io.CheckpointError: the files are not whole and valid.
            ImportError: a package that reads them is missing.
        """
        # Only those who read files need the packages of thinbit.io.
        from thinbit.io import CheckpointError, open_source

        self._error = CheckpointError
        self._source = open_source(path)
        self.path = self._source.path
        self.config: Mapping[str, Any] = self._source.config or {}

    def __enter__(self) -> Weights:
        """The weights themselves."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Close the files. What was read stays valid."""
        self._source.close()

    def error(self, problem: str) -> ValueError:
        """The CheckpointError of a problem with this checkpoint."""
        return self._error(self.path, problem)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tensors; a quantized weight has one, `X.weight`."""
        return tuple(self._source.tensors)

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name in self._source.tensors

    def read(self, name: str) -> npt.NDArray[Any] | QuantizedTensor:
        """One tensor: an array, or a quantized weight with all its parts.

        Raises:
            thinbit.io.CheckpointError: there is none of this name, or it cannot be read.
        """
        if name not in self:
            raise self.error(f"there is no tensor {name!r}")
        return self._source.tensors[name].read()

    def array(self, name: str) -> npt.NDArray[Any]:
        """One tensor that is not quantized; errors as for `read`."""
        value = self.read(name)
        if isinstance(value, QuantizedTensor):
            raise self.error(f"tensor {name!r} is quantized, and must be floats")
        return value

    def linear(
        self, path: str, *, quantize_input: bool = False
    ) -> Linear | QuantizedLinear | QQLinear:
        """The linear layer of a path: quantized where its weight is.

        Args:
            path: The module's path; its tensors are `path.weight` and maybe `path.bias`.
            quantize_input: Whether a layer with a quantized weight quantizes its input too.

        Raises:
            thinbit.io.CheckpointError: its tensors are missing, or make no layer.
        """
        weight = self.read(joined(path, "weight"))
        name = joined(path, "bias")
        bias = self.array(name) if name in self else None
        try:
            if not isinstance(weight, QuantizedTensor):
                return Linear(weight, bias)
            return QQLinear(weight, bias) if quantize_input else QuantizedLinear(weight, bias)
        except ThinbitError as error:
            raise self.error(f"module {path!r}: {error}") from None

    def embedding(
        self, path: str, *, dtype: npt.DTypeLike | None = None
    ) -> Embedding | QuantizedEmbedding:
        """The table of a path: quantized where its weight is.

        Args:
            path: The module's path; its tensor is `path.weight`.
            dtype: That of the rows of a quantized table; that of its scales for affine, float32 for
                the other modes, when not given.

        Raises:
            thinbit.io.CheckpointError: its tensor is missing, or makes no table.
        """
        weight = self.read(joined(path, "weight"))
        try:
            if not isinstance(weight, QuantizedTensor):
                return Embedding(weight)
            return QuantizedEmbedding(weight, dtype)
        except ThinbitError as error:
            raise self.error(f"module {path!r}: {error}") from None
