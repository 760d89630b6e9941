"""The tables of the schema: dtypes and their sets, statuses, backends, modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codegen.check_names import known, repeated
from codegen.load import Document
from codegen.problems import Place, Problems

Entry = dict[str, Any]

STATUSES = (
    "ok",
    "invalid_argument",
    "unsupported",
    "non_finite",
    "out_of_memory",
    "device",
    "internal",
)
"""What the written part of the core and of the bindings returns."""

MOST_VALUES = 31
"""Sets of dtypes, modes and backends are 32-bit words with one bit for each value."""

WORD_BITS = 32
"""Packed weights are words of this many bits."""


def check(document: Document, problems: Problems) -> None:
    """Collect what is wrong in the tables."""
    value = document.value
    for table in ("dtypes", "statuses", "backends", "modes"):
        place = document.place((table,))
        repeated(place, value[table], problems)
        _distinct(place, value[table], "the value", lambda entry: entry["value"], problems)
        if table != "statuses":
            _counted(place, value[table], problems)
    _distinct(
        document.place(("dtypes",)),
        value["dtypes"],
        "DLPack's code and size",
        lambda entry: (entry["dlpack_code"], entry["bits"]),
        problems,
    )
    _distinct(
        document.place(("backends",)),
        value["backends"],
        "DLPack's device type",
        lambda entry: entry["dlpack_device"],
        problems,
    )
    _statuses(document.place(("statuses",)), value["statuses"], problems)
    _sets(document, problems)
    for i, mode in enumerate(value["modes"]):
        _mode(document, document.place(("modes", i)), mode, problems)


def _distinct(
    place: Place,
    entries: list[Entry],
    what: str,
    key: Callable[[Entry], object],
    problems: Problems,
) -> None:
    first: dict[object, str] = {}
    for i, entry in enumerate(entries):
        if key(entry) in first:
            other = first[key(entry)]
            problems.add(place.at(i), "S023", f"{entry['name']}: {what} is that of {other!r}")
        first.setdefault(key(entry), entry["name"])


def _counted(place: Place, entries: list[Entry], problems: Problems) -> None:
    """The core finds a row by its number, and 0 means that nothing was chosen."""
    for i, entry in enumerate(entries):
        mark = place.at(i, "value")
        if entry["value"] == 0:
            problems.add(mark, "S024", f"{entry['name']}: the value 0 is reserved for 'not given'")
        elif entry["value"] != i + 1:
            problems.add(
                mark, "S024", f"{entry['name']}: entry {i + 1} has to have the value {i + 1}"
            )
    if len(entries) > MOST_VALUES:
        message = f"more than {MOST_VALUES} entries do not fit a set in one word"
        problems.add(place.at(MOST_VALUES), "S024", message)


def _statuses(place: Place, entries: list[Entry], problems: Problems) -> None:
    names = [entry["name"] for entry in entries]
    for name in STATUSES:
        if name not in names:
            problems.add(
                place.at(), "S038", f"the core returns the status {name!r}: it has to be here"
            )
    for i, entry in enumerate(entries):
        if (entry["name"] == "ok") != (entry["value"] == 0):
            message = f"{entry['name']}: the value 0 belongs to the status 'ok'"
            problems.add(place.at(i, "value"), "S024", message)


def _sets(document: Document, problems: Problems) -> None:
    dtypes = [entry["name"] for entry in document.value["dtypes"]]
    for name, members in document.value["dtype_sets"].items():
        place = document.place(("dtype_sets", name))
        if name in dtypes:
            problems.add(place.at(), "S037", f"the set {name!r} has the name of a dtype")
        for i, member in enumerate(members):
            known(member, dtypes, "dtype", place.at(i), problems)


def _mode(document: Document, place: Place, mode: Entry, problems: Problems) -> None:
    for key, default in (("bits", "default_bits"), ("group_sizes", "default_group_size")):
        if mode[default] not in mode[key]:
            message = f"{mode['name']}: {default} {mode[default]} is not one of {key} {mode[key]}"
            problems.add(place.at(default), "S025", message)
        if mode[key] != sorted(mode[key]):
            problems.add(place.at(key), "S025", f"{mode['name']}: {key} have to ascend")
    for bits in mode["bits"]:
        for group_size in mode["group_sizes"]:
            if bits * group_size % WORD_BITS:
                message = f"{mode['name']}: {group_size} elements of {bits} bits fill no whole word"
                problems.add(place.at("group_sizes"), "S025", message)
    scales, sets = mode["scale_dtypes"], document.value["dtype_sets"]
    dtypes = [entry["name"] for entry in document.value["dtypes"]]
    if isinstance(scales, str):
        known(scales, [*sets, *dtypes], "dtype or set", place.at("scale_dtypes"), problems)
    else:
        for i, name in enumerate(scales):
            known(name, dtypes, "dtype", place.at("scale_dtypes", i), problems)
