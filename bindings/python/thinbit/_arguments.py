"""Settings on their way to C: names become numbers; what C could not tell apart is refused."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from thinbit._errors import ThinbitError, invalid
from thinbit._generated.dtypes import DTYPES
from thinbit._generated.modes import MODES

_INT32_MAX = 2**31 - 1


class DefaultMode(str):
    """A mode that nobody asked for: the default of a parameter."""

    __slots__ = ()


def listing(words: Iterable[object]) -> str:
    """`a, b or c`."""
    *rest, last = map(str, words)
    return f"{', '.join(rest)} or {last}" if rest else last


def unknown_choice(op: str, argument: str, value: object, choices: Iterable[str]) -> ThinbitError:
    """The error of a name that is none of the choices, with the one that was probably meant."""
    names = list(choices)
    text = f"{argument} is {value!r}, and must be {listing(names)}"
    near = difflib.get_close_matches(value.lower(), names, 1) if isinstance(value, str) else []
    return invalid(op, argument, "choice", text + (f"; did you mean {near[0]!r}?" if near else ""))


def mode(op: str, argument: str, value: Any, choices: tuple[str, ...]) -> int:
    """The number of a mode; the core knows which modes an op has, and sees only real ones."""
    found = MODES.get(value) if isinstance(value, str) else None
    if found is None:
        raise unknown_choice(op, argument, value, choices)
    return found.value


def integer(op: str, argument: str, value: Any, mode_name: Any, column: str) -> int:
    """A setting from a column of the mode table; 0, C's spelling of the default, for None alone."""
    if value is None:
        return 0
    if not isinstance(value, (bool, np.bool_)):
        try:
            number = operator.index(value)
        except TypeError:
            number = 0
        if number != 0 and abs(number) <= _INT32_MAX:
            return number
    mode(op, "mode", mode_name, tuple(MODES))
    choices = getattr(MODES[mode_name], column)
    text = f"{argument} is {value!r}, and with mode {mode_name} must be {listing(choices)}"
    raise invalid(op, argument, "choice", f"{text}, or None for the default")


def dtype(op: str, argument: str, value: Any, choices: tuple[str, ...]) -> int:
    """The number of a dtype, by its name, or as numpy, ml_dtypes, torch or mlx spell it."""
    if value is None:
        return 0
    name = dtype_spelling(value)
    found = DTYPES.get(name)
    if found is None:
        raise unknown_choice(op, argument, name, choices)
    return found.value


def dtype_spelling(value: Any) -> str:
    """The name of a dtype of numpy, ml_dtypes, torch or mlx; a name as it is."""
    if isinstance(value, str):
        return value
    try:
        return str(np.dtype(value).name)
    except TypeError:
        return str(value).rpartition(".")[2]


def boolean(op: str, argument: str, value: Any) -> int:
    """A truth value; numbers are not taken for one."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    raise invalid(op, argument, "choice", f"{argument} is {value!r}, and must be True or False")


def real(op: str, argument: str, value: Any) -> float:
    """A real number."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    raise invalid(op, argument, "finite", f"{argument} is {value!r}, and must be a finite number")


def forbid(op: str, operand: str, *given: tuple[str, Any]) -> None:
    """Refuse what describes a weight beside a QuantizedTensor, which describes itself."""
    for name, value in given:
        if value is not None and not isinstance(value, DefaultMode):
            text = f"{name} is given, and {operand} is a QuantizedTensor, which has its own"
            raise invalid(op, name, "forbidden", text)
