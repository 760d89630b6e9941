"""docs/benchmarks/communication.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.communication.model import (
    BITS_PER_WEIGHT,
    NETWORKS,
    RANKS,
    SHAPES,
    Link,
    fitted,
    read_seconds,
    sum_seconds,
    token_seconds,
)
from bench.tables import markdown, number

MEMORY = 100e9

Points = Mapping[int, Mapping[int, float]]
"""Seconds by ranks and bytes."""


def page(machine: Mapping[str, Any], points: Points) -> str:
    """The page of one run."""
    shared = fitted("shared memory of this machine", points[1], points[2])
    links = (shared, *NETWORKS)
    return f"""# What communication costs

A model that is split over ranks ([how](../distributed.md)) sums a hidden state over them twice in
each block, after attention and after feed-forward. This page says what that costs for each token of
one sequence, by a model of a latency and a bandwidth. The figures of networks are **not measured**:
they follow from the numbers in this table. Those of shared memory were fitted here.

{table_of_links(links)}
A sum of n bytes over p ranks takes the less of `log2(p) (latency + n / bandwidth)` and
`2 log2(p) latency + 2 (p - 1) / p n / bandwidth`.

## Milliseconds for each token

{table_of_tokens(links)}
The last column is what one rank needs to read its weights, of {BITS_PER_WEIGHT} bits, at
{MEMORY / 1e9:.0f} GB/s: the least that a token takes on a processor, without the exchanges.

- With one sequence the hidden states are short: up to 70B latency is the larger part on networks,
  and nearly all of it on NVLink.
- Sums here are made by processors: hidden states on GPUs pass through the host. The column of
  NVLink is what an engine on the devices could have; thinbit has none.
- Prompts, and many sequences at once, send as many times the bytes for one latency. Layers whose
  heads the ranks do not divide need three exchanges more.

## Measured here

Microseconds of `group.all_sum` from Python, the shortest mean of many loops; and those of the
model, on top of the call with one rank.

{table_of_points(shared, points)}
{machine["cpu"]}, {machine["cores"]} processors, {machine["system"]}; {machine["when"]}, with a load
of {machine["load"]:.1f} by others at the start. {caveat(machine, points)}

`python -m bench.communication` makes this page.
"""


def caveat(machine: Mapping[str, Any], points: Points) -> str:
    """What the machine is too small for."""
    if max(points) <= machine["cores"]:
        return ""
    return (
        f"{max(points)} ranks are more than its processors: they wait for one another's time\n"
        "slices, which the model does not know. So give each rank a processor at least."
    )


def table_of_links(links: tuple[Link, ...]) -> str:
    """Latency and bandwidth."""
    rows = [
        [
            link.name,
            f"{number(1e6 * link.latency)} us",
            f"{number(1e-9 * link.bandwidth)} GB/s",
            link.source,
        ]
        for link in links
    ]
    return markdown(["link", "latency", "bandwidth", "source"], rows)


def table_of_tokens(links: tuple[Link, ...]) -> str:
    """Every shape on every number of ranks."""
    rows = [
        [shape.name, str(ranks)]
        + [number(1e3 * token_seconds(link, ranks, shape)) for link in links]
        + [number(1e3 * read_seconds(ranks, shape, MEMORY))]
        for shape in SHAPES
        for ranks in RANKS
    ]
    return markdown(["model", "ranks", *(link.name for link in links), "weights"], rows)


def table_of_points(shared: Link, points: Points) -> str:
    """Measured, and as the model has it."""
    header, more = ["bytes", "1 rank"], [ranks for ranks in points if ranks > 1]
    for ranks in more:
        header += [f"{ranks} ranks", "model"]
    rows = []
    for size, alone in points[1].items():
        row = [str(size), number(1e6 * alone)]
        for ranks in more:
            if size not in points[ranks]:
                row += ["", ""]
                continue
            row.append(number(1e6 * points[ranks][size]))
            row.append(number(1e6 * (alone + sum_seconds(shared, ranks, size))))
        rows.append(row)
    return markdown(header, rows)
