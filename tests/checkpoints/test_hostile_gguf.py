"""GGUF files that are damaged on purpose: each gives an error that says what is wrong."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type
from gguf import GGUFValueType as Kind

from thinbit.io import CheckpointError, open_source

DATA = bytes(range(64))


def text(value: str | bytes) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(content)) + content


def field(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def array(kind: int, count: int, items: bytes) -> bytes:
    return struct.pack("<IQ", kind, count) + items


def tensor(
    name: str, offset: int = 0, shape: tuple[int, ...] = (8,), kind: int = Type.F32
) -> bytes:
    axes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + axes + struct.pack("<IQ", kind, offset)


def gguf_file(
    fields: tuple[bytes, ...] = (),
    tensors: tuple[bytes, ...] = (),
    data: bytes = DATA,
    start: bytes = b"GGUF" + struct.pack("<I", 3),
    alignment: int = 32,
) -> bytes:
    counts = struct.pack("<QQ", len(tensors), len(fields))
    header = start + counts + b"".join(fields) + b"".join(tensors)
    return header + bytes(-len(header) % alignment) + data


WORD = field("a.word", Kind.STRING, text("x"))
GOOD = gguf_file((WORD,), (tensor("a"), tensor("b", 32)))
LLAMA = field("general.architecture", Kind.STRING, text("llama"))

CASES: dict[str, tuple[bytes, str]] = {
    "the magic alone": (b"GGUF", "byte 4 says that 4 more follow, and 0 do"),
    "another version": (gguf_file(start=b"GGUF" + struct.pack("<I", 9)), "version is 9; 2 and 3"),
    "big-endian": (gguf_file(start=b"GGUF" + struct.pack(">I", 3)), "version is 50331648; 2 and 3"),
    "a key twice": (gguf_file((WORD, WORD)), "the key 'a.word' is there twice"),
    "a key that is no text": (gguf_file((text(b"\xff") + WORD[14:],)), "a key before byte"),
    "a value that is no text": (
        gguf_file((field("k", Kind.STRING, text(b"\xff")),)),
        "the value of 'k' before byte",
    ),
    "an unknown type of a value": (
        gguf_file((field("k", 99, b""),)),
        "'k' has the unknown type 99",
    ),
    "arrays of arrays": (
        gguf_file((field("k", Kind.ARRAY, array(Kind.ARRAY, 1, b"")),)),
        "'k' is an array of arrays",
    ),
    "an array beyond the end": (
        gguf_file((field("k", Kind.ARRAY, array(Kind.UINT64, 2**61, b"")),)),
        "the file is cut short",
    ),
    "a text beyond the end": (
        gguf_file((field("k", Kind.STRING, struct.pack("<Q", 2**63)),)),
        "says that 9223372036854775808 more follow",
    ),
    "a tensor twice": (gguf_file((), (tensor("a"), tensor("a", 32))), "tensor 'a' is there twice"),
    "five axes": (gguf_file((), (tensor("a", shape=(1,) * 5),)), "'a' has 5 axes; 4 is the most"),
    "an absurd shape": (
        gguf_file((), (tensor("a", shape=(2**40, 2**40)),)),
        "no memory can hold it",
    ),
    "an absurd empty shape": (
        gguf_file((), (tensor("a", shape=(2**62, 0)),)),
        "no memory can hold it",
    ),
    "an unknown type": (gguf_file((), (tensor("a", kind=4),)), "'a' has the unknown type 4"),
    "half a block": (
        gguf_file((), (tensor("a", shape=(33, 2), kind=Type.Q4_0),)),
        r"Q4_0 of shape \[2, 33\]: its last axis must be a multiple of 32",
    ),
    "beyond the end": (
        gguf_file((), (tensor("a", 64),)),
        r"'a' has the bytes 128 to 160 of the file, and the file 128",
    ),
    "an offset of 2^63": (gguf_file((), (tensor("a", 2**63),)), "it is cut short"),
    "an odd offset": (gguf_file((), (tensor("a", 8),)), "'a' is at 8, no multiple of 32"),
    "overlap": (
        gguf_file((), (tensor("a", shape=(16,)), tensor("b", 32))),
        "tensors 'a' and 'b' overlap",
    ),
    "an alignment of 0": (
        gguf_file((field("general.alignment", Kind.UINT32, struct.pack("<I", 0)),)),
        "general.alignment is 0; it must be a power of two",
    ),
    "an alignment that is text": (
        gguf_file((field("general.alignment", Kind.STRING, text("32")),)),
        "general.alignment is '32'",
    ),
    "an architecture that is a number": (
        gguf_file((field("general.architecture", Kind.UINT32, struct.pack("<I", 5)),)),
        "'general.architecture' is 5; it must be a string",
    ),
    "a llama without a width": (gguf_file((LLAMA,)), "'llama.attention.head_count' is None"),
    "a terminal's escape": (gguf_file((), (tensor("\x1b[2J", kind=4),)), r"\\x1b\[2J"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_an_error_that_says_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, problem = CASES[case]
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=problem) as caught:
        open_source(path)
    assert caught.value.path == str(path)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1000


def test_the_file_that_the_bad_ones_are_made_from_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.gguf"
    path.write_bytes(GOOD)
    with open_source(path) as source:
        assert np.asarray(source.tensors["a"].read()).tobytes() == DATA[:32]
        assert np.asarray(source.tensors["b"].read()).tobytes() == DATA[32:]


def test_every_shorter_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "short.gguf"
    for length in range(4, len(GOOD)):
        path.write_bytes(GOOD[:length])
        with pytest.raises(CheckpointError):
            open_source(path)


def test_an_alignment_of_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "aligned.gguf"
    alignment = field("general.alignment", Kind.UINT32, struct.pack("<I", 64))
    path.write_bytes(gguf_file((alignment,), (tensor("a"),), alignment=64))
    with open_source(path) as source:
        assert np.asarray(source.tensors["a"].read()).tobytes() == DATA[:32]
