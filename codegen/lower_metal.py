"""The text of the Metal kernels, as the string that the core hands to Metal's compiler."""

from __future__ import annotations

from codegen.kernel_text import inlined, literals

ENTRY = "metal/kernels/all.msl"
_BANNER = f"// generated from core/{ENTRY} and what it includes: do not edit\n"


def kernel_text() -> str:
    """Every kernel in one file that includes nothing but Metal's own headers."""
    return inlined(ENTRY)


def lower(_: object) -> dict[str, str]:
    """core/generated/metal_source.gen.*; the schema says nothing about it."""
    header = (
        f"{_BANNER}#pragma once\n\nnamespace thinbit::metal {{\n\n"
        "// Every kernel in the Metal shading language; the templates' instantiations are the host's.\n"
        "extern const char* const kMetalSource;\n\n}  // namespace thinbit::metal\n"
    )
    source = (
        f'{_BANNER}#include "generated/metal_source.gen.h"\n\n#include "metal/presence.h"\n\n'
        "#if THINBIT_HAS_METAL\n\nnamespace thinbit::metal {\n\nconst char* const kMetalSource =\n"
        f"{literals(kernel_text(), 'msl')};\n\n}}  // namespace thinbit::metal\n\n#endif\n"
    )
    return {
        "core/generated/metal_source.gen.h": header,
        "core/generated/metal_source.gen.cpp": source,
    }
