"""The headers of core/numerics as C++, as CUDA C++, and as C++ for OpenCL, Metal's stand-in."""

import ctypes
import importlib.util
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "core"
HEADERS = sorted(f"numerics/{path.name}" for path in (CORE / "numerics").glob("*.h"))
ARCHITECTURES = ("sm_80", "sm_89", "sm_90a", "sm_100f", "sm_120f")
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Werror"]

# Calls of every function; `words` is a pointer in whatever address space.
CALLS = """
  float sum = 0.0f;
  sum += float_of(bits_of(f)) + magnitude(f) + round_half_even(f) + flush_subnormal(f);
  sum += add(f, 1.0f) + subtract(f, 1.0f) + multiply(f, 2.0f) + divide(f, 3.0f);
  sum += float_of(select_bits(is_finite(f), n, n + 1u));
  sum += e2m1_decode(e2m1_encode(f)) + e4m3_decode(e4m3_encode(f));
  sum += e8m0_decode(e8m0_encode(e8m0_exponent(n))) + scale_by_power_of_two(f, 3);
  sum += f16_to_f32(f32_to_f16(f)) + bf16_to_f32(f32_to_bf16(f));
  sum += round_to(FloatFormat::kFloat32, f) + round_to(FloatFormat::kBfloat16, f);
  const AffineGroup group = affine_group(f, f + 1.0f, 4);
  const uint32_t code = affine_code(f, group, 4);
  sum += affine_dequantize(code, group.scale, group.bias, FloatFormat::kFloat16);
  sum += static_cast<float>(affine_levels(4) + mx_exponent(f, 2, 0x400000u));
  sum += mxfp4_dequantize(mxfp4_code(f, mxfp4_exponent(f)), n);
  sum += mxfp8_dequantize(mxfp8_code(f, mxfp8_exponent(f)), n) + mx_dequantize(f, n);
  const float encode = nvfp4_encode_factor(f);
  const float d = e4m3_decode(nvfp4_scale(f, encode));
  sum += nvfp4_dequantize(nvfp4_code(f, d, encode), d, nvfp4_decode_factor(f));
  sum += static_cast<float>(read_code(words, n, 5) + packed_word(words, 1, 3));
  sum += kE2m1Max + kE4m3Max + kNvfp4Max + kAffineEpsilon;
"""


def source(headers, signature, out, body=CALLS):
    includes = "".join(f'#include "{header}"\n' for header in headers)
    return f"{includes}using namespace thinbit;\n{signature} {{\n{body}  {out};\n}}\n"


def declared_functions():
    pattern = re.compile(r"^THINBIT_FN [\w ]+?(\w+)\(", re.MULTILINE)
    texts = (path.read_text() for path in (CORE / "numerics").glob("*.h"))
    return {name for text in texts for name in pattern.findall(text)}


def test_the_kernels_here_call_every_function():
    functions = declared_functions()
    assert len(functions) > 30
    assert {name for name in functions if f"{name}(" not in CALLS} == set()


def compile_with(command, text, path):
    path.write_text(text)
    done = subprocess.run([*command, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


@cache
def compiler(name):
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} was not found; `make setup` says how to get it")
    return found


class TestHost:
    @pytest.mark.parametrize("standard", ["c++14", "c++17", "c++20"])
    @pytest.mark.parametrize("name", ["g++", "clang++"])
    def test_every_function_compiles_without_warnings(self, name, standard, tmp_path):
        if shutil.which(name) is None and shutil.which("clang++-19"):
            name = "clang++-19"
        text = source(
            HEADERS, "float use(const uint32_t* words, uint32_t n, float f)", "return sum"
        )
        command = [compiler(name), f"-std={standard}", "-O1", "-I", str(CORE), *WARNINGS]
        command += ["-c", "-o", str(tmp_path / "use.o")]
        compile_with(command, text, tmp_path / "use.cpp")

    @pytest.mark.parametrize("header", HEADERS)
    def test_every_header_stands_alone(self, header, tmp_path):
        text = source([header], "int nothing()", "return 0", "")
        command = [compiler("g++"), "-std=c++14", "-I", str(CORE), *WARNINGS, "-fsyntax-only"]
        compile_with(command, text, tmp_path / "alone.cpp")


class TestOpenCl:
    """C++ for OpenCL, clang's nearest relative of the Metal shading language."""

    def command(self, path):
        flags = ["-x", "clcpp", "-cl-std=clc++2021", "-cl-no-stdinc", "-target", "x86_64-linux-gnu"]
        flags += ["-cl-single-precision-constant", "-ffp-contract=off", "-Wall", "-Werror"]
        # No double, no variable outside constant memory: what Metal refuses too.
        refused = ["-cl_khr_fp64", "-__opencl_c_fp64", "-__opencl_c_device_enqueue"]
        refused.append("-__opencl_c_program_scope_global_variables")
        flags += ["-Xclang", f"-cl-ext={','.join(refused)}"]
        return [compiler("clang-19"), *flags, "-I", str(CORE), "-c", "-o", str(path)]

    @pytest.mark.parametrize("space", ["__global", "__local", "__constant"])
    def test_every_function_compiles(self, space, tmp_path):
        signature = (
            f"__kernel void use({space} const uint32_t* words, uint32_t n, float f,"
            " __global float* result)"
        )
        text = source(HEADERS, signature, "*result = sum")
        compile_with(self.command(tmp_path / "use.o"), text, tmp_path / "use.clcpp")

    @pytest.mark.parametrize("header", HEADERS)
    def test_every_header_stands_alone(self, header, tmp_path):
        text = source([header], "__kernel void nothing(__global float* result)", "*result = 0", "")
        compile_with(self.command(tmp_path / "alone.o"), text, tmp_path / "alone.clcpp")

    @pytest.mark.parametrize(
        "body", ["  double wide = 1.0;\n", "  static float kept = 1.0f;\n", "  new int;\n"]
    )
    def test_what_metal_refuses_is_refused(self, body, tmp_path):
        text = source([], "__kernel void use(__global float* result)", "*result = 0", body)
        path = tmp_path / "use.clcpp"
        path.write_text(text.replace("using namespace thinbit;\n", ""))
        command = [*self.command(tmp_path / "use.o"), str(path)]
        assert subprocess.run(command, capture_output=True).returncode != 0
        path.write_text(path.read_text().replace(body, ""))
        assert subprocess.run(command, capture_output=True).returncode == 0


@cache
def nvrtc():
    """The library of the wheel nvidia-cuda-nvrtc; None where it is not installed."""
    spec = importlib.util.find_spec("nvidia")
    for folder in spec.submodule_search_locations if spec is not None else ():
        for path in sorted(Path(folder).glob("**/libnvrtc.so.1[0-9]*")):
            # It looks for its other half by name: loaded already, that is found.
            for builtins in path.parent.glob("libnvrtc-builtins.so.*"):
                ctypes.CDLL(str(builtins))
            return ctypes.CDLL(str(path))
    return None


def compile_cuda(text, architecture):
    """The size of the binary that NVRTC makes of a kernel."""
    library, program = nvrtc(), ctypes.c_void_p()
    assert library is not None
    name = b"use.cu"
    created = library.nvrtcCreateProgram(ctypes.byref(program), text.encode(), name, 0, None, None)
    assert created == 0
    options = [f"--gpu-architecture={architecture}", f"--include-path={CORE}", "--std=c++17"]
    options.append("--fmad=false")
    array = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    status = library.nvrtcCompileProgram(program, len(options), array)
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert status == 0, log.value.decode()
    assert not log.value.strip(), log.value.decode()
    library.nvrtcGetCUBINSize(program, ctypes.byref(size))
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return size.value


@pytest.mark.skipif(nvrtc() is None, reason="nvidia-cuda-nvrtc is not installed")
class TestCuda:
    @pytest.mark.parametrize("architecture", ARCHITECTURES)
    def test_every_function_compiles(self, architecture):
        signature = (
            'extern "C" __global__ void use(const uint32_t* words, uint32_t n, float f,'
            " float* result)"
        )
        assert compile_cuda(source(HEADERS, signature, "*result = sum"), architecture) > 1000

    @pytest.mark.parametrize("header", HEADERS)
    def test_every_header_stands_alone(self, header):
        signature = 'extern "C" __global__ void nothing(float* result)'
        assert compile_cuda(source([header], signature, "*result = 0", ""), "sm_80") > 0

    def test_nothing_is_contracted(self):
        """The intrinsics keep products and sums apart even where NVRTC may fuse them."""
        signature = 'extern "C" __global__ void use(float a, float b, float c, float* result)'
        body = "  const float sum = add(multiply(a, b), c);\n"
        text = source(["numerics/portability.h"], signature, "*result = sum", body)
        library, program = nvrtc(), ctypes.c_void_p()
        library.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"use.cu", 0, None, None)
        options = (ctypes.c_char_p * 3)(
            b"--gpu-architecture=compute_80", f"--include-path={CORE}".encode(), b"--fmad=true"
        )
        assert library.nvrtcCompileProgram(program, 3, options) == 0
        size = ctypes.c_size_t()
        library.nvrtcGetPTXSize(program, ctypes.byref(size))
        ptx = ctypes.create_string_buffer(size.value)
        library.nvrtcGetPTX(program, ptx)
        library.nvrtcDestroyProgram(ctypes.byref(program))
        assert b"mul.rn.f32" in ptx.value
        assert b"fma" not in ptx.value
