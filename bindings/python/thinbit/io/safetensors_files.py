"""A safetensors file, or a folder of shards with its index and config, read as one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from thinbit._generated import file_texts

from .errors import CheckpointError, described, quoted
from .json_file import read_json_object
from .safetensors_header import TensorInfo
from .safetensors_reader import SafetensorsReader

INDEX_NAME = "model.safetensors.index.json"
CONFIG_NAME = "config.json"


class SafetensorsFiles:
    """The tensors of one file or of all shards in a folder. A context manager.

    Attributes:
        path: The file or folder.
        files: The paths of the files that hold the tensors.
        tensors: TensorInfo by name, in the order of the files and of their data.
        metadata: That of the file; of shards, what the first of them says.
        config: The config.json in the folder; None where there is none.
        size: Bytes of all files.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the files and check them.

        Raises CheckpointError for files that are not whole and valid, for shards that do not
        agree with their index or each other, and for a folder without any; OSError.
        """
        self.path = os.fspath(path)
        folder = Path(self.path)
        is_folder = folder.is_dir()
        self.files, index = _shards(folder) if is_folder else ([folder], None)
        self._readers: list[SafetensorsReader] = []
        self._owner: dict[str, SafetensorsReader] = {}
        self.tensors: dict[str, TensorInfo] = {}
        try:
            config = (folder if is_folder else folder.parent) / CONFIG_NAME
            self.config = read_json_object(config) if config.is_file() else None
            for file in self.files:
                self._add(SafetensorsReader(file))
            if index is not None:
                self._check_index(index)
        except BaseException:
            self.close()
            raise
        self.metadata = self._readers[0].metadata
        self.size = sum(reader.size for reader in self._readers)

    def __enter__(self) -> SafetensorsFiles:
        """The files themselves."""
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
        """Close the files. Arrays that were read stay valid."""
        for reader in self._readers:
            reader.close()

    def read(self, name: str) -> npt.NDArray[Any]:
        """One tensor as a new array; as SafetensorsReader.read."""
        return self._owner[name].read(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The tensor's bytes as they are in its file, at most 4 MiB at a time."""
        return self._owner[name].chunks(name)

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name in self.tensors

    def _add(self, reader: SafetensorsReader) -> None:
        self._readers.append(reader)
        for name, info in reader.tensors.items():
            if name in self._owner:
                other = os.path.basename(self._owner[name].path)
                problem = file_texts.tensor_in_two(name=quoted(name), other=quoted(other))
                raise CheckpointError(reader.path, problem)
            self._owner[name] = reader
            self.tensors[name] = info

    def _check_index(self, index: dict[str, str]) -> None:
        for name, file in sorted(index.items()):
            owner = self._owner.get(name)
            if owner is None or os.path.basename(owner.path) != file:
                problem = file_texts.index_wrong(name=quoted(name), file=quoted(file))
                raise CheckpointError(self.path, problem)


def _shards(folder: Path) -> tuple[list[Path], dict[str, str] | None]:
    """The files of a folder that hold tensors, and what the index says where there is one."""
    index = folder / INDEX_NAME
    if not index.is_file():
        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise CheckpointError(folder, file_texts.no_files())
        return files, None
    weights = read_json_object(index).get("weight_map")
    if not isinstance(weights, dict) or not weights:
        raise CheckpointError(index, file_texts.index_empty())
    for _, file in sorted(weights.items(), key=lambda item: item[0]):
        # A name with a folder in it would lead out of this one.
        if not isinstance(file, str) or os.path.basename(file) != file or file in ("", ".", ".."):
            raise CheckpointError(index, file_texts.index_no_name(value=described(file)))
        if not (folder / file).is_file():
            raise CheckpointError(index, file_texts.index_no_file(file=quoted(file)))
    return [folder / file for file in sorted(set(weights.values()))], weights
