"""CMake and SwiftPM build the same core, of every source there is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = {".c", ".cpp", ".mm"}


def listed_for_cmake(name: str) -> list[str]:
    text = (ROOT / "CMakeLists.txt").read_text()
    block = re.search(rf"set\({name}\s+([^)]*)\)", text)
    assert block is not None
    return block[1].split()


def listed_for_swift() -> list[str]:
    text = (ROOT / "Package.swift").read_text()
    target = re.search(r'name: "CThinbit",.*?sources: \[([^\]]*)\]', text, re.DOTALL)
    assert target is not None
    return [f"core/{name}" for name in re.findall(r'"([^"]+)"', target[1])]


def on_disk() -> list[str]:
    files = (path for path in (ROOT / "core").rglob("*") if path.suffix in ENDINGS)
    return sorted(path.relative_to(ROOT).as_posix() for path in files)


def of_the_cuda_plugin(path: str) -> bool:
    return path.startswith(("core/cuda/plugin/", "core/generated/cuda_"))


def test_cmake_lists_every_source_in_order() -> None:
    expected = [path for path in on_disk() if not of_the_cuda_plugin(path)]
    assert listed_for_cmake("THINBIT_SOURCES") == expected


def test_cmake_lists_every_source_of_the_cuda_plugin_in_order() -> None:
    expected = [path for path in on_disk() if of_the_cuda_plugin(path)]
    assert listed_for_cmake("THINBIT_CUDA_SOURCES") == expected


def test_swift_lists_the_same_sources() -> None:
    assert listed_for_swift() == listed_for_cmake("THINBIT_SOURCES")
