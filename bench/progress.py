"""What a run says while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Reporter:
    """Steps of a run, one after the other."""

    def __init__(self, steps: int) -> None:
        """Expect so many steps."""
        self._steps, self._done = steps, 0
        self._start = time.monotonic()
        self._console = Console(soft_wrap=True)
        self._progress: Progress | None = None
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._progress = Progress(*columns, TimeElapsedColumn(), console=self._console)
            self._task = self._progress.add_task("starting", total=steps)

    def __enter__(self) -> Reporter:
        """Show the bar."""
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def step(self, text: str) -> None:
        """The next step begins."""
        self._done += 1
        if self._progress is not None:
            self._progress.update(self._task, description=text, completed=self._done - 1)
        else:
            elapsed = time.monotonic() - self._start
            self._console.print(
                f"[{elapsed:6.1f} s] {self._done}/{self._steps} {text}", markup=False
            )

    def note(self, text: str) -> None:
        """A line that stays."""
        self._console.print(f"    {text}", markup=False, highlight=False)
