"""Reading a safetensors file, one tensor at a time."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from thinbit._generated import file_texts

from .errors import CheckpointError, quoted
from .regular_file import RegularFile
from .safetensors_header import (
    MAX_HEADER_BYTES,
    NUMPY_DTYPES,
    PREFIX_BYTES,
    Header,
    TensorInfo,
    parse_header,
)


class SafetensorsReader:
    """An open safetensors file whose header has been checked in full.

    `tensors` maps names to TensorInfo in the order of the data, `metadata` maps strings to
    strings. Nothing but the header is read until it is asked for. A context manager.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file and check it.

        Raises CheckpointError for a file that is not whole and valid, OSError for one that
        cannot be opened.
        """
        self._file = RegularFile(path)
        self.path, self.size = self._file.path, self._file.size
        self._values: Any = None
        try:
            header = self._read_header()
        except BaseException:
            self._file.close()
            raise
        self.metadata = header.metadata
        self.tensors = header.tensors
        self._data_start = header.data_start

    def __enter__(self) -> SafetensorsReader:
        """The reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file. Arrays that were read stay valid."""
        self._file.close()
        self._values = None

    def read(self, name: str) -> npt.NDArray[Any]:
        """One tensor as a new array, bfloat16 as ml_dtypes.bfloat16.

        Raises KeyError for an unknown name, CheckpointError for a dtype that numpy lacks or a
        file that changed since it was opened.
        """
        info = self.tensors[name]
        if info.dtype not in NUMPY_DTYPES:
            raise CheckpointError(
                self.path, file_texts.tensor_type(name=quoted(name), dtype=info.dtype)
            )
        try:
            if self._values is None:
                # Without a memory map: a file that shrinks must be an error, not a bus error.
                self._values = safe_open(self.path, framework="numpy", backend="pread")
            array = np.asarray(self._values.get_tensor(name))
        except (SafetensorError, OSError) as error:
            raise CheckpointError(self.path, f"tensor {quoted(name)}: {error}") from None
        if array.dtype != NUMPY_DTYPES[info.dtype] or array.shape != info.shape:
            raise CheckpointError(self.path, file_texts.changed())
        return array

    def chunks(self, name: str) -> Iterator[bytes]:
        """The tensor's bytes as they are in the file, at most 4 MiB at a time."""
        info = self.tensors[name]
        start = self._data_start
        return self._file.chunks(start + info.begin, start + info.end)

    def __contains__(self, name: str) -> bool:
        """Whether the file has a tensor of this name."""
        return name in self.tensors

    def _read_header(self) -> Header:
        if self.size < PREFIX_BYTES:
            raise CheckpointError(self.path, file_texts.too_short(size=self.size))
        (length,) = struct.unpack("<Q", self._file.read(0, PREFIX_BYTES))
        rest = self.size - PREFIX_BYTES
        if length > rest:
            raise CheckpointError(self.path, file_texts.header_cut(length=length, rest=rest))
        if length > MAX_HEADER_BYTES:
            problem = file_texts.header_too_long(length=length, most=MAX_HEADER_BYTES)
            raise CheckpointError(self.path, problem)
        text = bytes(self._file.read(PREFIX_BYTES, PREFIX_BYTES + length))
        return parse_header(self.path, text, rest - length)


def describe(info: TensorInfo) -> str:
    """A tensor in a few words: `F32 [384, 384]`."""
    return f"{info.dtype} {list(info.shape)}"
