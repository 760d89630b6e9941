"""The Metal kernels as one text."""

from __future__ import annotations

import re

from codegen.kernel_text import CORE
from codegen.lower_metal import kernel_text, lower


def test_the_text_includes_nothing_but_metals_own_headers() -> None:
    includes = re.findall(r"#include (\S+)", kernel_text())
    assert includes == ["<metal_simdgroup_matrix>", "<metal_stdlib>", "<cstdint>"]


def test_every_kernel_file_is_in_the_text_once() -> None:
    text = kernel_text()
    for path in (CORE / "metal/kernels").glob("*.msl"):
        for name in re.findall(r"^\[\[kernel\]\].*void (\w+)\(", path.read_text(), re.MULTILINE):
            assert len(re.findall(rf"void {name}\(", text)) == 1, name


def test_the_string_literals_hold_the_text() -> None:
    source = lower(None)["core/generated/metal_source.gen.cpp"]
    pieces = re.findall(r'R"msl\((.*?)\)msl"', source, re.DOTALL)
    assert "".join(pieces) == kernel_text()
    assert max(map(len, pieces)) < 1 << 16
