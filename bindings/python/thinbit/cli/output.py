"""Where a command's words go: people read lines, tables and a progress bar; programs read JSON.

With `--json`, stdout holds one JSON object and all words go to stderr. A progress bar and rich's
tables are for terminals, and for machines that have rich; everyone else gets plain lines.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from .table import Table

try:
    import rich.console
    import rich.progress

    _HAS_RICH = True
except ImportError:
    _HAS_RICH = False


def _ignore(_: int) -> None:
    pass


@dataclass(frozen=True)
class Progress:
    """A running measure of bytes: first how many there will be, then how many are done."""

    set_total: Callable[[int], None] = _ignore
    advance: Callable[[int], None] = _ignore


class Output:
    """The output of one command."""

    def __init__(self, *, json_output: bool, words: TextIO | None = None) -> None:
        """Words go to stdout, or to stderr where stdout is for JSON; or where they are told to."""
        self._json = json_output
        self._words = words or (sys.stderr if json_output else sys.stdout)
        self._rich = None
        if _HAS_RICH and self._words.isatty():
            self._rich = rich.console.Console(file=self._words, highlight=False)

    def of_rank(self, rank: int) -> Output:
        """This output on the first rank of a job, and one that nobody reads on the others."""
        if rank == 0:
            return self
        return Output(json_output=False, words=open(os.devnull, "w"))

    def line(self, text: str) -> None:
        """One line for people."""
        if self._rich:
            self._rich.print(text, markup=False, soft_wrap=True)
        else:
            print(text, file=self._words, flush=True)

    def table(self, table: Table) -> None:
        """A table for people."""
        if self._rich:
            self._rich.print(table.rich())
        else:
            self.line(table.plain())

    def result(self, value: dict[str, Any]) -> None:
        """The JSON object, which is printed only where it was asked for."""
        if self._json:
            print(json.dumps(value, indent=2, allow_nan=False))

    def fail(self, problem: str) -> int:
        """Say on stderr what is wrong, and in JSON where that was asked for; the status 1."""
        with contextlib.suppress(BrokenPipeError):
            print(f"thinbit: error: {problem}", file=sys.stderr)
            self.result({"error": problem})
        return 1

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """A bar on a terminal, and nothing elsewhere."""
        if not self._rich:
            yield Progress()
            return
        columns = (
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.TaskProgressColumn(),
            rich.progress.DownloadColumn(),
            rich.progress.TimeRemainingColumn(),
        )
        with rich.progress.Progress(*columns, console=self._rich, transient=True) as bar:
            task = bar.add_task(title, total=None)
            yield Progress(
                lambda total: bar.update(task, total=total),
                lambda amount: bar.advance(task, amount),
            )


def human_bytes(count: int) -> str:
    """A number of bytes to three digits: `912 B`, `12.9 MB`."""
    if count < 1000:
        return f"{count} B"
    value, unit = float(count), "B"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the unit that fits is used below
        value /= 1000
        if value < 999.5:
            break
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {unit}"


def human_number(value: float | None, digits: int = 2) -> str:
    """A number with some decimals, and a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def human_count(count: int) -> str:
    """A count to three digits: `912`, `134.5 M`."""
    if count < 1000:
        return str(count)
    value = float(count)
    for unit in ("k", "M", "G", "T"):
        value /= 1000
        if value < 999.5 or unit == "T":
            break
    return f"{value:.{0 if value >= 999.5 else 1 if value >= 9.995 else 2}f} {unit}"
