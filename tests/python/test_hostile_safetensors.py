"""Files that are cut short, damaged or made to harm: an error that names the file, nothing else."""

from __future__ import annotations

import json
import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import safetensors

from thinbit.io import Checkpoint, CheckpointError

A = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
B = {"dtype": "U8", "shape": [4], "data_offsets": [16, 20]}
DATA = bytes(range(20))


def container(header: object, data: bytes = DATA, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def with_a(**changes: object) -> bytes:
    return container({"a": {**A, **changes}, "b": B})


GOOD = container({"__metadata__": {"k": "v"}, "a": A, "b": B})

CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "has 0 bytes"),
    "seven bytes": (GOOD[:7], "has 7 bytes"),
    "header beyond the file": (GOOD[:40], "but 32 follow"),
    "header of all ones": (b"\xff" * 8 + GOOD[8:], "is said to have 18446744073709551615 bytes"),
    "no header": (container(b""), "does not start with a brace"),
    "not UTF-8": (container(b'{"\xff": 1}'), "not UTF-8 at byte 2"),
    "not JSON": (container(b'{"a": }'), "not JSON"),
    "text after the JSON": (container(b"{} {}", b""), "not JSON"),
    "a list": (container([A]), "does not start with a brace"),
    "leading space": (container(b" {}", b""), "does not start with a brace"),
    "nested": (container(b'{"a":' + b"[" * 200_000), "nested more than 64 deep"),
    "a huge number": (container(b'{"a":' + b"9" * 10_000 + b"}"), "not JSON"),
    "NaN": (container(b'{"a": NaN}'), "not JSON"),
    "a name twice": (
        container(b'{"a": %b, "a": %b}' % ((json.dumps(A).encode(),) * 2), DATA[:16]),
        "has the key 'a' twice",
    ),
    "a key twice": (container(b'{"a": {"dtype": "F32", "dtype": "F16"}}'), "'dtype' twice"),
    "half a surrogate": (container(b'{"\\ud800": {}}'), "half of a surrogate pair"),
    "metadata of numbers": (
        container({"__metadata__": {"k": 1}, "a": A, "b": B}),
        "has 1 under 'k'",
    ),
    "metadata no object": (container({"__metadata__": "x", "a": A, "b": B}), "maps? strings"),
    "tensor no object": (container({"a": 5}), "tensor 'a' is 5"),
    "no dtype": (container({"a": {"shape": [], "data_offsets": [0, 0]}}), "has no dtype"),
    "no shape": (container({"a": {"dtype": "F32", "data_offsets": [0, 0]}}), "has no shape"),
    "no offsets": (container({"a": {"dtype": "F32", "shape": []}}), "has no data_offsets"),
    "unknown dtype": (with_a(dtype="F99"), "unknown dtype 'F99'"),
    "dtype no text": (with_a(dtype=[]), r"unknown dtype \[\]"),
    "shape no list": (with_a(shape=4), "shape 4; sizes are integers"),
    "negative size": (with_a(shape=[-2, -2]), "sizes are integers from 0"),
    "fraction": (with_a(shape=[2.0, 2]), "sizes are integers from 0"),
    "truth as a size": (with_a(shape=[True, 4]), "sizes are integers from 0"),
    "absurd shape": (with_a(shape=[2**62, 2**62]), "which no memory can hold"),
    "absurd empty shape": (with_a(shape=[0, 2**63]), "sizes are integers from 0"),
    "too many axes": (with_a(shape=[1] * 65), "65 axes"),
    "wrong size": (with_a(shape=[2, 3]), r"needs 24 bytes; its data_offsets hold 16"),
    "wrong dtype": (with_a(dtype="F16"), r"needs 8 bytes; its data_offsets hold 16"),
    "half a byte": (with_a(dtype="F4", shape=[31]), "ends inside one"),
    "one offset": (with_a(data_offsets=[0]), "two integers"),
    "three offsets": (with_a(data_offsets=[0, 16, 16]), "two integers"),
    "offsets backwards": (with_a(data_offsets=[16, 0]), r"\[16, 0\], which run backwards"),
    "negative offsets": (with_a(data_offsets=[-16, 0]), "two integers from 0"),
    "offsets beyond": (with_a(data_offsets=[2**40, 2**40 + 16]), "the data has 20 bytes"),
    "offsets of 4000 digits": (with_a(data_offsets=[0, 10**4000]), "two integers from 0"),
    "sizes of 4000 digits": (with_a(shape=[10**4000]), "sizes are integers from 0"),
    "overlap": (container({"a": A, "b": {**B, "data_offsets": [15, 19]}}, DATA[:19]), "overlap"),
    "twins": (container({"a": A, "b": A}, DATA[:16]), "tensors 'a' and 'b' overlap"),
    "gap": (container({"b": B}), "bytes 0 to 16 of the data, before tensor 'b'"),
    "bytes at the end": (GOOD + b"x", "the last 1 of 21 bytes belong to no tensor"),
    "one byte short": (GOOD[:-1], "the data has 19 bytes: the file is cut short"),
    "a terminal's escape": (container({"\x1b[2J": {**A, "dtype": "\x07"}}), r"\\x1b\[2J"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_an_error_that_says_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, problem = CASES[case]
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=problem) as caught:
        Checkpoint(path)
    assert caught.value.path == str(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1000


def test_the_file_that_the_bad_ones_are_made_from_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.safetensors"
    path.write_bytes(GOOD)
    with Checkpoint(path) as checkpoint:
        assert checkpoint.array("a").tobytes() == DATA[:16]
        assert checkpoint.array("b").tolist() == [16, 17, 18, 19]


def test_a_null_for_metadata_is_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / "null.safetensors"
    path.write_bytes(container({"__metadata__": None, "a": A, "b": B}))
    with Checkpoint(path) as checkpoint:
        assert checkpoint.metadata == {}


def test_a_file_that_shrinks_after_it_was_opened_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.safetensors"
    path.write_bytes(GOOD)
    with Checkpoint(path) as checkpoint:
        path.write_bytes(GOOD[:-10])
        with pytest.raises(CheckpointError, match=r"shrinks\.safetensors"):
            checkpoint.array("a")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no \.safetensors file in this folder"):
        Checkpoint(tmp_path)


def mutated(source: random.Random, good: bytes) -> bytes:
    """A file with a few bytes flipped, pieces cut out, doubled, or numbers exchanged."""
    content = bytearray(good)
    for _ in range(source.randint(1, 2)):
        at = source.randrange(len(content))
        length = source.randint(1, 12)
        match source.randrange(6):
            case 0:
                content[at] ^= 1 << source.randrange(8)
            case 1:
                content[at] = source.randrange(256)
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case 4:
                numbers = [i for i, byte in enumerate(content[:300]) if 48 <= byte <= 57]
                if numbers:
                    content[source.choice(numbers)] = source.choice(b"0123456789-e.")
            case 5:
                numbers = [i for i, byte in enumerate(content[:300]) if 48 <= byte <= 57]
                if numbers:
                    place = source.choice(numbers)
                    content[place:place] = str(2 ** source.randrange(70)).encode()
        if not content:
            break
    if source.random() < 0.5 and len(content) > 8:
        # With a length that fits again, so that the damage gets past the first check.
        content[:8] = struct.pack("<Q", min(len(content) - 8, bytes(content).rfind(b"}") - 7))
    return bytes(content)


def quantized_file() -> bytes:
    """A quantized checkpoint, so that the checks of the layout see damage too."""
    parts = {
        "m.weight": {"dtype": "U32", "shape": [2, 8], "data_offsets": [0, 64]},
        "m.scales": {"dtype": "U8", "shape": [2, 2], "data_offsets": [64, 68]},
    }
    said = json.dumps({"group_size": 32, "bits": 4, "mode": "mxfp4"})
    return container({"__metadata__": {"quantization": said}, **parts}, bytes(68))


@pytest.mark.parametrize("seed", range(8))
def test_mutated_files_are_read_or_refused_within_the_memory_of_a_file(
    tmp_path: Path, seed: int
) -> None:
    source = random.Random(seed)
    path = tmp_path / "mutated.safetensors"
    read = refused = 0
    for turn in range(100):
        path.write_bytes(mutated(source, GOOD if turn % 2 else quantized_file()))
        tracemalloc.start()
        try:
            with Checkpoint(path) as checkpoint:
                for name, info in checkpoint.plain.items():
                    assert checkpoint.array(name).nbytes == info.nbytes
                for module, found in checkpoint.modules.items():
                    if found.spec is not None:
                        checkpoint.quantized(module)
            read += 1
        except CheckpointError as error:
            assert str(path) in str(error)
            refused += 1
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 200_000, f"{peak} bytes for a file of {path.stat().st_size}"
    assert read > 0 and refused > 50


def test_what_is_accepted_is_accepted_by_the_safetensors_library(tmp_path: Path) -> None:
    source = random.Random(99)
    path = tmp_path / "mutated.safetensors"
    accepted = 0
    for _ in range(600):
        content = mutated(source, GOOD)
        path.write_bytes(content)
        try:
            with Checkpoint(path) as checkpoint:
                ours: dict[str, Any] = {n: i.shape for n, i in checkpoint.tensors.items()}
        except CheckpointError:
            continue
        read: Any = safetensors.deserialize(content)  # type: ignore[no-untyped-call]
        theirs = {name: tuple(value["shape"]) for name, value in read}
        assert ours == theirs
        accepted += 1
    assert accepted > 10
