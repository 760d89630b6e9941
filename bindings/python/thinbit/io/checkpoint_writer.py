"""Writing a checkpoint: one safetensors file, or a folder of shards with index and config.

Either appears when it is whole, or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy.typing as npt

from thinbit._generated import file_texts

from .errors import CheckpointError, OutputExistsError, quoted
from .safetensors_files import CONFIG_NAME, INDEX_NAME
from .safetensors_writer import SafetensorsWriter, TensorDeclaration, sync_folder, temporary_path

SHARD_BYTES = 5 * 10**9
_OTHER_FORMATS = (".gguf", ".bin", ".pt", ".pth", ".npz")  # such a name is no folder's


class CheckpointWriter:
    """A checkpoint in the making, at a path ending in `.safetensors` or at a folder's.

    A context manager. Leaving it without an exception publishes what was written, in one step and
    after it has reached the disk; leaving it with one removes it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        modules: Iterable[Sequence[TensorDeclaration]],
        metadata: Mapping[str, str],
        *,
        config: Mapping[str, Any] | None = None,
        texts: Mapping[str, str] | None = None,
        copies: Iterable[Path] = (),
        shard_bytes: int = SHARD_BYTES,
        overwrite: bool = False,
        token: str | None = None,
        joins: bool = False,
    ) -> None:
        """Declare what will be written; nothing touches the disk before the context is entered.

        Args:
            path: The file or the folder.
            modules: Tensors; those of one module stay together in a shard.
            metadata: Of every file.
            config: What a folder's config.json holds.
            texts: More files of a folder, by name.
            copies: Files to copy into a folder.
            shard_bytes: The most that a shard of a folder holds, a larger module aside.
            overwrite: Whether what is there may be replaced: a file, or a folder that holds a
                checkpoint.
            token: A part of the temporary names; random when not given.
            joins: Whether another process makes the checkpoint, from the same declarations and
                token, and this one writes tensors into it; see SafetensorsWriter.

        Raises:
            CheckpointError: the path cannot be the output.
        """
        self.path = os.fspath(path)
        if self.path.endswith(_OTHER_FORMATS):
            raise CheckpointError(
                path, "the output is a folder, or a file whose name ends in .safetensors"
            )
        self.is_folder = not self.path.endswith(".safetensors")
        self._overwrite = overwrite
        self._metadata = dict(metadata)
        self._texts = dict(texts or {})
        if config is not None:
            self._texts[CONFIG_NAME] = json.dumps(config, indent=2) + "\n"
        self._copies = tuple(copies)
        self._shards = _shards(modules, shard_bytes if self.is_folder else None)
        self._token = token or secrets.token_hex(6)
        self._joins = joins
        self._writers: list[SafetensorsWriter] = []
        self._owner: dict[str, SafetensorsWriter] = {}
        self._stack = contextlib.ExitStack()
        if self.is_folder:
            self.path = os.path.realpath(self.path)
            self.temporary = temporary_path(self.path, self._token)
            self._check_folder()
        else:
            self._declare([self.path], overwrite=overwrite)
            self.temporary = self._writers[0].temporary

    def __enter__(self) -> CheckpointWriter:
        """Create what is temporary, or join another process in writing it."""
        if self.is_folder and not self._joins:
            try:
                os.mkdir(self.temporary)
            except OSError as error:
                raise CheckpointError(self.path, f"cannot be written: {error.strerror}") from None
        try:
            if self.is_folder:
                names = self._file_names()
                self._declare([os.path.join(self.temporary, name) for name in names])
            for writer in self._writers:
                self._stack.enter_context(writer)
        except BaseException:
            self._stack.__exit__(CheckpointError, None, None)
            self._discard()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Publish the checkpoint, or remove it when an exception is on its way."""
        try:
            self._stack.__exit__(kind, error, traceback)
            if kind is None and self.is_folder and not self._joins:
                self._write_texts()
                self._publish()
        finally:
            self._discard()

    @property
    def size(self) -> int:
        """Bytes of all files that hold tensors."""
        return sum(writer.size for writer in self._writers)

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write one declared tensor; as SafetensorsWriter.write."""
        self._owner[name].write(name, array)

    def copy(self, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        """Write one declared tensor from its bytes; as SafetensorsWriter.copy."""
        self._owner[name].copy(name, chunks)

    def written_by_others(self) -> None:
        """As SafetensorsWriter.written_by_others."""
        for writer in self._writers:
            writer.written_by_others()

    def _declare(self, paths: Sequence[str], *, overwrite: bool = False) -> None:
        for path, tensors in zip(paths, self._shards, strict=True):
            writer = SafetensorsWriter(
                path,
                tensors,
                self._metadata,
                overwrite=overwrite,
                token=self._token,
                joins=self._joins,
            )
            self._writers.append(writer)
            for tensor in tensors:
                if self._owner.setdefault(tensor.name, writer) is not writer:
                    raise ValueError(f"there can be only one tensor {quoted(tensor.name)}")

    def _file_names(self) -> list[str]:
        count = len(self._shards)
        if count == 1:
            return ["model.safetensors"]
        return [f"model-{i + 1:05}-of-{count:05}.safetensors" for i in range(count)]

    def _check_folder(self) -> None:
        parent = os.path.dirname(self.path)
        if not os.path.isdir(parent):
            raise CheckpointError(self.path, f"the folder {quoted(parent)} does not exist")
        if not os.path.lexists(self.path):
            return
        if not os.path.isdir(self.path):
            raise CheckpointError(
                self.path,
                "this is a file; the output is a folder, or a file whose name ends in .safetensors",
            )
        if not self._overwrite:
            raise OutputExistsError(self.path, file_texts.folder_exists())
        # Only what a tool like this one wrote is replaced, and no folder of another kind.
        if not os.path.isfile(os.path.join(self.path, CONFIG_NAME)):
            raise CheckpointError(self.path, file_texts.folder_no_checkpoint())

    def _write_texts(self) -> None:
        for file in self._copies:
            with file.open("rb") as source, self._new_file(file.name) as copy:
                shutil.copyfileobj(source, copy)
        if len(self._writers) > 1:
            owners = sorted(self._owner.items())
            names = {tensor: os.path.basename(writer.path) for tensor, writer in owners}
            index = {"metadata": {"total_size": self._data_bytes()}, "weight_map": names}
            self._texts[INDEX_NAME] = json.dumps(index, indent=2) + "\n"
        for name, text in self._texts.items():
            with self._new_file(name) as written:
                written.write(text.encode())

    @contextlib.contextmanager
    def _new_file(self, name: str) -> Iterator[BinaryIO]:
        """A file of the folder, which is on the disk when it is left."""
        with open(os.path.join(self.temporary, name), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def _data_bytes(self) -> int:
        return sum(tensor.nbytes for shard in self._shards for tensor in shard)

    def _publish(self) -> None:
        self._check_folder()
        replaced = ""
        if os.path.lexists(self.path):
            replaced = self.temporary.removesuffix(".partial") + ".replaced"
            os.rename(self.path, replaced)
        try:
            os.rename(self.temporary, self.path)
        except BaseException:
            if replaced:
                os.rename(replaced, self.path)
            raise
        sync_folder(os.path.dirname(self.path))
        if replaced:
            shutil.rmtree(replaced)

    def _discard(self) -> None:
        if self.is_folder and not self._joins:
            shutil.rmtree(self.temporary, ignore_errors=True)


def _shards(
    modules: Iterable[Sequence[TensorDeclaration]], limit: int | None
) -> list[list[TensorDeclaration]]:
    shards: list[list[TensorDeclaration]] = [[]]
    filled = 0
    for tensors in modules:
        size = sum(tensor.nbytes for tensor in tensors)
        if limit is not None and filled and filled + size > limit:
            shards.append([])
            filled = 0
        shards[-1].extend(tensors)
        filled += size
    return shards
