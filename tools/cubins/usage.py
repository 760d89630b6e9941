"""What the kernels of a cubin take of a multiprocessor: the assembler has written it there."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

# Attributes of the section .nv.info: a format, an attribute, and a value of 16 bits, or as many
# bytes as that says. Those below are of a function: the index of its symbol, and a number.
_SIZED = 4
_REGISTERS = 0x2F
_FRAME = 0x11


@dataclass(frozen=True, slots=True)
class Usage:
    """One kernel."""

    kernel: str
    registers: int  # of a thread
    local_bytes: int  # of a thread: arrays that are no registers, and what was spilled


def _numbers(info: bytes) -> Iterator[tuple[int, int, int]]:
    """Attribute, symbol and number of each function's entries."""
    at = 0
    while at < len(info):
        form, attribute, value = struct.unpack_from("<BBH", info, at)
        at += 4
        if form != _SIZED:
            continue
        if attribute in (_REGISTERS, _FRAME):
            yield attribute, *struct.unpack_from("<II", info, at)
        at += value


def usages(cubin: bytes) -> list[Usage]:
    """Every kernel of a cubin, by its name; what a kernel calls counts as its own."""
    elf = ELFFile(io.BytesIO(cubin))
    symbols = elf.get_section_by_name(".symtab")
    info = elf.get_section_by_name(".nv.info")
    if not isinstance(symbols, SymbolTableSection) or info is None:
        raise ValueError("a cubin without symbols, or without what its kernels take")
    registers: dict[str, int] = {}
    frames: list[int] = []
    for attribute, symbol, number in _numbers(info.data()):
        if attribute == _REGISTERS:
            registers[symbols.get_symbol(symbol).name] = number
        else:
            frames.append(number)
    return [Usage(name, registers[name], max(frames)) for name in sorted(registers)]
