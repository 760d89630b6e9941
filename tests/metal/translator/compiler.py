"""Runs clang over a kernel file: once to check it, once to compile it."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from pathlib import Path

from metal.translator.kernels import Kernel
from metal.translator.rewriter import FunctionConstant, Rewriter
from metal.translator.tokens import TranslationError

HERE = Path(__file__).resolve().parents[1]
SHIM = HERE / "shim"
RUNTIME = HERE.parent / "emulation"
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
    "-O1", "-fno-vectorize", "-fno-slp-vectorize",
    "-fsanitize=thread", "-mllvm", "-tsan-instrument-func-entry-exit=false",
    "-fsanitize=integer-divide-by-zero,bounds,float-cast-overflow,null,return",
]  # fmt: skip


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


def compile_kernels(
    source: Path, output: Path, library: Path, includes: tuple[Path, ...] = ()
) -> None:
    """A shared object of all kernels of a file, linked with the run time in `library`.

    Raises TranslationError with the translator's or clang's words.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flags = [f"-I{path}" for path in includes]
        rewriter = Rewriter(_run([*_PREPROCESS, *flags, str(source)]))
        path = folder / "kernel.clcpp"
        path.write_text(rewriter.text)
        _run([*_CHECK, str(path)])
        _run([*_COMPILE, *_INSTRUMENT, "-c", str(path), "-o", str(folder / "kernel.o")])
        (folder / "table.c").write_text(_table(rewriter.kernels, rewriter.constants))
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
