"""What is measured: variants of a product, where they run, and the cells that come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

# The tiny call that the calls of the bindings are held against.
C_FUNCTION = "C function"

Float64 = npt.NDArray[np.float64]

GROUPS = {
    "low": "1 to 3 bits",
    "four": "4 bits",
    "five_six": "5 and 6 bits",
    "eight": "8 bits",
}


@dataclass(frozen=True)
class Variant:
    """One way of one library to multiply with a weight.

    Attributes:
        peer: The library, as its module is called in `bench.peers`.
        name: What is multiplied with, in the library's own words.
        x: The dtype that the caller's activations have.
        inside: What the activations are while they are multiplied: "bf16", "f32" or "int8".
        group: Which of GROUPS it is compared in.
        grouped: Whether its weights have scales in groups.
        sweep: Measured at every M; else at the few that every place has.
        key: What the peer needs to make it.
    """

    peer: str
    name: str
    x: str
    inside: str
    group: str
    grouped: bool = True
    sweep: bool = True
    key: tuple[Any, ...] = ()

    @property
    def label(self) -> str:
        """Its name in tables and pictures."""
        return f"{self.name}, {self.x} x" if self.x else self.name


@dataclass(frozen=True)
class Sample:
    """What a product gave, and what is needed to judge it, in float64.

    Attributes:
        result: Some columns of the result (M, columns).
        x: The activations that the product is of (M, K).
        weight: The rows of the weight behind these columns (columns, K).
        dtype: The dtype of x that the contract's bound goes by; "" where there is no contract.
    """

    result: Float64
    x: Float64
    weight: Float64
    dtype: str = ""


class Product(Protocol):
    """A weight in several copies, ready to be multiplied with."""

    @property
    def copies(self) -> int:
        """How many copies of the weight one pass goes through."""
        ...

    @property
    def nbytes(self) -> int:
        """The bytes of one copy: codes, scales, biases."""
        ...

    def set_rows(self, rows: int) -> None:
        """Make new activations of this many rows."""
        ...

    def run(self) -> None:
        """One pass: a product with each copy."""
        ...

    def sample(self) -> Sample:
        """The product with the first copy, and what it should be."""
        ...


@dataclass(frozen=True)
class Job:
    """Something that is called in a pass, and the bytes or operations of each call."""

    name: str
    run: Callable[[], object]
    calls: int
    amount: float
    note: str = ""


class Peer(Protocol):
    """One library; a module in `bench.peers` has one as `PEER`."""

    def version(self) -> str:
        """Its version and how it was built; ImportError or OSError where it is missing."""
        ...

    def variants(self) -> Sequence[Variant]:
        """Its products."""
        ...

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        """A product with enough copies of a weight (n, k) to fill `least_bytes`."""
        ...

    def codecs(self, n: int, k: int, threads: int) -> Sequence[Job]:
        """Quantizing and dequantizing a matrix; the amount is bytes read and written."""
        ...

    def tiny_calls(self) -> Sequence[Job]:
        """Calls with a trivial matrix, whose time is that of the call itself."""
        ...

    def paths(self, rows: int, threads: int) -> Sequence[Job]:
        """Other ways to the same product; the first one is the plain one."""
        ...


@dataclass
class Cell:
    """One variant at one place, as it was measured.

    Attributes:
        regime: "product", "codec", "call", "path" or "limit".
        seconds: One time for each round: of a product with one copy, or of one call.
        beside: The time a plain read (codecs: a copy) of the same bytes took, round by round.
        foreign: CPUs that other processes used, round by round.
        nbytes: Bytes of the weight; in codecs bytes moved, in limits bytes or operations.
        error: RMS of the error over RMS of the exact result.
        bound: The largest |error| as a part of what the contract allows; None without contract.
        blank: Why there is no time.
    """

    regime: str
    peer: str
    name: str
    x: str = ""
    inside: str = ""
    group: str = ""
    grouped: bool = True
    threads: int = 1
    n: int = 0
    k: int = 0
    m: int = 0
    nbytes: float = 0
    copies: int = 1
    seconds: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    foreign: list[float] = field(default_factory=list)
    error: float | None = None
    bound: float | None = None
    blank: str = ""


@dataclass
class Run:
    """All of a run: what JSON keeps, and the report is made of."""

    machine: dict[str, Any]
    peers: dict[str, str]
    missing: dict[str, str]
    settings: dict[str, Any]
    cells: list[Cell] = field(default_factory=list)
