"""What every lowering makes of golden/small.yaml, in full."""

from __future__ import annotations

import pytest
from golden_files import assert_golden, small_schema

from codegen import lower_cuda, lower_metal, lower_vectors
from codegen.schema_file import read_schema
from codegen.targets import LOWERINGS, Lowering

# Conformance vectors come from the reference model, which knows the real ops only; the text of the
# Metal kernels does not come from the schema.
ELSEWHERE = (lower_vectors.lower, lower_cuda.lower, lower_metal.lower)
TEXTS = [lowering for lowering in LOWERINGS if lowering not in ELSEWHERE]


def name_of(lowering: Lowering) -> str:
    return lowering.__module__.removeprefix("codegen.")


@pytest.mark.parametrize("lowering", TEXTS, ids=name_of)
def test_a_lowering_makes_its_golden_outputs(lowering: Lowering) -> None:
    files = lowering(read_schema(small_schema(), "small.yaml"))
    parts = []
    for path, content in files.items():
        assert isinstance(content, str)
        parts.append(f"==== {path}\n{content}")
    assert_golden(f"{name_of(lowering)}.txt", "\n".join(parts))
