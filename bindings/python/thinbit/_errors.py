"""The one exception of thinbit."""

from __future__ import annotations

from typing import Any


class ThinbitError(ValueError):
    """A call that thinbit refused or could not do: what was given, and what would be right.

    Attributes:
        status: "invalid_argument", "unsupported", "non_finite", "out_of_memory", "device" or
            "internal".
        op: The op, such as "quantize".
        argument: The name of the argument, or "" where the call as a whole is concerned.
        rule: The rule that was broken, `<op>.<argument>.<kind>`; it is stable, the text is not.
    """

    def __init__(
        self, message: str, *, status: str, op: str, argument: str = "", rule: str = ""
    ) -> None:
        """Make an error from the text and the fields."""
        super().__init__(message)
        self.status = status
        self.op = op
        self.argument = argument
        self.rule = rule

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process boundaries."""
        fields = {
            "status": self.status,
            "op": self.op,
            "argument": self.argument,
            "rule": self.rule,
        }
        return _rebuild, (str(self), fields)


def _rebuild(message: str, fields: dict[str, str]) -> ThinbitError:
    return ThinbitError(message, **fields)


def invalid(op: str, argument: str, kind: str, text: str) -> ThinbitError:
    """The error of a rule that Python checks because the core cannot see what was given."""
    return ThinbitError(
        f"{op}: {text}",
        status="invalid_argument",
        op=op,
        argument=argument,
        rule=f"{op}.{argument}.{kind}",
    )


def type_of(value: Any) -> str:
    """The type of a value with its article, such as `an int`."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def renamed(error: ThinbitError, op: str) -> ThinbitError:
    """The same error as that of another op."""
    message = f"{op}{str(error).removeprefix(error.op)}"
    rule = f"{op}{error.rule.removeprefix(error.op)}"
    return ThinbitError(message, status=error.status, op=op, argument=error.argument, rule=rule)
