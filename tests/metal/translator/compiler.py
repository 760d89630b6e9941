"""Runs clang over a kernel file: once to check it, once to compile it."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from metal.translator.kernels import Kernel
from metal.translator.rewriter import FunctionConstant, Rewriter
from metal.translator.tokens import TranslationError

HERE = Path(__file__).resolve().parents[1]
SHIM = HERE / "shim"
RUNTIME = HERE / "runtime"
CLANG = "clang-19"

_C_TYPES = {"bool": "_Bool", "int": "int", "uint": "unsigned", "float": "float"}

# Metal 3.1 is the first with bfloat.
_PREPROCESS = [
    CLANG, "-E", "-x", "c++", "-std=c++17", "-nostdinc", "-undef",
    "-D__METAL__", "-D__METAL_VERSION__=310", "-D__clang__=1", f"-I{SHIM}",
]  # fmt: skip

_WARNINGS = [
    "-Wno-unused-value", "-Wno-unknown-pragmas", "-Wno-c++20-extensions", "-Wno-gcc-compat",
    "-Wno-duplicate-decl-specifier", "-Wno-unknown-attributes", "-Wno-pass-failed",
]  # fmt: skip

# As C++, address spaces being distinct types: no conversion between them is missed, and no implicit
# narrowing to half or bfloat.
_CHECK = [
    CLANG, "-x", "c++", "-std=c++17", "-DEMULATION_LINT", "-fsyntax-only", *_WARNINGS,
    "-Werror=implicit-float-conversion", "-Wno-implicit-int-float-conversion",
    "-include", str(SHIM / "msl/all.h"),
]  # fmt: skip

# As C++ for OpenCL, the nearest relative of MSL that clang knows: without double, global variables,
# and the rest of what Metal does not have either.
_ABSENT = (
    "-__opencl_c_program_scope_global_variables,-__opencl_c_device_enqueue,-__opencl_c_pipes,"
    "-cl_khr_fp64,-__opencl_c_fp64,+cl_khr_fp16"
)
_COMPILE = [
    CLANG, "-x", "clcpp", "-cl-std=clc++2021", "-cl-no-stdinc",
    f"--target={platform.machine()}-linux-gnu",
    "-Xclang", f"-cl-ext={_ABSENT}", "-cl-single-precision-constant", "-ffp-contract=off",
    "-Xclang", "-ffloat16-excess-precision=none", "-Xclang", "-fbfloat16-excess-precision=none",
    "-fPIC", "-gline-tables-only", *_WARNINGS, "-include", str(SHIM / "msl/all.h"),
]  # fmt: skip

# The hooks that these insert are the run time's (runtime/hooks.cpp).
_INSTRUMENT = [
    "-fsanitize=thread", "-mllvm", "-tsan-instrument-func-entry-exit=false", "-fno-vectorize",
    "-fno-slp-vectorize",
    "-fsanitize=integer-divide-by-zero,bounds,float-cast-overflow,null,return",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """How to compile: `library` is the run time to link with, `check` inserts its hooks."""

    library: Path
    check: bool = True
    includes: tuple[Path, ...] = ()
    defines: tuple[str, ...] = ()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise TranslationError(done.stderr)
    return done.stdout


def _table(kernels: list[Kernel], constants: list[FunctionConstant]) -> str:
    """The module's tables, in C."""
    lines = ['#include "module.h"']
    for kernel in kernels:
        lines.append(f"void {kernel.symbol}(const void*);")
    for constant in constants:
        if constant.type not in _C_TYPES:
            raise TranslationError(f"function constant {constant.name}: no {constant.type} here")
        lines.append(f"{_C_TYPES[constant.type]} {constant.symbol}; uint8_t {constant.symbol}_set;")
    rows = "".join(
        f'{{"{kernel.name}", {kernel.symbol}, "{kernel.signature.bindings}", '
        f"{kernel.signature.max_threads}}}, "
        for kernel in kernels
    )
    lines.append(f"static const struct emulation_kernel kernels[] = {{{rows}{{0}}}};")
    rows = "".join(
        f'{{"{constant.name}", {constant.index}, &{constant.symbol}, sizeof {constant.symbol}, '
        f"&{constant.symbol}_set}}, "
        for constant in constants
    )
    lines.append(f"static const struct emulation_constant constants[] = {{{rows}{{0}}}};")
    lines.append(
        "const struct emulation_module emulation_module = "
        f"{{kernels, {len(kernels)}, constants, {len(constants)}}};"
    )
    return "\n".join(lines) + "\n"


def _rewritten(source: Path, settings: Settings, folder: Path) -> tuple[Rewriter, Path]:
    flags = [f"-I{path}" for path in settings.includes] + [f"-D{name}" for name in settings.defines]
    rewriter = Rewriter(_run([*_PREPROCESS, *flags, str(source)]))
    path = folder / "kernel.clcpp"
    path.write_text(rewriter.text)
    return rewriter, path


def check(source: Path, settings: Settings) -> None:
    """The stricter of the two passes; nothing is compiled. Raises TranslationError."""
    with tempfile.TemporaryDirectory() as folder:
        _, path = _rewritten(source, settings, Path(folder))
        _run([*_CHECK, str(path)])


def compile_kernels(source: Path, output: Path, settings: Settings) -> None:
    """A shared object of all kernels of a file. Raises TranslationError with clang's words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rewriter, path = _rewritten(source, settings, folder)
        _run([*_CHECK, str(path)])
        flags = ["-O1", *_INSTRUMENT] if settings.check else ["-O2"]
        _run([*_COMPILE, *flags, "-c", str(path), "-o", str(folder / "kernel.o")])
        (folder / "table.c").write_text(_table(rewriter.kernels, rewriter.constants))
        library = settings.library
        # Some built-ins of clang are calls of libm and libgcc: roundeven, conversions of half.
        _run(
            [
                CLANG, "-shared", "-fPIC", "-O1", f"-I{RUNTIME}", str(folder / "table.c"),
                str(folder / "kernel.o"), str(library), f"-Wl,-rpath,{library.parent}",
                "-lm", "-o", str(folder / "kernel.so"),
            ]
        )  # fmt: skip
        output.parent.mkdir(parents=True, exist_ok=True)
        temporary = output.with_name(f"{output.name}.{os.getpid()}")
        temporary.write_bytes((folder / "kernel.so").read_bytes())
        temporary.chmod(0o755)
        temporary.replace(output)
