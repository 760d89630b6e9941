"""One call: capsules in, shape inference, results, and the C function that does the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thinbit._arguments import DefaultMode
from thinbit._arrays import allocator_for, capsule_of
from thinbit._context import Context, context_for
from thinbit._errors import invalid, type_of
from thinbit._generated.dtypes import DTYPES
from thinbit._generated.modes import MODES
from thinbit._native import ffi
from thinbit._numpy_calls import set_names

_NULL = ffi.NULL
_DTYPE_NAMES = {dtype.value: dtype.name for dtype in DTYPES.values()}

set_names(
    {mode.name: mode.value for mode in MODES.values()},
    {dtype.name: dtype.value for dtype in DTYPES.values()},
    DefaultMode,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """An op as `run` needs it.

    Attributes:
        name: The op.
        function: The function of the C shim.
        inputs: Names of the input tensors, in the order of its capsules.
        outputs: Names of the output tensors, which follow them.
        primary: Which input decides device and kind of the results.
        result: The named tuple of several results; None for one.
    """

    name: str
    function: Any
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    primary: int
    result: Callable[..., Any] | None


class _Capsules:
    """The DLPack capsules of a call, which live as long as this does."""

    __slots__ = ("addresses", "dtypes", "has_dtypes", "kept", "op", "stream")

    def __init__(self, op: str, stream: int | None) -> None:
        self.op = op
        self.stream = stream
        self.kept: list[Any] = []
        self.addresses: list[int] = []
        self.dtypes: list[int] = []
        self.has_dtypes = False

    def add(self, names: tuple[str, ...], arrays: tuple[Any, ...]) -> None:
        op, stream, kept = self.op, self.stream, self.kept
        addresses, dtypes = self.addresses, self.dtypes
        for name, array in zip(names, arrays, strict=True):
            if array is None:
                addresses.append(0)
                dtypes.append(0)
                continue
            capsule, dtype = capsule_of(op, name, array, stream)
            kept.append(capsule)
            addresses.append(id(capsule))
            dtypes.append(dtype)
            if dtype:
                self.has_dtypes = True


def run(
    operation: Operation,
    arrays: tuple[Any, ...],
    scalars: tuple[float, ...],
    out: Any,
    device: str | None,
    stream: int | None,
    context: Context | None,
) -> Any:
    """Run an op and give its results, or `out`."""
    op, operand = operation.name, arrays[operation.primary]
    if context is None:
        context = context_for(op, operand, device, stream)
    else:
        _check_context(op, context, device, stream)
    capsules = _Capsules(op, context.dlpack_stream)
    capsules.add(operation.inputs, arrays)
    results = None if out is None else _outputs(operation, out)
    if results is not None:
        capsules.add(operation.outputs, results)
    with context.handle:
        if results is None:
            allocate = allocator_for(operand)
            results = tuple(
                allocate(shape, dtype) if dtype else None
                for dtype, shape in _infer(operation, capsules, scalars, context)
            )
            capsules.add(operation.outputs, results)
        _invoke(operation, capsules, scalars, context, context.native, _NULL)
    if out is not None:
        return out
    return results[0] if operation.result is None else operation.result(*results)


def _invoke(
    operation: Operation,
    capsules: _Capsules,
    scalars: tuple[float, ...],
    context: Context,
    native: Any,
    infos: Any,
) -> None:
    dtypes = capsules.dtypes if capsules.has_dtypes else _NULL
    status = operation.function(native, infos, capsules.addresses, dtypes, *scalars, context.error)
    if status != 0:
        raise context.failure()


def infer(
    operation: Operation,
    arrays: tuple[Any, ...],
    scalars: tuple[float, ...],
    context: Context,
) -> list[tuple[str, tuple[int, ...]]]:
    """Dtype and shape of each output of a legal call, "" for one that it has not; nothing runs."""
    capsules = _Capsules(operation.name, context.dlpack_stream)
    capsules.add(operation.inputs, arrays)
    with context.handle:
        return _infer(operation, capsules, scalars, context)


def _infer(
    operation: Operation, capsules: _Capsules, scalars: tuple[float, ...], context: Context
) -> list[tuple[str, tuple[int, ...]]]:
    inputs, outputs = len(operation.inputs), len(operation.outputs)
    capsules.addresses += [0] * outputs
    capsules.dtypes += [0] * outputs
    _invoke(operation, capsules, scalars, context, _NULL, context.infos)
    del capsules.addresses[inputs:], capsules.dtypes[inputs:]
    return [
        (_DTYPE_NAMES.get(info.dtype, ""), tuple(ffi.unpack(info.shape, info.ndim)))
        for info in context.infos[0:outputs]
    ]


def _outputs(operation: Operation, out: Any) -> tuple[Any, ...]:
    if operation.result is None:
        return (out,)
    if isinstance(out, tuple) and len(out) == len(operation.outputs):
        return out
    given = f"has {len(out)} entries" if isinstance(out, tuple) else f"is {type_of(out)}"
    names = ", ".join(operation.outputs)
    text = f"out {given}, and must be a tuple ({names}), with None for what the mode has not"
    raise invalid(operation.name, "out", "shape", text)


def _check_context(op: str, context: Any, device: str | None, stream: int | None) -> None:
    if not isinstance(context, Context):
        text = f"context is {type_of(context)}, and must be a thinbit.Context"
        raise invalid(op, "context", "choice", text)
    for name, value in (("device", device), ("stream", stream)):
        if value is not None:
            text = f"{name} is given, and so is context, which has its own"
            raise invalid(op, name, "forbidden", text)
