"""What a sum over ranks costs, from a latency and a bandwidth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

FLOAT = 4
SUMS_OF_A_BLOCK = 2  # after attention, and after feed-forward
BITS_PER_WEIGHT = 4.5  # 4-bit codes, and a scale and a bias of 16 bits for 64 of them


@dataclass(frozen=True)
class Link:
    """What lies between ranks.

    Attributes:
        name: What it is.
        latency: Seconds for one message without content.
        bandwidth: Bytes a second from one rank to another.
        source: Where the two numbers come from.
    """

    name: str
    latency: float
    bandwidth: float
    source: str


@dataclass(frozen=True)
class Shape:
    """What a model's size means for its exchanges.

    Attributes:
        name: Its size.
        blocks: How many blocks there are.
        width: Elements of a hidden state.
        weights: How many weights one token is multiplied with.
    """

    name: str
    blocks: int
    width: int
    weights: float


SHAPES = (
    Shape("7B (32 blocks of 4096)", 32, 4096, 6.7e9),
    Shape("13B (40 of 5120)", 40, 5120, 13e9),
    Shape("70B (80 of 8192)", 80, 8192, 70e9),
    Shape("405B (126 of 16384)", 126, 16384, 405e9),
    Shape("671B, 37B active (61 of 7168)", 61, 7168, 37e9),
)
RANKS = (2, 4, 8, 16)
NETWORKS = (
    Link("10 Gbit/s, TCP", 30e-6, 1.25e9, "assumed: 30 us for a message, the line rate"),
    Link("100 Gbit/s, RDMA", 3e-6, 12.5e9, "assumed: 3 us for a message, the line rate"),
    Link("NVLink 4", 4e-6, 450e9, "assumed: 4 us for a step, half of the 900 GB/s of an H100"),
)


def sum_seconds(link: Link, ranks: int, size: int) -> float:
    """One sum of so many bytes over the ranks.

    The better one of two algorithms: everything to a partner, again and again; or halves, which
    are summed first and collected then.
    """
    steps = math.ceil(math.log2(ranks))
    whole = steps * (link.latency + size / link.bandwidth)
    halves = 2 * steps * link.latency + 2 * (ranks - 1) / ranks * size / link.bandwidth
    return min(whole, halves)


def token_seconds(link: Link, ranks: int, shape: Shape) -> float:
    """The exchanges for one token of one sequence: float32 sums of the hidden state."""
    return SUMS_OF_A_BLOCK * shape.blocks * sum_seconds(link, ranks, FLOAT * shape.width)


def read_seconds(ranks: int, shape: Shape, bandwidth: float) -> float:
    """What one rank needs to read its weights once: the least that a token takes."""
    return shape.weights * BITS_PER_WEIGHT / 8 / ranks / bandwidth


def fitted(name: str, alone: Mapping[int, float], pair: Mapping[int, float]) -> Link:
    """The link that explains what two ranks need beyond one, by size.

    The shortest sum gives the latency, the median of all longer ones the bandwidth.
    """
    least, *longer = sorted(pair)
    latency = max(pair[least] - alone[least], 0.0)
    bandwidth = median(size / (pair[size] - alone[size] - latency) for size in longer)
    return Link(name, latency, bandwidth, "fitted to two ranks, below")
