"""What a call has to give, from the reference model of the tests: the only way to it from here.

The model is independent of the schema and of the library. It lies in `tests/`, which is no package,
so that folder is put on the path here and nowhere else.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from codegen.model import Op
from codegen.vectors.case import Absent, Array, Bounded, Exact, Value, dtype_of, name_of

_TESTS = str(Path(__file__).resolve().parents[2] / "tests")
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

import reference_model as model  # noqa: E402
from reference_model import datasets  # noqa: E402
from reference_model.products import Reference  # noqa: E402

__all__ = ["datasets", "expected", "model", "parts"]

_NAMES = {"w": "wq", "x": "codes"}
"""What the model calls an argument, where it does not use the flat name."""


def expected(op: Op, arguments: Mapping[str, Value]) -> tuple[Absent | Exact | Bounded, ...]:
    """The outputs of a call, in order. Raises where the model refuses it."""
    function: Callable[..., Any] = getattr(model, op.name)
    result = function(**_translated(op, function, arguments))
    if isinstance(result, Reference):
        return (_bounded(op, arguments, result),)
    values = result if isinstance(result, tuple) else (result,)
    names = [output.name for output in op.outputs]
    return tuple(_plain(name, value) for name, value in zip(names, values, strict=True))


def parts(
    w: Array, mode: str, bits: int, group_size: int, global_scale: Value | None = None
) -> dict[str, Value]:
    """A float weight (..., N, K) as the operands w, scales and, where the mode has them, biases."""
    packed, scales, biases = model.quantize(w, mode, group_size, bits, _scale(global_scale))
    operands: dict[str, Value] = {"w": packed, "scales": scales}
    return operands if biases is None else operands | {"biases": biases}


def _translated(
    op: Op, function: Callable[..., Any], arguments: Mapping[str, Value]
) -> dict[str, Any]:
    """The call in the model's terms; a promise such as sorted_indices changes no result."""
    known = inspect.signature(function).parameters
    per_expert = op.record_arg is not None and op.record_arg.per_expert
    result: dict[str, Any] = {}
    for name, value in arguments.items():
        target = name if name in known else _NAMES.get(name, name)
        if name == "sorted_indices":
            continue
        if name == "dtype":
            result[target] = dtype_of(str(value))
        elif name.startswith("global_scale") and not (
            per_expert and isinstance(value, np.ndarray) and value.size > 1
        ):
            result[target] = _scale(value)
        else:
            result[target] = value
    return result


def _scale(value: Value | None) -> np.float32 | None:
    return None if value is None else np.float32(np.asarray(value).reshape(())[()])


def _bounded(op: Op, arguments: Mapping[str, Value], result: Reference) -> Bounded:
    x = arguments["x"]
    assert isinstance(x, np.ndarray)
    quantizes_x = op.record_arg is not None and op.record_arg.accepts_float
    relative, of_r = (model.qq_bound if quantizes_x else model.bound)(x.dtype)
    return Bounded(op.outputs[0].name, name_of(x), relative, of_r, result.ref, result.R)


def _plain(name: str, value: Array | None) -> Absent | Exact | Bounded:
    """Bytes; or, where there is a NaN, whose bits are nowhere fixed, values with a bound of 0."""
    if value is None:
        return Absent(name)
    if value.dtype.kind in "iu" or not np.isnan(value.astype(np.float64)).any():
        return Exact(name, value)
    ref = value.astype(np.float64)
    return Bounded(name, name_of(value), 0.0, 0.0, ref, np.abs(ref))
