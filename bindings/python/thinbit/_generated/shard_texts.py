# generated from codegen/schema/thinbit.yaml: do not edit
"""What is wrong with cutting a layer: the same words in every language."""

# ruff: noqa: E501

from __future__ import annotations


def module_type(*, type: object, choices: object) -> str:
    """`module is {type}, and only {choices} can be sharded`."""
    return f"module is {type}, and only {choices} can be sharded"


def segments_range(*, segments: object) -> str:
    """`segments is {segments}, and must be a positive integer`."""
    return f"segments is {segments}, and must be a positive integer"


def segment(*, segments: object, field: object) -> str:
    """`each of the {segments} segments of {field}`."""
    return f"each of the {segments} segments of {field}"


def rows() -> str:
    """`rows`."""
    return "rows"


def columns() -> str:
    """`columns`."""
    return "columns"


def groups(*, group_size: object) -> str:
    """`groups of {group_size} columns`."""
    return f"groups of {group_size} columns"


def segments_divide(*, field: object, count: object, unit: object, segments: object) -> str:
    """`{field} has {count} {unit}, which {segments} segments do not divide`."""
    return f"{field} has {count} {unit}, which {segments} segments do not divide"


def ranks_divide(*, what: object, count: object, unit: object, ranks: object, fitting: object) -> str:
    """`{what} has {count} {unit}, which {ranks} ranks do not divide; {fitting} ranks do`."""
    return f"{what} has {count} {unit}, which {ranks} ranks do not divide; {fitting} ranks do"


def group_sizes_fit(*, problem: object, group_sizes: object, ranks: object) -> str:
    """`{problem}, and with {group_sizes} columns in a group {ranks} ranks do`."""
    return f"{problem}, and with {group_sizes} columns in a group {ranks} ranks do"
