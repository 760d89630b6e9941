"""The streaming writer: a whole file or none, of exactly what was declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from thinbit.io import (
    OutputExistsError,
    SafetensorsReader,
    SafetensorsWriter,
    TensorDeclaration,
    write_safetensors,
)


def test_tensors_may_be_written_in_any_order_and_strided(tmp_path: Path) -> None:
    tensors = {name: np.arange(i + 2.0).repeat(2)[::2] for i, name in enumerate("abcd")}
    path = tmp_path / "model.safetensors"
    declared = [TensorDeclaration.of(name, array) for name, array in tensors.items()]
    with SafetensorsWriter(path, declared) as writer:
        for name in "dbca":
            writer.write(name, tensors[name])
        assert not path.exists()
    assert path.read_bytes() == safetensors.numpy.save(
        {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    )


def test_an_exception_leaves_neither_the_file_nor_a_part_of_it(tmp_path: Path) -> None:
    declared = [TensorDeclaration("a", "F32", (4,)), TensorDeclaration("b", "F32", (4,))]
    path = tmp_path / "x.safetensors"
    with pytest.raises(KeyboardInterrupt), SafetensorsWriter(path, declared) as writer:
        writer.write("a", np.ones(4, np.float32))
        raise KeyboardInterrupt
    with (
        pytest.raises(ValueError, match="1 declared tensors were not written: 'b'"),
        SafetensorsWriter(path, declared) as writer,
    ):
        writer.write("a", np.ones(4, np.float32))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_overwrite_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_safetensors(path, {"a": np.ones(4, np.float32)})
    before = path.read_bytes()
    with pytest.raises(OutputExistsError, match="exists already"):
        write_safetensors(path, {"a": np.zeros(4, np.float32)})
    with pytest.raises(RuntimeError), SafetensorsWriter(path, [], overwrite=True):
        raise RuntimeError
    assert path.read_bytes() == before
    write_safetensors(path, {"a": np.zeros(4, np.float32)}, overwrite=True)
    assert path.read_bytes() != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_rights_of_any_new_file_and_a_link_stays_a_link(tmp_path: Path) -> None:
    plain, path, link = tmp_path / "plain", tmp_path / "x.safetensors", tmp_path / "link"
    plain.touch()
    write_safetensors(path, {})
    assert path.stat().st_mode == plain.stat().st_mode
    link.symlink_to(path)
    write_safetensors(link, {"a": np.ones(4, np.float32)}, overwrite=True)
    assert link.is_symlink()
    with SafetensorsReader(path) as reader:
        assert list(reader.tensors) == ["a"]


def write_twice(writer: SafetensorsWriter) -> None:
    for _ in range(2):
        writer.copy("a", [bytes(16)])


def test_wrong_writes_are_refused(tmp_path: Path) -> None:
    declared = [TensorDeclaration("a", "F32", (4,))]
    path = tmp_path / "x.safetensors"
    wrong: list[tuple[Callable[[SafetensorsWriter], None], str]] = [
        (lambda w: w.write("a", np.ones(4, np.float16)), "was declared F32"),
        (lambda w: w.write("a", np.ones(5, np.float32)), "was declared F32"),
        (lambda w: w.copy("a", [b"x" * 15]), "has 16 bytes, and not what was given"),
        (lambda w: w.copy("a", [b"x" * 8] * 3), "has 16 bytes, and not what was given"),
        (write_twice, "'a' was written already"),
    ]
    for write, problem in wrong:
        with pytest.raises(ValueError, match=problem), SafetensorsWriter(path, declared) as writer:
            write(writer)
    with pytest.raises(ValueError, match="two tensors would be called 'a'"):
        SafetensorsWriter(path, [*declared, *declared])
    assert list(tmp_path.iterdir()) == []
