"""Writing a safetensors file tensor by tensor: what the safetensors library cannot do.

The names, dtypes and shapes are declared first, which fixes the header and every offset. After
that the data may come in any order and nothing of it is kept. The library writes the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import stat
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit._generated import file_texts

from .errors import CheckpointError, OutputExistsError, quoted
from .safetensors_header import DTYPE_BITS, NUMPY_DTYPES, PREFIX_BYTES, Header, parse_header

_ALIGNMENT = 8
_DTYPE_CODES = {dtype: code for code, dtype in NUMPY_DTYPES.items()}
_DTYPE_ORDER = {code: index for index, code in enumerate(DTYPE_BITS)}


@dataclass(frozen=True, slots=True)
class TensorDeclaration:
    """A tensor that will be written: its name, its dtype as the format spells it, its shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, name: str, array: npt.NDArray[Any]) -> TensorDeclaration:
        """The declaration of an array under a name; TypeError where the format has no dtype."""
        return cls(name, dtype_code(array.dtype), array.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the data."""
        return math.prod(self.shape) * DTYPE_BITS[self.dtype] // 8


def temporary_path(path: str, token: str) -> str:
    """Where an output is made, beside the path that it gets when it is whole."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:64]}.{token}.partial")


def dtype_code(dtype: npt.DTypeLike) -> str:
    """The format's spelling of a numpy dtype: float32 is `F32`. TypeError where it has none."""
    code = _DTYPE_CODES.get(np.dtype(dtype))
    if code is None:
        raise TypeError(f"safetensors has no dtype for numpy's {np.dtype(dtype)}")
    return code


class SafetensorsWriter:
    """A safetensors file in the making. A context manager.

    The data goes to a temporary file in the same folder. Leaving the context without an exception
    makes it the file, in one step and after it has reached the disk; leaving it with one, Ctrl-C
    included, removes it. So the path holds the whole file, or what it held before.

    Several processes can write one file: one makes it, and the others join, with the same
    declarations and token. They leave the context before the first does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        tensors: Iterable[TensorDeclaration],
        metadata: Mapping[str, str] | None = None,
        *,
        overwrite: bool = False,
        token: str | None = None,
        joins: bool = False,
    ) -> None:
        """Declare what will be written; nothing touches the disk before the context is entered.

        Args:
            path: The file.
            tensors: What it will hold.
            metadata: Of the file.
            overwrite: Whether what is there may be replaced.
            token: A part of the temporary file's name; random when not given.
            joins: Whether another process makes the file, and this one writes tensors into it.

        Raises:
            CheckpointError: the path cannot be the output: it exists and `overwrite` is False, it
                is no regular file, or its folder is missing.
            ValueError: names repeat, or metadata is not strings.
        """
        self.path = os.path.realpath(os.fspath(path))
        self._joins = joins
        self._shown = os.fspath(path)
        self._overwrite = overwrite
        self._check_target()
        self._text = _header_text(tensors, metadata or {})
        self._header = _own_header(self._shown, self._text)
        self._pending = set(self._header.tensors)
        self.temporary = temporary_path(self.path, token or secrets.token_hex(6))
        self._file: Any = None

    def __enter__(self) -> SafetensorsWriter:
        """Create the temporary file, at its full length, or open that of another process."""
        try:
            self._file = open(self.temporary, "r+b" if self._joins else "xb")
        except OSError as error:
            raise CheckpointError(self._shown, f"cannot be written: {error.strerror}") from None
        if self._joins:
            return self
        try:
            self._file.write(struct.pack("<Q", len(self._text)) + self._text)
            self._file.truncate(self.size)
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Publish the file, or remove it when an exception is on its way."""
        if self._joins:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
            return
        if kind is not None:
            self._discard()
            return
        try:
            if self._pending:
                missing = ", ".join(quoted(name) for name in sorted(self._pending)[:3])
                raise ValueError(
                    f"{len(self._pending)} declared tensors were not written: {missing}"
                )
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._check_target()
            os.replace(self.temporary, self.path)
        except BaseException:
            self._discard()
            raise
        sync_folder(os.path.dirname(self.path))

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        ends = (info.end for info in self._header.tensors.values())
        return self._header.data_start + max(ends, default=0)

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write one declared tensor; ValueError where the array is not what was declared."""
        info = self._header.tensors[name]
        if dtype_code(array.dtype) != info.dtype or array.shape != info.shape:
            raise ValueError(
                f"{quoted(name)} was declared {info.dtype} {list(info.shape)}; this array is"
                f" {dtype_code(array.dtype)} {list(array.shape)}"
            )
        contiguous = np.ascontiguousarray(array).reshape(-1)
        self.copy(name, [contiguous.view(np.uint8).data] if array.size else [])

    def copy(self, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        """Write one declared tensor from its bytes; ValueError where their number is another."""
        info = self._header.tensors[name]
        if name not in self._pending:
            raise ValueError(f"{quoted(name)} was written already")
        self._file.seek(self._header.data_start + info.begin)
        written = 0
        for chunk in chunks:
            written += len(chunk)
            if written > info.nbytes:
                break
            self._file.write(chunk)
        if written != info.nbytes:
            raise ValueError(f"{quoted(name)} has {info.nbytes} bytes, and not what was given")
        self._pending.remove(name)

    def written_by_others(self) -> None:
        """Count on it that other processes have written what this one has not."""
        self._pending.clear()

    def _check_target(self) -> None:
        folder = os.path.dirname(self.path)
        if not os.path.isdir(folder):
            raise CheckpointError(self._shown, f"the folder {quoted(folder)} does not exist")
        try:
            mode = os.stat(self.path).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            if stat.S_ISDIR(mode):
                raise CheckpointError(self._shown, file_texts.output_is_folder())
            raise CheckpointError(self._shown, file_texts.not_regular())
        if not self._overwrite:
            raise OutputExistsError(self._shown, file_texts.exists())

    def _discard(self) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.temporary)


def write_safetensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, npt.NDArray[Any]],
    metadata: Mapping[str, str] | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write arrays that are all there at once; errors as for SafetensorsWriter."""
    declarations = [TensorDeclaration.of(name, array) for name, array in tensors.items()]
    with SafetensorsWriter(path, declarations, metadata, overwrite=overwrite) as writer:
        for name, array in tensors.items():
            writer.write(name, array)


def _header_text(tensors: Iterable[TensorDeclaration], metadata: Mapping[str, str]) -> bytes:
    entries: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    for text in (*metadata.keys(), *metadata.values()):
        if not isinstance(text, str):
            raise ValueError(f"metadata maps strings to strings, not {text!r}")
    begin = 0
    # The widest dtypes come first, so that every tensor is aligned to its own size.
    for tensor in sorted(tensors, key=lambda tensor: (-_DTYPE_ORDER[tensor.dtype], tensor.name)):
        if tensor.name == "__metadata__":
            raise ValueError(file_texts.metadata_is_no_name())
        if tensor.name in entries:
            raise ValueError(file_texts.two_of_a_name(name=quoted(tensor.name)))
        end = begin + tensor.nbytes
        shape = [int(size) for size in tensor.shape]
        entries[tensor.name] = {"dtype": tensor.dtype, "shape": shape, "data_offsets": [begin, end]}
        begin = end
    header = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    return header + b" " * (-len(header) % _ALIGNMENT)


def _own_header(path: str, text: bytes) -> Header:
    """What this header says, through the same checks that a reader makes."""
    offsets = [
        entry["data_offsets"][1]
        for name, entry in json.loads(text).items()
        if name != "__metadata__"
    ]
    header = parse_header(path, text, max(offsets, default=0))
    assert header.data_start == PREFIX_BYTES + len(text)
    return header


def sync_folder(folder: str) -> None:
    """Bring a rename in a folder to the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
