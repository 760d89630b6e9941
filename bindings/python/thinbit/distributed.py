"""Groups of processes that share one computation, on MPI: `mpiexec -n 2 python program.py`.

Every process of the job calls `init()`, and gets the group of all of them. Outside a launcher the
group is the process alone, so that a program needs no second form.
"""

from __future__ import annotations

import os
import sysconfig
from functools import cache
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit._arrays import Array, capsule_of, row_major, same_library
from thinbit._errors import invalid
from thinbit._native import ffi, lib
from thinbit._native_error import from_native, new_error

__all__ = ["Group", "init", "world"]


class Group:
    """The processes of a job, or one process alone; `init` makes it. A context manager.

    A process that exits with status 0 waits for the others to get that far, as `free` does. One
    that fails must not wait: it leaves with another status, and the launcher ends the others.

    Attributes:
        rank: The number of this process, from 0.
        size: How many processes there are.
    """

    def __init__(self, native: Any) -> None:
        """A group of the C library: `init` gives one."""
        self._native = native
        self.rank = int(lib.thinbit_comm_rank(native))
        self.size = int(lib.thinbit_comm_size(native))

    def all_sum(self, x: Array) -> Any:
        """The sum of x over all ranks, the same bytes on each.

        Args:
            x: float32, float16 or bfloat16, of one shape on all ranks. Elements of 16 bits are
                added as float32, and rounded once.

        Raises:
            ThinbitError: x has another dtype, the group was freed, or MPI failed.
        """
        given = row_major("comm_all_sum", "x", x)
        return same_library(self._collective("all_sum", given, np.empty_like(given)), x)

    def all_gather(self, x: Array) -> Any:
        """The x of all ranks, one after another along the first axis.

        Args:
            x: Of one dtype and shape, with an axis at least, on all ranks.

        Raises:
            ThinbitError: x is no such array, the group was freed, or MPI failed.
        """
        given = row_major("comm_all_gather", "x", x)
        shape = given.shape and (self.size * given.shape[0], *given.shape[1:])
        return same_library(self._collective("all_gather", given, np.empty(shape, given.dtype)), x)

    def barrier(self) -> None:
        """Return when all ranks have called it."""
        error = new_error()
        if lib.thinbit_comm_barrier(self._open("comm_barrier"), error) != 0:
            raise from_native(error)

    def free(self) -> None:
        """Leave the group, once all ranks do so; it cannot be used any more.

        With the last group of a process MPI ends, and cannot begin again.
        """
        native, self._native = self._native, ffi.NULL
        lib.thinbit_comm_free(native)

    def __enter__(self) -> Group:
        """The group itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Free it, except after an error: the others will not get this far."""
        if error is None:
            self.free()

    def __repr__(self) -> str:
        """Rank and size."""
        return f"Group(rank={self.rank}, size={self.size})"

    def _open(self, op: str) -> Any:
        if self._native == ffi.NULL:
            raise invalid(op, "comm", "required", "the group was freed")
        return self._native

    def _collective(
        self, name: str, given: npt.NDArray[Any], out: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        op = f"comm_{name}"
        (x, dtype), (result, _) = (
            capsule_of(op, label, array, None) for label, array in (("x", given), ("out", out))
        )
        function = getattr(lib, f"thinbit_python_{op}")
        error = new_error()
        if function(self._open(op), [id(x), id(result)], [dtype, dtype], error) != 0:
            raise from_native(error)
        return out


def init(library: str | os.PathLike[str] | None = None) -> Group:
    """Join the group of all processes that the launcher started; each of them has to call this.

    Args:
        library: The MPI library, which has the standard ABI (libmpi_abi.so.1). When not given it is
            THINBIT_MPI_LIBRARY, or that of the package mpich (`pip install mpich`), or the
            system's.

    Raises:
        ThinbitError: a launcher started this process, and the library cannot be opened, or is not
            the only MPI here; or MPI failed.
    """
    options = ffi.new("thinbit_comm_options *")
    options.struct_size = ffi.sizeof("thinbit_comm_options")
    named = ffi.NULL if library is None else ffi.new("char[]", os.fsencode(library))
    folder = ffi.new("char[]", os.fsencode(os.path.join(sysconfig.get_path("data"), "lib")))
    options.library, options.folder = named, folder
    made, error = ffi.new("thinbit_comm **"), new_error()
    if lib.thinbit_comm_init(options, made, error) != 0:
        raise from_native(error)
    return Group(made[0])


@cache
def world() -> Group:
    """The group of all processes of the job, the same at every call; errors as for `init`."""
    return init()
