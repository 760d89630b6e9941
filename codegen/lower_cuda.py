"""The texts of the CUDA kernels, and the table of the modules that they are compiled to."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from codegen.cuda_modules import OPTIONS, families, kernel_parts, modules
from codegen.kernel_text import Part, literals
from codegen.model import Schema
from codegen.naming import pascal
from codegen.render import BANNER


def _constant(part: Part) -> str:
    path = PurePosixPath(part.file)
    name = pascal("_".join([path.parts[0], *re.split(r"\W", path.name)]))
    return f"k{name}{part.index or ''}"


def _text(part: Part) -> str:
    return (
        f"// core/{part.file}\nconst char {_constant(part)}[] =\n{literals(part.text, 'cuda')};\n\n"
    )


def _source(family: str) -> str:
    names = "".join(f"    {_constant(part)},\n" for part in kernel_parts(family))
    return f"const char* const k{pascal(family)}Parts[] = {{\n{names}    nullptr,\n}};\n\n"


def _quoted(options: tuple[str, ...]) -> str:
    return ", ".join(f'"{option}"' for option in options)


def lower(schema: Schema) -> dict[str, str]:
    """core/generated/cuda_modules.gen.cpp."""
    every = {part: None for family in families() for part in kernel_parts(family)}
    rows = "".join(
        f'    {{"{module.name}", k{pascal(module.family)}Parts, {{{_quoted(module.options)}}}}},\n'
        for module in modules(schema)
    )
    return {
        "core/generated/cuda_modules.gen.cpp": (
            f'// {BANNER}\n#include "cuda/plugin/modules.h"\n\nnamespace thinbit::cuda {{\n'
            "namespace {\n\n"
            f"{''.join(map(_text, every))}"
            "// Kernel files as NVRTC takes them: one text, of these in their order.\n\n"
            f"{''.join(map(_source, families()))}"
            f"constexpr ModuleInfo kAll[] = {{\n{rows}}};\n\n"
            f"const char* const kOptions[] = {{{_quoted(OPTIONS)}, nullptr}};\n\n"
            "}  // namespace\n\n"
            "const ModuleInfo* const kModules = kAll;\n"
            f"const int kModuleCount = {len(modules(schema))};\n"
            "const char* const* const kCommonOptions = kOptions;\n\n"
            "}  // namespace thinbit::cuda\n"
        )
    }
