"""The CUDA kernels: each text once, and modules as lists of them."""

from __future__ import annotations

import re

from codegen.cuda_modules import families, kernel_parts
from codegen.kernel_text import CORE, inlined
from codegen.lower_cuda import lower
from codegen.schema_file import load_schema

SOURCE = lower(load_schema(CORE.parent))["core/generated/cuda_modules.gen.cpp"]
TEXTS = {
    name: "".join(re.findall(r'R"cuda\((.*?)\)cuda"', body, re.DOTALL))
    for name, body in re.findall(
        r'^const char (k\w+)\[\] =\n(.*?\)cuda");\n\n', SOURCE, re.MULTILINE | re.DOTALL
    )
}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_no_two_texts_are_the_same() -> None:
    assert len(TEXTS) > len(families())
    assert len(set(TEXTS.values())) == len(TEXTS)


def test_the_parts_of_a_module_are_its_kernel_file_with_all_that_it_includes() -> None:
    lists = dict(re.findall(r"\* const k(\w+)Parts\[\] = \{\n(.*?)    nullptr,", SOURCE, re.DOTALL))
    assert [name.lower() for name in lists] == families()
    for name, body in lists.items():
        text = "".join(TEXTS[part] for part in re.findall(r"\w+", body))
        assert lines(text) == lines(inlined(f"cuda/kernels/{name.lower()}.cu"))


def test_a_file_that_is_included_in_a_branch_stays_in_it() -> None:
    text = "".join(part.text for part in kernel_parts("copy"))
    _, _, branch = text.partition("#if defined(__CUDACC_RTC__)\n#define THINBIT_DEVICE ")
    gpu, _, emulation = branch.partition('#else\n#include "emulated_machine.h"\n#endif\n')
    assert "asm(" in gpu
    assert "struct CopyParameters" in emulation


def test_every_string_literal_is_one_that_compilers_need_to_take() -> None:
    assert max(map(len, re.findall(r'R"cuda\(.*?\)cuda"', SOURCE, re.DOTALL))) < 1 << 16
