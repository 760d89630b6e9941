"""Damage for files, from a seed: bytes, numbers in headers, values in JSON."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

SIZES = (
    0,
    1,
    2,
    3,
    31,
    32,
    33,
    255,
    2**16,
    2**31 - 1,
    2**31,
    2**32,
    2**40,
    2**62,
    2**63,
    2**64 - 1,
)
DTYPES = ("F32", "F16", "BF16", "U8", "I8", "I32", "U32", "I64", "F8_E4M3", "F4", "BOOL", "X9")
ANYTHING: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 32, 2**63, 10**400, 0.5, 1e308, "", "affine", "nvfp4", "4", [],
    [1], [[]], {}, {"bits": 4}, {"group_size": 32, "bits": 4}, {"mode": "mxfp8"}, "\x1b[2J", "../x",
)  # fmt: skip


def damage_bytes(source: random.Random, good: bytes, header: int) -> bytes:
    """Cut, doubled and overwritten pieces, most of them in the first `header` bytes."""
    content = bytearray(good)
    for _ in range(source.randint(1, 3)):
        end = min(header, len(content)) if source.random() < 0.9 else len(content)
        if end < 1:
            break
        at = source.randrange(end)
        length = source.randint(1, 16)
        match source.randrange(7):
            case 0:
                content[at] ^= 1 << source.randrange(8)
            case 1:
                content[at] = source.randrange(256)
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case 4:
                del content[at:]
            case 5:
                content[at : at + 8] = struct.pack("<Q", source.choice(SIZES))
            case 6:
                content[at : at + 4] = struct.pack("<I", source.choice(SIZES) % 2**32)
    return bytes(content)


def damage_json(source: random.Random, value: Any) -> Any:
    """The value with a few members of its objects replaced, removed, or moved elsewhere."""
    value = json.loads(json.dumps(value))
    for _ in range(source.randint(1, 3)):
        places = list(_places(value))
        if not places:
            return source.choice(ANYTHING)
        holder, key = source.choice(places)
        match source.randrange(5):
            case 0:
                del holder[key]
            case 1:
                holder[key] = source.choice(ANYTHING)
            case 2 if type(holder[key]) is int:
                holder[key] += source.choice((-1, 1, 32, *SIZES))
            case 3 if isinstance(holder[key], str):
                holder[key] = source.choice((*DTYPES, "affine", "mxfp4", "model.safetensors"))
            case _:
                other, name = source.choice(places)
                if name in other if isinstance(other, dict) else name < len(other):
                    holder[key] = json.loads(json.dumps(other[name]))
    return value


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in list(pairs):
        yield value, key
        if isinstance(member, dict | list):
            yield from _places(member)
