"""The text of the Metal kernels, as the string that the core hands to Metal's compiler."""

from __future__ import annotations

import re
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
ENTRY = "metal/kernels/all.msl"
_BANNER = f"// generated from core/{ENTRY} and what it includes: do not edit\n"
_INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
_PIECE = 60
"""Lines of one string literal: compilers need not take more than 65,536 characters in one."""


def _inlined(name: str, seen: set[str]) -> str:
    """A file without its comments between lines, each file it includes being put in once."""
    if name in seen:
        return ""
    seen.add(name)
    text = (CORE / name).read_text(encoding="utf-8")
    text = re.sub(r"^\s*//.*\n|^#pragma once\n", "", text, flags=re.MULTILINE)
    return _INCLUDE.sub(lambda match: _inlined(match[1], seen), text)


def kernel_text() -> str:
    """Every kernel in one file that includes nothing but Metal's own headers."""
    return re.sub(r"\n{3,}", "\n\n", _inlined(ENTRY, set())).lstrip("\n")


def lower(_: object) -> dict[str, str]:
    """core/generated/metal_source.gen.*; the schema says nothing about it."""
    lines = kernel_text().splitlines(keepends=True)
    pieces = ["".join(lines[at : at + _PIECE]) for at in range(0, len(lines), _PIECE)]
    literals = "\n".join(f'    R"msl({piece})msl"' for piece in pieces)
    header = (
        f"{_BANNER}#pragma once\n\nnamespace thinbit::metal {{\n\n"
        "// Every kernel in the Metal shading language; the templates' instantiations are the host's.\n"
        "extern const char* const kMetalSource;\n\n}  // namespace thinbit::metal\n"
    )
    source = (
        f'{_BANNER}#include "generated/metal_source.gen.h"\n\n#include "metal/presence.h"\n\n'
        "#if THINBIT_HAS_METAL\n\nnamespace thinbit::metal {\n\nconst char* const kMetalSource =\n"
        f"{literals};\n\n}}  // namespace thinbit::metal\n\n#endif\n"
    )
    return {
        "core/generated/metal_source.gen.h": header,
        "core/generated/metal_source.gen.cpp": source,
    }
