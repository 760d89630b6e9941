# generated from codegen/schema/thinbit.yaml: do not edit
"""Where calls can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Backend:
    """A place where calls run: the number of the C ABI, and DLPack's device type."""

    name: str
    value: int
    dlpack_device: int
    doc: str


BACKENDS: Final[dict[str, Backend]] = {
    "cpu": Backend("cpu", 1, 1, "The host\u0027s processor, multi-threaded."),
    "cuda": Backend("cuda", 2, 2, "NVIDIA GPUs, by a plugin library."),
    "metal": Backend("metal", 3, 8, "Apple GPUs, on the host\u0027s memory, which is theirs too."),
}
"""Backend name to backend."""
