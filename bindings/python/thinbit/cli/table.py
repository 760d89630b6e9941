"""A small table, as plain text and for rich."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.table

_GAP = "  "


@dataclass
class Table:
    """Rows of text under headings; `numbers` names the columns that are aligned to the right."""

    headings: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    total: tuple[str, ...] | None = None

    def add(self, *cells: str) -> None:
        """Add a row with a cell for each heading."""
        assert len(cells) == len(self.headings)
        self.rows.append(cells)

    def plain(self) -> str:
        """The table as lines of text."""
        body = [self.headings, *self.rows, *([self.total] if self.total else [])]
        widths = [max(len(row[i]) for row in body) for i in range(len(self.headings))]
        lines = [self._line(row, widths) for row in body]
        rule = _GAP.join("-" * width for width in widths)
        lines.insert(1, rule)
        if self.total:
            lines.insert(-1, rule)
        return "\n".join(lines)

    def rich(self) -> rich.table.Table:
        """The table for a terminal."""
        import rich.box
        import rich.table
        import rich.text

        table = rich.table.Table(box=rich.box.SIMPLE_HEAD, show_footer=self.total is not None)
        for index, heading in enumerate(self.headings):
            right = heading in self.numbers
            table.add_column(
                heading,
                rich.text.Text(self.total[index] if self.total else ""),
                justify="right" if right else "left",
                no_wrap=right,
                overflow="fold",
            )
        for row in self.rows:
            table.add_row(*map(rich.text.Text, row))
        return table

    def _line(self, row: tuple[str, ...], widths: list[int]) -> str:
        cells = (
            cell.rjust(width) if heading in self.numbers else cell.ljust(width)
            for cell, width, heading in zip(row, widths, self.headings, strict=True)
        )
        return _GAP.join(cells).rstrip()
