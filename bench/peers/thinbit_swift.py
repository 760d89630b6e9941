"""thinbit's Swift package: the cost of its calls, as a release build has it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from bench.model import Job, Product, Variant
from bench.native_code import BUILD
from bench.peers.nothing_else import ProductsOnly

_PROGRAM = BUILD / "swift" / "release" / "CallTime"  # bench/prepare.sh builds it
_CALLS = 2000  # as many as a line to the program asks for


class _Swift(ProductsOnly):
    def version(self) -> str:
        if not _PROGRAM.exists():
            raise OSError("built without Swift")
        return "the Swift package of this tree, release"

    def variants(self) -> Sequence[Variant]:
        return ()

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        raise NotImplementedError("the products of the Python package are the same")

    def tiny_calls(self) -> Sequence[Job]:
        program = subprocess.Popen(
            [_PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        ways = (("Swift, five operands", "parts"), ("Swift, QuantizedTensor", "whole"))
        return [Job(name, _asked(program, way), _CALLS, 0) for name, way in ways]


def _asked(program: subprocess.Popen[str], way: str) -> Callable[[], None]:
    def run() -> None:
        assert program.stdin is not None and program.stdout is not None
        program.stdin.write(way + os.linesep)
        if not program.stdout.readline():
            raise RuntimeError("the Swift program ended")

    return run


PEER = _Swift()
