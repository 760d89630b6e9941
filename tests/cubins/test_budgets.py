"""Every kernel compiles for every GPU, and takes of it what it may."""

from __future__ import annotations

import pytest

from codegen.cuda_modules import Module, families, modules
from codegen.schema_file import load_schema
from tools.cubins import budgets
from tools.cubins.build import ARCHITECTURES, ROOT, Cubin, cubins
from tools.cubins.nvrtc import CompileError, Nvrtc
from tools.cubins.usage import usages

ALL = modules(load_schema(ROOT))

KERNEL = """
extern "C" __global__ void bfloat16(float* out, int index) {
  float values[64];
  for (int i = 0; i < 64; ++i) values[i ^ %s] = out[i];
  for (int i = 0; i < 64; ++i) out[i] += values[i] * values[63 - i];
}
"""


def _quick() -> set[str]:
    """Of each kernel file and mode the first group size; of affine 4 bits."""
    first: dict[tuple[str, ...], str] = {}
    for module in ALL:
        of_mode = tuple(module.name.split("_")[:2])
        if of_mode[1:] != ("affine",) or "-DTHINBIT_BITS=4" in module.options:
            first.setdefault(of_mode, module.name)
    return set(first.values())


QUICK = _quick()


@pytest.mark.parametrize(
    "module",
    [pytest.param(m, id=m.name, marks=[] if m.name in QUICK else pytest.mark.full) for m in ALL],
)
def test_a_module_is_within_its_budget_on_every_architecture(module: Module) -> None:
    built = list(cubins([module]))
    assert len(built) == (1 if module.family == "hopper" else len(ARCHITECTURES))
    assert [finding for cubin in built for finding in budgets.findings(cubin)] == []


def test_the_quick_modules_are_of_every_kernel_file_and_mode() -> None:
    assert {name.split("_")[0] for name in QUICK} == set(families())
    assert {name.split("_")[1] for name in QUICK if "_" in name} == {
        "affine",
        "mxfp4",
        "mxfp8",
        "nvfp4",
    }


def _cubin(index: str) -> Cubin:
    content = Nvrtc().compile("seeded", KERNEL % index, ["--gpu-architecture=sm_90a"])
    return Cubin(Module("seeded", "hopper", ()), "sm_90a", content)


def test_local_memory_is_found() -> None:
    (usage,) = usages(_cubin("index").content)
    assert usage.local_bytes == 64 * 4
    assert budgets.findings(_cubin("index")) == [
        "seeded for sm_90a: bfloat16 has 256 bytes of local memory"
    ]
    assert budgets.findings(_cubin("7")) == []


def test_registers_beyond_the_budget_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    (usage,) = usages(_cubin("7").content)
    monkeypatch.setattr(budgets, "budgets", lambda: {"hopper": {"bfloat16": usage.registers - 1}})
    assert budgets.findings(_cubin("7")) == [
        f"seeded for sm_90a: bfloat16 takes {usage.registers} registers, not {usage.registers - 1}"
    ]
    monkeypatch.setattr(budgets, "budgets", lambda: {"hopper": {}})
    assert budgets.findings(_cubin("7")) == [
        "seeded for sm_90a: bfloat16 has no budget in budgets.toml"
    ]


def test_a_kernel_that_does_not_compile_says_why() -> None:
    with pytest.raises(CompileError, match=r"(?s)seeded.*identifier .?nothing.? is undefined"):
        _cubin("nothing")
