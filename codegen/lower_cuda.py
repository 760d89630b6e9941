"""The texts of the CUDA kernels, and the table of the modules that they are compiled to."""

from __future__ import annotations

from codegen.cuda_modules import FOLDER, families, kernel_text, modules
from codegen.kernel_text import literals
from codegen.model import Schema
from codegen.naming import pascal
from codegen.render import BANNER


def _source(family: str) -> str:
    text = literals(kernel_text(family), "cuda")
    return f"// core/{FOLDER}/{family}.cu\nconst char k{pascal(family)}Source[] =\n{text};\n\n"


def _quoted(options: tuple[str, ...]) -> str:
    return ", ".join(f'"{option}"' for option in options)


def lower(schema: Schema) -> dict[str, str]:
    """core/generated/cuda_modules.gen.cpp."""
    sources = "".join(_source(family) for family in families())
    rows = "".join(
        f'    {{"{module.name}", k{pascal(module.family)}Source, {{{_quoted(module.options)}}}}},\n'
        for module in modules(schema)
    )
    return {
        "core/generated/cuda_modules.gen.cpp": (
            f'// {BANNER}\n#include "cuda/plugin/modules.h"\n\nnamespace thinbit::cuda {{\n'
            "namespace {\n\n"
            "// Kernel files as NVRTC takes them, each with all that it includes.\n\n"
            f"{sources}constexpr ModuleInfo kAll[] = {{\n{rows}}};\n\n}}  // namespace\n\n"
            f"const ModuleInfo* const kModules = kAll;\nconst int kModuleCount = {len(modules(schema))};\n\n"
            "}  // namespace thinbit::cuda\n"
        )
    }
