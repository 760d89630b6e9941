"""NVIDIA's run-time compiler, from its wheel: kernels to cubins, without a GPU or a driver."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path


class CompileError(Exception):
    """A kernel that does not compile; the message is the compiler's log."""


def _folder() -> Path:
    spec = importlib.util.find_spec("nvidia")
    for place in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(place) / "cu13/lib"
        if folder.is_dir():
            return folder
    raise CompileError("nvidia-cuda-nvrtc is not installed: requirements-dev.txt pins it")


def _of_the_wheel() -> ctypes.CDLL:
    folder = _folder()
    # The compiler opens its built-ins by name, and has no path of its own to find them.
    for path in folder.glob("libnvrtc-builtins.so.*"):
        ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(str(folder / "libnvrtc.so.13"))


class Nvrtc:
    """The library, loaded: that of the wheel, or one that the loader knows."""

    def __init__(self, name: str | None = None) -> None:
        self._library = ctypes.CDLL(name) if name is not None else _of_the_wheel()

    def version(self) -> tuple[int, int]:
        """Major and minor."""
        major, minor = ctypes.c_int(), ctypes.c_int()
        self._check(self._library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)))
        return major.value, minor.value

    def compile(self, name: str, source: str, options: list[str]) -> bytes:
        """The cubin of a source text. Raises CompileError, for warnings too."""
        program = ctypes.c_void_p()
        create = self._library.nvrtcCreateProgram
        self._check(
            create(ctypes.byref(program), source.encode(), f"{name}.cu".encode(), 0, None, None)
        )
        try:
            encoded = [option.encode() for option in options]
            array = (ctypes.c_char_p * len(encoded))(*encoded)
            status = self._library.nvrtcCompileProgram(program, len(encoded), array)
            log = self._read(program, "ProgramLog").rstrip(b"\0").decode().strip()
            if status != 0 or log:
                raise CompileError(f"{name} {' '.join(options)}:\n{log}")
            return self._read(program, "CUBIN")
        finally:
            self._library.nvrtcDestroyProgram(ctypes.byref(program))

    def _read(self, program: ctypes.c_void_p, what: str) -> bytes:
        size = ctypes.c_size_t()
        self._check(getattr(self._library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
        buffer = ctypes.create_string_buffer(size.value)
        self._check(getattr(self._library, f"nvrtcGet{what}")(program, buffer))
        return buffer.raw

    def _check(self, status: int) -> None:
        if status != 0:
            text = self._library.nvrtcGetErrorString
            text.restype = ctypes.c_char_p
            raise CompileError(text(status).decode())
