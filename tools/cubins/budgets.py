"""What kernels may take, and what is wrong with those that take more."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from tools.cubins.build import Cubin
from tools.cubins.usage import usages

FILE = Path(__file__).parent / "budgets.toml"


@cache
def budgets() -> dict[str, dict[str, int]]:
    """Registers of a thread, by kernel file and kernel."""
    content: dict[str, dict[str, int]] = tomllib.loads(FILE.read_text())
    return content


def findings(cubin: Cubin) -> list[str]:
    """What breaks the budget, a sentence each."""
    found = []
    name = f"{cubin.module.name} for {cubin.architecture}"
    allowed = budgets()[cubin.module.family]
    for usage in usages(cubin.content):
        most = allowed.get(usage.kernel)
        if most is None:
            found.append(f"{name}: {usage.kernel} has no budget in {FILE.name}")
        elif usage.registers > most:
            found.append(f"{name}: {usage.kernel} takes {usage.registers} registers, not {most}")
        if usage.local_bytes > 0:
            found.append(f"{name}: {usage.kernel} has {usage.local_bytes} bytes of local memory")
    return found
