"""`Context(backend: .metal)` in Swift: its sources, over the library with the emulated Metal."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from metal.emulation import BUILD, HERE, LIBRARY, ROOT, built

SOURCES = ROOT / "bindings/swift/Sources/Thinbit"
OPTIONS = ["-swift-version", "6", "-package-name", "thinbit", "-I", str(ROOT / "core/include")]
OPTIONS += ["-enable-upcoming-feature", "InternalImportsByDefault"]
MODES = ["affine", "mxfp4", "mxfp8", "nvfp4"]


def compile_swift(*arguments: str | Path) -> None:
    command = ["swiftc", *OPTIONS, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of tests/metal/swift, linked to the library that has the backend."""
    if shutil.which("swiftc") is None:
        if "CI" in os.environ:
            pytest.fail("swiftc is not on PATH")
        pytest.skip("swiftc is not on PATH")
    folder = tmp_path_factory.mktemp("swift")
    libraries = [f"-L{built(BUILD / 'libthinbit.so').parent}", "-lthinbit"]
    module = ["-module-name", "Thinbit", "-parse-as-library", "-emit-module", "-emit-library"]
    module += ["-emit-module-path", str(folder / "Thinbit.swiftmodule")]
    # Not the name of the core's library, which lies beside it on the loader's path.
    swift = folder / "libThinbitSwift.so"
    compile_swift(*module, "-o", swift, *sorted(SOURCES.rglob("*.swift")), *libraries)
    program = folder / "client"
    libraries += [f"-L{folder}", "-lThinbitSwift", f"-L{LIBRARY.parent}", "-lmetal_emulation"]
    compile_swift("-I", folder, HERE / "swift/main.swift", "-o", program, *libraries)
    return program


def test_calls_and_errors_are_those_of_the_backend(client: Path) -> None:
    folders = ":".join(map(str, (client.parent, BUILD, LIBRARY.parent)))
    environment = os.environ | {"LD_LIBRARY_PATH": folders}
    done = subprocess.run([client], capture_output=True, text=True, env=environment, timeout=120)
    expected = [f"{mode} {what} of the CPU true" for mode in MODES for what in ("bytes", "product")]
    expected += ["quantize.device", "context_sync.device", "fine"]
    assert (done.stdout.splitlines(), done.returncode) == (expected, 0), done.stderr
