"""Reading a safetensors file, one tensor at a time."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from .errors import CheckpointError, quoted
from .safetensors_header import (
    MAX_HEADER_BYTES,
    NUMPY_DTYPES,
    PREFIX_BYTES,
    Header,
    TensorInfo,
    parse_header,
)

_CHUNK_BYTES = 4 * 2**20


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
        self.path = os.fspath(path)
        mode = os.stat(self.path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise CheckpointError(self.path, f"this is {kind}")
        self._file = open(self.path, "rb")  # noqa: SIM115 - closed by close()
        self._values: Any = None
        try:
            self.size = os.fstat(self._file.fileno()).st_size
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
                self.path, f"tensor {quoted(name)} is {info.dtype}, for which numpy has no dtype"
            )
        try:
            if self._values is None:
                # Without a memory map: a file that shrinks must be an error, not a bus error.
                self._values = safe_open(self.path, framework="numpy", backend="pread")
            array = np.asarray(self._values.get_tensor(name))
        except (SafetensorError, OSError) as error:
            raise CheckpointError(self.path, f"tensor {quoted(name)}: {error}") from None
        if array.dtype != NUMPY_DTYPES[info.dtype] or array.shape != info.shape:
            raise CheckpointError(self.path, "the file changed while it was read")
        return array

    def chunks(self, name: str) -> Iterator[bytes]:
        """The tensor's bytes as they are in the file, at most 4 MiB at a time."""
        info = self.tensors[name]
        position, end = self._data_start + info.begin, self._data_start + info.end
        while position < end:
            self._file.seek(position)
            chunk = self._file.read(min(_CHUNK_BYTES, end - position))
            if not chunk:
                raise CheckpointError(self.path, "the file changed while it was read")
            position += len(chunk)
            yield chunk

    def __contains__(self, name: str) -> bool:
        """Whether the file has a tensor of this name."""
        return name in self.tensors

    def _read_header(self) -> Header:
        prefix = self._file.read(PREFIX_BYTES)
        if len(prefix) < PREFIX_BYTES:
            raise CheckpointError(
                self.path,
                f"the file has {self.size} bytes; a safetensors file has at least 8,"
                " which hold the length of its header",
            )
        (length,) = struct.unpack("<Q", prefix)
        rest = self.size - PREFIX_BYTES
        if length > rest:
            raise CheckpointError(
                self.path,
                f"the header is said to have {length} bytes, but {rest} follow: the file is cut"
                " short, or is not a safetensors file",
            )
        if length > MAX_HEADER_BYTES:
            raise CheckpointError(
                self.path, f"the header has {length} bytes; at most {MAX_HEADER_BYTES} are legal"
            )
        text = self._file.read(length)
        return parse_header(self.path, text, rest - length)


def describe(info: TensorInfo) -> str:
    """A tensor in a few words: `F32 [384, 384]`."""
    return f"{info.dtype} {list(info.shape)}"
