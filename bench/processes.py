"""The workers from the outside: one process for each library and number of threads."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

from bench import worker

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "THINBIT_NUM_THREADS",
)


class PeerFailed(Exception):
    """A library could not do what it was asked for: it raised, crashed, or took too long."""


class PeerProcess:
    """One library in its own process, which is started again after a crash."""

    def __init__(self, name: str, threads: int, patience: float) -> None:
        """Name a library; `patience` is how many seconds a request may take.

        `starts` counts how often it was started; each time, what it had prepared is gone.
        """
        self.name = name
        self.threads = threads
        self.starts = 0
        self._patience = patience
        self._start()

    def _start(self) -> None:
        self.starts += 1
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=worker.serve, args=(theirs, self.name, self.threads), daemon=True
        )
        before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(self.threads)))
        try:
            self._process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        theirs.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the worker; PeerFailed says why there is no answer."""
        try:
            self._connection.send((method, arguments))
            if not self._connection.poll(self._patience):
                self._restart()
                raise PeerFailed(f"no answer within {self._patience:.0f} s")
            done, value = self._connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join(1)
            code = self._process.exitcode
            self._restart()
            raise PeerFailed(f"crashed (exit status {code})") from None
        if not done:
            raise PeerFailed(value)
        return value

    def _restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.terminate()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
