"""What a run measures: the places, the groups, and the order of it all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from bench import jobs, machine, peers
from bench.model import GROUPS, Run, Variant
from bench.processes import PeerFailed, PeerProcess
from bench.products import Effort, Group, Place, groups
from bench.progress import Reporter
from bench.rounds import Patience

_ANSWER_WITHIN = 120.0  # seconds
_LIMIT_ROUNDS = 5


@dataclass(frozen=True)
class Plan:
    """A run.

    Attributes:
        name: What it is called in the page.
        places: Where products are compared.
        groups: Which of GROUPS.
        effort: How much is done for each cell.
        patience: Seconds that it may wait for a quiet machine.
        codecs: Codecs by name and dtype; empty: all.
        path_rows: The M's of other paths.
    """

    name: str
    places: tuple[Place, ...]
    groups: tuple[str, ...]
    effort: Effort
    patience: float
    codecs: tuple[str, ...]
    path_rows: tuple[int, ...]


FULL = Plan(
    "full",
    (
        Place(2, 4096, 4096, (1, 2, 4, 8, 16, 32, 64, 128, 512)),
        Place(2, 14336, 4096, (1, 8, 512)),
        Place(2, 4096, 14336, (1, 8, 512)),
        Place(1, 4096, 4096, (1, 8, 512)),
    ),
    tuple(GROUPS),
    Effort(rounds=5, large_rounds=3, least_seconds=0.012),
    patience=60.0,
    codecs=(),
    path_rows=(1, 512),
)
QUICK = Plan(
    "quick",
    (Place(2, 4096, 4096, (1, 8, 512)),),
    ("four",),
    Effort(rounds=3, large_rounds=1, least_seconds=0.006),
    patience=5.0,
    codecs=("affine 4", "mxfp4", "q4_0"),
    path_rows=(1,),
)


def measure(plan: Plan, only: Sequence[str] | None = None) -> Run:
    """Make the run."""
    start = time.monotonic()
    patience = Patience(plan.patience)
    run = Run(machine.describe(), {}, {}, {"plan": plan.name, **asdict(plan)})
    names = [name for name in peers.NAMES if only is None or name in only]
    threads = sorted({place.threads for place in plan.places})
    most = threads[-1]
    steps = len(plan.places) * len(plan.groups) + len(threads) + 2 + len(plan.path_rows)
    with Reporter(steps) as reporter:
        for count in threads:
            reporter.step(f"limits, {count} threads")
            with _processes(run, [], count, reporter) as found:
                limits = found["limits"]
                run.cells += jobs.measure_limits(limits, _LIMIT_ROUNDS, patience)
        for place in plan.places:
            with _processes(run, names, place.threads, reporter) as found:
                by_group = groups(_variants(found), plan.groups)
                for group, variants in by_group.items():
                    where = f"{place.n} x {place.k}, {place.threads} threads"
                    reporter.step(f"products: {GROUPS[group]}, {where}, M {place.rows}")
                    maker = Group(place, variants, found, plan.effort, patience, reporter.note)
                    run.cells += maker.measure()
        effort = (plan.effort.rounds, plan.effort.least_seconds)
        with _processes(run, names, most, reporter) as found:
            reporter.step("quantize and dequantize")
            run.cells += jobs.measure_jobs(
                "codecs",
                (*jobs.CODEC_SHAPE, most),
                found,
                (min(3, effort[0]), 0.0),
                patience,
                lambda name, note: not plan.codecs or name.split(" ", 1)[-1] in plan.codecs,
            )
        callers = [*names, *peers.CALLERS] if "thinbit_cpu" in names else names
        with _processes(run, callers, 1, reporter) as found:
            reporter.step("the cost of a call")
            run.cells += jobs.measure_jobs("tiny_calls", (), found, effort, patience)
        with _processes(
            run, [name for name in names if name == "thinbit_cpu"], most, reporter
        ) as found:
            for rows in plan.path_rows:
                reporter.step(f"other paths, M = {rows}")
                least = effort[1] if rows == 1 else 0.0
                arguments = (rows, most)
                run.cells += jobs.measure_jobs("paths", arguments, found, (3, least), patience)
    run.settings["seconds"] = round(time.monotonic() - start)
    run.settings["waited"] = round(patience.waited)
    return run


@contextmanager
def _processes(
    run: Run, names: Sequence[str], threads: int, reporter: Reporter
) -> Iterator[dict[str, PeerProcess]]:
    """The limits and the libraries that are there, each in its process; the others are noted."""
    with ExitStack() as stack:
        found = {}
        for name in (*names, "limits"):
            process = PeerProcess(name, threads, _ANSWER_WITHIN)
            stack.callback(process.stop)
            try:
                run.peers[name] = process.ask("version")
                found[name] = process
            except PeerFailed as failure:
                if name not in run.missing:
                    reporter.note(f"without {peers.TITLES[name]}: {failure}")
                run.missing[name] = str(failure)
        yield found


def _variants(processes: dict[str, PeerProcess]) -> list[Variant]:
    return [variant for process in processes.values() for variant in process.ask("variants")]
