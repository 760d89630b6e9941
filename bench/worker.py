"""One library in a process of its own: its crash is a blank, and its threads disturb nobody."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from bench.model import Job, Peer, Product, Sample, Variant

_PAUSE = 0.004  # seconds in which the spinning threads of the one before go to sleep


def serve(connection: Connection, peer_name: str, threads: int) -> None:
    """Answer requests (method, arguments) with (True, value) or (False, what went wrong)."""
    worker = _Worker(peer_name, threads)
    while True:
        try:
            method, arguments = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            connection.send((True, getattr(worker, method)(*arguments)))
        except Exception as error:  # the peers raise what they like
            text = " ".join(f"{type(error).__name__}: {error}".split())
            connection.send((False, text[:160]))


class _Worker:
    def __init__(self, peer_name: str, threads: int) -> None:
        self._name = peer_name
        self._threads = threads
        self._peer: Peer | None = None
        self._products: dict[Variant, Product] = {}
        self._jobs: list[Job] = []

    @property
    def peer(self) -> Peer:
        if self._peer is None:
            peer: Peer = importlib.import_module(f"bench.peers.{self._name}").PEER
            self._peer = peer
        return self._peer

    def version(self) -> str:
        return self.peer.version()

    def variants(self) -> list[Variant]:
        return list(self.peer.variants())

    def prepare(self, variant: Variant, n: int, k: int, least_bytes: int) -> tuple[int, int]:
        product = self.peer.product(variant, n, k, least_bytes, self._threads)
        self._products[variant] = product
        return product.copies, product.nbytes

    def first_pass(self, variant: Variant, rows: int) -> float:
        product = self._products[variant]
        product.set_rows(rows)
        return _seconds(product.run) / product.copies

    def measure(self, variant: Variant, rows: int, least_seconds: float) -> float:
        product = self._products[variant]
        product.set_rows(rows)
        return _median_pass(product.run, least_seconds) / product.copies

    def judge(self, variant: Variant, rows: int) -> tuple[float, float | None]:
        product = self._products[variant]
        product.set_rows(rows)
        return judge(product.sample())

    def limit(self, method: str, *arguments: Any) -> float:
        found: float = getattr(self.peer, method)(*arguments, self._threads)
        return found

    def release(self) -> None:
        self._products.clear()
        self._jobs.clear()

    def make_jobs(self, kind: str, arguments: tuple[Any, ...]) -> list[tuple[str, float, str]]:
        maker: Callable[..., list[Job]] = getattr(self.peer, kind)
        self._jobs = list(maker(*arguments))
        return [(job.name, job.amount, job.note) for job in self._jobs]

    def measure_job(self, index: int, least_seconds: float) -> float:
        if index >= len(self._jobs):
            raise RuntimeError("lost when the process ended")
        job = self._jobs[index]
        return _median_pass(job.run, least_seconds) / job.calls


def judge(sample: Sample) -> tuple[float, float | None]:
    """The error, RMS over RMS, and the largest one as a part of the contract's bound."""
    exact = sample.x @ sample.weight.T
    error = sample.result - exact
    relative = float(np.sqrt(np.mean(error**2) / np.mean(exact**2)))
    if not sample.dtype:
        return relative, None
    of_exact, of_magnitudes = _BOUNDS[sample.dtype]
    magnitudes = np.abs(sample.x) @ np.abs(sample.weight).T
    return relative, float(
        np.max(np.abs(error) / (of_exact * abs(exact) + of_magnitudes * magnitudes))
    )


# docs/numerics.md, "Products": what |error| may be of |exact| and of the product of the magnitudes.
_BOUNDS = {"f32": (2**-23, 1e-6), "f16": (2**-10, 2**-11), "bf16": (2**-8, 2**-9)}


def _median_pass(run: Callable[[], object], least_seconds: float) -> float:
    """The median of passes for so long, after one that does not count; 0 seconds: a single pass."""
    time.sleep(_PAUSE)
    if least_seconds > 0:
        run()
    times = [_seconds(run)]
    while sum(times) < least_seconds:
        times.append(_seconds(run))
    return float(np.median(times))


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
