"""Kernel functions: what the host sees of them, and the entry point that unpacks arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metal.translator.tokens import Tokens, TranslationError

POSITIONS = (
    "thread_position_in_grid",
    "thread_position_in_threadgroup",
    "threadgroup_position_in_grid",
    "threads_per_grid",
    "threads_per_threadgroup",
    "threadgroups_per_grid",
    "thread_index_in_threadgroup",
    "thread_index_in_simdgroup",
    "simdgroup_index_in_threadgroup",
    "threads_per_simdgroup",
    "simdgroups_per_threadgroup",
)
"""The attributes of positions, in the order of the run time's `Position`."""

_SPACES = re.compile(r"\b(device|constant|threadgroup)\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """A kernel's parameters: as the run time wants them, and the expressions that fetch them."""

    bindings: str
    declaration: str
    arguments: str
    max_threads: int


@dataclass(frozen=True, slots=True)
class Kernel:
    """An entry of the module's table."""

    name: str
    symbol: str
    signature: Signature


def _position(type_text: str, attribute: str) -> str | None:
    for index, name in enumerate(POSITIONS):
        if re.search(rf"\b{name}\b", attribute):
            plain = re.sub(r"\bconst\b|metal::", "", type_text).strip()
            return f"emulation_position<{plain}>::of(thread_->positions[{index}])"
    return None


def _memory(type_text: str, attribute: str, place: str, name: str) -> tuple[str, str]:
    """The binding of a buffer or of threadgroup memory, and the expression that fetches it."""
    buffer = re.search(r"\bbuffer\s*\(\s*(\d+)\s*\)", attribute)
    local = re.search(r"\bthreadgroup\s*\(\s*(\d+)\s*\)", attribute)
    found = buffer or local
    if found is None:
        raise TranslationError(f"{place}: the kernel's parameter {name} has no attribute")
    if not _SPACES.search(type_text):
        raise TranslationError(f"{place}: the kernel's parameter {name} has no address space")
    kind, table = ("b", "buffers") if buffer else ("t", "threadgroup_memory")
    access = "r" if re.search(r"\b(const|constant)\b", type_text) else "w"
    source = f"thread_->{table}[{found[1]}]"
    if type_text.endswith("&"):
        return f"{kind}{found[1]}{access}", f"*({type_text[:-1].strip()}*){source}"
    return f"{kind}{found[1]}{access}", f"({type_text}){source}"


def signature(tokens: Tokens, begin: int, end: int, attributes: list[str]) -> Signature:
    """Of the parameters between the parentheses of a kernel, and the attributes before it."""
    bindings, arguments, declarations = [], [], []
    for first, last in tokens.parts(begin, end):
        text = tokens.text(first, last)
        place = tokens[first].place
        match = re.match(r"^(.*?)([A-Za-z_]\w*)$", text, re.DOTALL)
        if match is None:
            raise TranslationError(f"{place}: a kernel's parameter that has no name: {text}")
        type_text, name = match[1].strip(), match[2]
        attribute = " ".join(tokens.attributes(first, last))
        declarations.append(f"{type_text} {name}")
        position = _position(type_text, attribute)
        if position is not None:
            arguments.append(position)
            continue
        binding, argument = _memory(type_text, attribute, place, name)
        bindings.append(binding)
        arguments.append(argument)
    limit = re.search(r"max_total_threads_per_threadgroup\s*\(\s*(\d+)\s*\)", " ".join(attributes))
    return Signature(
        bindings=" ".join(bindings),
        declaration=", ".join(declarations),
        arguments=", ".join(arguments),
        max_threads=int(limit[1]) if limit else 0,
    )


def template_arguments(tokens: Tokens, begin: int, end: int) -> str:
    """The names that `template <...>` declares, as arguments: "<T, bits>"."""
    names = []
    for first, last in tokens.parts(begin, end):
        text = re.split(r"=(?!=)", tokens.text(first, last))[0].strip()
        match = re.search(r"([A-Za-z_]\w*)$", text)
        if match is None:
            raise TranslationError(f"{tokens[first].place}: a template parameter without a name")
        names.append(match[1])
    return f"<{', '.join(names)}>"


def host_name(attributes: list[str]) -> str | None:
    """What [[host_name("...")]] says."""
    for attribute in attributes:
        match = re.search(r'host_name\s*\(\s*"((?:\\.|[^"\\])*)"', attribute)
        if match:
            return match[1]
    return None
