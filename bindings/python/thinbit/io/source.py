"""A checkpoint of any format, as the tensors that it becomes in the base format."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from thinbit import QuantizedTensor

from .mlx_layout import FLOAT_CODES
from .specification import QuantizationSpec


@dataclass(frozen=True, slots=True)
class SourceTensor:
    """One tensor: an array, or a quantized weight with all its parts.

    Attributes:
        name: Its name in the base format; that of a quantized weight ends in `weight`.
        stored_as: What its own format calls it: `F32`, `Q4_1`, `pack-quantized`.
        dtype: The dtype that an array has, and a quantized weight's scales have, here.
        shape: That of the array, or of the weight that was quantized.
        nbytes: Bytes that it takes in its own format.
        spec: How the weight is quantized; None for an array.
        loss: What reading it changes; None where every value stays what it is.
        read: Gives the array or the QuantizedTensor.
        chunks: Gives the array's bytes where they are stored as they will be; else None.
        global_scales: How many global scales the QuantizedTensor has.
    """

    name: str
    stored_as: str
    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    read: Callable[[], npt.NDArray[Any] | QuantizedTensor]
    spec: QuantizationSpec | None = None
    loss: str | None = None
    chunks: Callable[[], Iterator[bytes]] | None = None
    global_scales: int = 0

    @property
    def elements(self) -> int:
        """How many elements the shape has."""
        return math.prod(self.shape)

    @property
    def is_weight_matrix(self) -> bool:
        """Whether it is a float weight of two axes or more, as quantized ones are made from."""
        return (
            self.spec is None
            and self.dtype in FLOAT_CODES
            and len(self.shape) >= 2
            and self.name.rpartition(".")[2] == "weight"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """An open checkpoint. A context manager, which closes its files.

    Attributes:
        path: The file or folder.
        files: The files that hold the tensors.
        format: What it is, in a few words: `GGUF`, `compressed-tensors nvfp4-pack-quantized`.
        size: Bytes of all its files that hold tensors.
        tensors: By name, in the order of the data.
        metadata: That of a safetensors file, without what says how it is quantized.
        config: What a config.json says of the model, apart from its quantization.
        texts: Further files that a model needs, by name, such as tokenizer.json.
        copies: Files to copy as they are.
        notes: What a reader should know, a sentence each.
    """

    path: str
    files: tuple[str, ...]
    format: str
    size: int
    tensors: Mapping[str, SourceTensor]
    close: Callable[[], None]
    metadata: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def __enter__(self) -> Source:
        """The source itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files."""
        self.close()
