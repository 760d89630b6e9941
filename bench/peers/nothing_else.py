"""What a library does that has products and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from bench.model import Job


class ProductsOnly:
    """A base for peers without codecs, tiny calls or other paths."""

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        """None."""
        return ()

    def tiny_calls(self) -> Sequence[Job]:
        """None."""
        return ()

    def paths(self, rows: int, threads: int) -> Sequence[Job]:
        """None."""
        return ()
