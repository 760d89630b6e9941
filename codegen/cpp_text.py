"""Long C++ statements over several lines."""

from __future__ import annotations

WIDTH = 100


def wrap(line: str) -> list[str]:
    """A statement cut after commas where it passes `WIDTH`, the rest indented by four more."""
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    lines, current = [], ""
    for piece in line.split(", "):
        joined = f"{current}, {piece}" if current else piece
        if current and len(joined) + 1 > WIDTH:
            lines.append(current + ",")
            current = indent + piece
        else:
            current = joined
    return [*lines, current]
