"""Steps shared among ranks, in rounds: each does its part of a round, then all hear of all.

The rounds are short enough for one rank to show how far the job is, and a rank's memory is what
its own steps need.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

import numpy as np

from thinbit.distributed import Group

from .checkpoint_writer import CheckpointWriter
from .quantize_report import TensorReport
from .removed_after_death import RemovedAfterDeath
from .steps import Step
from .write_steps import Done, do_steps

_ROUND_BYTES = 64 * 10**6  # of each rank, at the least
_TOKEN_BYTES = 6


def turn_of(group: Group) -> str:
    """A random name of the job, the same on every rank; on all but the first when it is their turn.

    The first finds what is wrong with the job, once for all, and makes what the others write to.
    """
    own = np.frombuffer(secrets.token_bytes(_TOKEN_BYTES), np.uint8)
    token = bytes(group.all_gather(own)[:_TOKEN_BYTES]).hex()
    if group.rank != 0:
        group.barrier()
    return token


@contextlib.contextmanager
def shared_writing(writer: CheckpointWriter | None, group: Group) -> Iterator[None]:
    """The context of a writer, on every rank after `turn_of`; the output is there when it is left.

    The first rank makes what is temporary before the others join, and the output from it after they
    have left. Without a writer nothing is written, and the ranks go on together all the same.
    """
    with contextlib.ExitStack() as stack:
        if writer is not None:
            if group.rank == 0:
                stack.enter_context(RemovedAfterDeath(writer.temporary))
            stack.enter_context(writer)
        if group.rank == 0:
            group.barrier()
        yield
        if group.rank == 0:
            group.barrier()
    if group.rank != 0:
        group.barrier()
    group.barrier()


def do_shared_steps(
    path: str,
    steps: list[Step],
    writer: CheckpointWriter | None,
    jobs: int,
    on_tensor: Done | None,
    group: Group,
) -> tuple[TensorReport, ...]:
    """do_steps, of which each rank does a part; every rank gets the reports on all steps.

    The writer of each rank has the same declarations, and that of the first makes the files.
    """
    reports: dict[int, TensorReport] = {}
    for shares in _rounds(steps, group.size):
        own = [steps[index] for index in shares[group.rank]]
        done = do_steps(path, own, writer, jobs, None)
        for index, report in _exchanged(group, steps, shares, done):
            reports[index] = report
            if on_tensor:
                on_tensor(report)
    if writer is not None:
        writer.written_by_others()
    return tuple(reports[index] for index in range(len(steps)))


def _rounds(steps: list[Step], ranks: int) -> Iterator[list[list[int]]]:
    """The steps of each rank, round after round: the next step goes to whoever has least to do."""
    shares: list[list[int]] = [[] for _ in range(ranks)]
    filled = [0] * ranks
    for index, step in enumerate(steps):
        rank = filled.index(min(filled))
        shares[rank].append(index)
        filled[rank] += step.tensor.nbytes
        if min(filled) >= _ROUND_BYTES:
            yield shares
            shares, filled = [[] for _ in range(ranks)], [0] * ranks
    if any(shares):
        yield shares


def _exchanged(
    group: Group, steps: list[Step], shares: list[list[int]], done: tuple[TensorReport, ...]
) -> list[tuple[int, TensorReport]]:
    """The reports of all ranks on a round, in the order of the steps."""
    most = max(map(len, shares))
    own = np.zeros((most, 4), np.float64)
    for row, report in zip(own, done, strict=False):
        row[:] = (report.bytes_out, report.squared_error, report.squared_weights, report.seconds)
    gathered = group.all_gather(own.view(np.uint8))
    rows = gathered.view(np.float64).reshape(group.size, most, 4)
    reports = []
    for rank, share in enumerate(shares):
        for index, row in zip(share, rows[rank], strict=False):
            size, error, weights, seconds = map(float, row)
            reports.append((index, TensorReport(steps[index], int(size), error, weights, seconds)))
    return sorted(reports, key=lambda each: each[0])
