"""A regular file, read at offsets: from several threads, and never as a memory map.

A map of a file that shrinks is a bus error; here it is a CheckpointError.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from thinbit._generated import file_texts

from .errors import CheckpointError

_CHUNK_BYTES = 4 * 2**20


class RegularFile:
    """An open file of `size` bytes. A pipe or a device, which may never end, is refused."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file; CheckpointError where it is a folder or no regular file, else OSError."""
        self.path = os.fspath(path)
        mode = os.stat(self.path).st_mode
        if not stat.S_ISREG(mode):
            is_folder = stat.S_ISDIR(mode)
            problem = file_texts.is_folder() if is_folder else file_texts.not_regular()
            raise CheckpointError(self.path, problem)
        self._file = open(self.path, "rb", buffering=0)  # noqa: SIM115 - closed by close()
        self.size = os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def chunks(self, begin: int, end: int) -> Iterator[bytes]:
        """The bytes from `begin` to `end`, at most 4 MiB at a time."""
        while begin < end:
            chunk = os.pread(self._file.fileno(), min(_CHUNK_BYTES, end - begin), begin)
            if not chunk:
                raise CheckpointError(self.path, file_texts.changed())
            begin += len(chunk)
            yield chunk

    def read(self, begin: int, end: int) -> bytearray:
        """The bytes from `begin` to `end`, which lie in the file."""
        data = bytearray(end - begin)
        at = 0
        for chunk in self.chunks(begin, end):
            data[at : at + len(chunk)] = chunk
            at += len(chunk)
        return data
