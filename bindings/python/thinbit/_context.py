"""Contexts: where calls run. Each thread has its own for every device and stream."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import Any

import numpy as np

from thinbit._arguments import unknown_choice
from thinbit._arrays import device_of
from thinbit._errors import ThinbitError, invalid
from thinbit._generated.backends import BACKENDS
from thinbit._native import ffi, lib
from thinbit._native_error import from_native, new_error
from thinbit._numpy_calls import ContextHandle, set_context_class, set_thread_handle

_MAX_OUTPUTS = 8
_Place = tuple[int, int, int | None]

_CPU: _Place = (BACKENDS["cpu"].value, 0, None)
_BY_DLPACK = {backend.dlpack_device: backend for backend in BACKENDS.values()}
_NAMES = {backend.value: backend.name for backend in BACKENDS.values()}
_INT32_MAX = 2**31 - 1
_LEGACY_STREAM = 1  # DLPack forbids 0, which CUDA gives two meanings


class Context:
    """A device and its threads, for calls that take `context=`.

    Results do not depend on the number of threads. Several Python threads may use a context: their
    calls wait for one another. After a fork the child's context is a new one of the same settings.
    """

    def __init__(
        self, device: str = "cpu", threads: int | None = None, *, stream: int | None = None
    ) -> None:
        """Make a context.

        Args:
            device: "cpu", "cuda", "cuda:1" or "metal".
            threads: CPU threads to use, the caller's included; THINBIT_NUM_THREADS, or as many as
                the process may use, when not given.
            stream: A CUDA stream, as an address; the device's default one when not given.

        Raises:
            ThinbitError: the rule is 'context_create.<argument>.<kind>'.
        """
        op = "context_create"
        if threads is not None and (
            not isinstance(threads, int)
            or isinstance(threads, bool)
            or not 0 < threads <= _INT32_MAX
        ):
            text = f"threads is {threads!r}, and must be a positive integer, or None"
            raise invalid(op, "num_threads", "range", text)
        backend, index = _parse(op, device)
        self._start((backend, index, _stream(op, backend, index, stream)), threads or 0)

    @classmethod
    def _at(cls, place: _Place) -> Context:
        context = cls.__new__(cls)
        context._start(place, 0)
        return context

    def _start(self, place: _Place, threads: int) -> None:
        self._place = place
        self._threads = threads
        self._open()
        _live.add(self)

    def _open(self) -> None:
        backend, index, stream = self._place
        self.infos = ffi.new("thinbit_tensor_info[]", _MAX_OUTPUTS)
        self.error = new_error()
        options = ffi.new("thinbit_context_options *")
        options.struct_size = ffi.sizeof("thinbit_context_options")
        options.backend = backend
        options.device_id = index
        options.stream = ffi.cast("void *", stream or 0)
        options.num_threads = self._threads
        made = ffi.new("thinbit_context **")
        self.native: Any = ffi.NULL
        if lib.thinbit_context_create(options, made, self.error) != 0:
            raise self.failure()
        self.native = ffi.gc(made[0], lib.thinbit_context_destroy)
        # `with handle` lets one thread at a time in.
        address = int(ffi.cast("uintptr_t", self.native))
        self.handle = ContextHandle(address, self.native)

    def _abandon(self) -> None:
        """Forget what a forked child inherited: another thread may have been in a call."""
        ffi.gc(self.native, None)
        self._open()

    @property
    def device(self) -> str:
        """The device's name, as `device=` takes it."""
        backend, index, _ = self._place
        name = _NAMES[backend]
        return f"{name}:{index}" if name == "cuda" else name

    @property
    def stream(self) -> int | None:
        """The address of the CUDA stream; None for the default one."""
        return self._place[2]

    @property
    def dlpack_stream(self) -> int | None:
        """The stream as `__dlpack__` takes it: the default one is 1; None where there is none."""
        backend, _, stream = self._place
        return stream or _LEGACY_STREAM if _NAMES[backend] == "cuda" else None

    def sync(self) -> None:
        """Wait for all work of this context; raises ThinbitError where some of it failed."""
        with self.handle:
            if lib.thinbit_context_sync(self.native, self.error) != 0:
                raise self.failure()

    def failure(self) -> ThinbitError:
        """The error of the call that has just failed."""
        return from_native(self.error)

    def __repr__(self) -> str:
        """Device and threads."""
        threads = f", threads={self._threads}" if self._threads else ""
        return f"Context({self.device!r}{threads})"


_live: weakref.WeakSet[Context] = weakref.WeakSet()
_local = threading.local()


def context_for(op: str, operand: Any, device: str | None, stream: int | None) -> Context:
    """The calling thread's context for a call whose first operand is `operand`."""
    if device is None and stream is None and isinstance(operand, np.ndarray):
        return _hidden(_CPU)
    if device is not None:
        backend, index = _parse(op, device)
    else:
        kind, index = device_of(operand)
        found = _BY_DLPACK.get(kind)
        # Memory of the host that a device can read as well, or a device that the core will refuse.
        backend, index = (found.value, index) if found is not None else (_CPU[0], 0)
    try:
        return _hidden((backend, index, _stream(op, backend, index, stream)))
    except ThinbitError as error:
        if error.status != "unsupported":
            raise
        raise _no_backend(op, _NAMES[backend], error) from None


def _no_backend(op: str, name: str, error: ThinbitError) -> ThinbitError:
    """The error of a call on a device that this build or machine has not, in the call's terms."""
    reason = str(error).removeprefix(f"{error.op}: ")
    return ThinbitError(
        f"{op}: the device is {name}, and {reason}",
        status=error.status,
        op=op,
        argument="device",
        rule=f"{op}.device.unsupported",
    )


def _hidden(place: _Place) -> Context:
    try:
        contexts: dict[_Place, Context] = _local.contexts
    except AttributeError:
        contexts = _local.contexts = {}
    context = contexts.get(place)
    if context is None:
        context = contexts[place] = Context._at(place)
    if place == _CPU:
        set_thread_handle(context.handle)
    return context


def _stream(op: str, backend: int, index: int, stream: int | None) -> int | None:
    if stream is not None and (
        not isinstance(stream, int) or isinstance(stream, bool) or stream < 0
    ):
        text = f"stream is {stream!r}, and must be the address of a CUDA stream"
        raise invalid(op, "stream", "choice", text)
    if _NAMES[backend] != "cuda":
        if stream is not None:
            text = f"stream is given, and {_NAMES[backend]} has none; streams are CUDA's"
            raise invalid(op, "stream", "forbidden", text)
        return None
    torch = sys.modules.get("torch")
    if stream is None and torch is not None and torch.cuda.is_available():
        stream = torch.cuda.current_stream(index).cuda_stream
    return stream or None  # 0 is the default one


def _parse(op: str, device: Any) -> tuple[int, int]:
    """Backend and number of a device's name."""
    if isinstance(device, str):
        name, colon, number = device.partition(":")
        backend = BACKENDS.get(name)
        if backend is not None and not colon:
            return backend.value, 0
        if name == "cuda" and number.isascii() and number.isdecimal() and len(number) < 6:
            return BACKENDS[name].value, int(number)
    raise unknown_choice(op, "device", device, ("cpu", "cuda", "cuda:0", "metal"))


def _after_fork() -> None:
    set_thread_handle(None)
    for context in list(_live):
        context._abandon()


set_context_class(Context)
os.register_at_fork(after_in_child=_after_fork)
