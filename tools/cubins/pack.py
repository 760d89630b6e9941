"""The file of cubins that lies beside the plugin; core/cuda/plugin/cubin_file.h has its format."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from codegen.cuda_modules import OPTIONS, Module, kernel_parts
from tools.cubins.build import Cubin

_MAGIC = b"thinbit cubins 1\n"
_ENTRY = struct.Struct("<QQQ")
_OFFSET_BASIS = 14695981039346656037
_PRIME = 1099511628211


def _hashed(value: int, text: str) -> int:
    """FNV-1a; a text ends with a NUL."""
    for byte in text.encode() + b"\0":
        value = (value ^ byte) * _PRIME & 0xFFFF_FFFF_FFFF_FFFF
    return value


def module_hash(module: Module, architecture: str, sources: dict[str, int]) -> int:
    """As the plugin has it; `sources` keeps the hash of each family's text."""
    if module.family not in sources:
        text = "".join(part.text for part in kernel_parts(module.family))
        sources[module.family] = _hashed(_OFFSET_BASIS, text)
    value = sources[module.family]
    for option in (f"--gpu-architecture={architecture}", *OPTIONS, *module.options):
        value = _hashed(value, option)
    return value


def write(path: Path, cubins: Iterable[Cubin]) -> None:
    """Writes the file."""
    sources: dict[str, int] = {}
    contents = sorted((module_hash(c.module, c.architecture, sources), c.content) for c in cubins)
    offset = len(_MAGIC) + 8 + _ENTRY.size * len(contents)
    index = bytearray()
    for key, content in contents:
        index += _ENTRY.pack(key, offset, len(content))
        offset += len(content)
    with path.open("wb") as file:
        file.write(_MAGIC + struct.pack("<Q", len(contents)) + index)
        for _, content in contents:
            file.write(content)
