"""Reading a GGUF file, one tensor at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.regular_file import RegularFile

from .gguf_header import GgufArray, read_array, read_header

_KINDS = {
    bool: "true or false",
    int: "an integer",
    float: "a float",
    str: "a string",
    list: "an array",
}


class GgufReader:
    """An open GGUF file whose header has been checked in full.

    `tensors` maps names to GgufTensor in the file's order. Nothing but the header is read until
    it is asked for.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file and check it.

        Raises CheckpointError for a file that is not whole and valid, OSError for one that
        cannot be opened.
        """
        self._file = RegularFile(path)
        self.path, self.size = self._file.path, self._file.size
        try:
            header = read_header(self._file)
        except BaseException:
            self._file.close()
            raise
        self.tensors = header.tensors
        self._fields = header.fields

    def close(self) -> None:
        """Close the file. Arrays that were read stay valid."""
        self._file.close()

    def field(self, key: str, kind: type) -> Any:
        """The value of a key, None where there is none.

        Raises CheckpointError where it is not of this kind: bool, int, float, str, or list for an
        array, of strings or numbers.
        """
        value = self._fields.get(key)
        if isinstance(value, GgufArray):
            found = read_array(self._file, value)
            value = found if isinstance(found, list) else found.tolist()
        if value is not None and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            shown = "an array" if isinstance(value, list) else quoted(value)
            raise CheckpointError(
                self.path, f"the key {quoted(key)} is {shown}; it must be {_KINDS[kind]}"
            )
        return value

    def data(self, name: str) -> npt.NDArray[np.uint8]:
        """All bytes of a tensor, as a new array."""
        info = self.tensors[name]
        return np.frombuffer(self._file.read(info.offset, info.offset + info.nbytes), np.uint8)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The tensor's bytes as they are in the file, at most 4 MiB at a time."""
        info = self.tensors[name]
        return self._file.chunks(info.offset, info.offset + info.nbytes)
