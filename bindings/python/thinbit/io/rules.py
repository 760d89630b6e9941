"""Which tensors are quantized, and to what: a default, rules for names, and names to keep."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .mlx_layout import FLOAT_CODES, module_path
from .source import SourceTensor
from .specification import QuantizationSpec
from .steps import Step


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of shell wildcards for a module's path or a tensor's name, and its own spec."""

    pattern: str
    spec: QuantizationSpec

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read `PATTERN=MODE[:BITS][:gGROUP]`: `lm_head=affine:8`, `*.mlp.*=mxfp4`."""
        pattern, equals, spec = text.rpartition("=")
        if not equals or not pattern:
            raise ValueError(f"{text!r} is no rule; one is spelled like lm_head=affine:8")
        return cls(pattern, QuantizationSpec.parse(spec))


@dataclass(frozen=True, slots=True)
class Rules:
    """How a checkpoint is quantized.

    Attributes:
        default: For the matrices that nothing else names: float weights of two axes.
        rules: For what they name, of two axes and more; the first that fits a tensor counts.
        keep: Patterns of names that stay as they are, whatever a rule says.
        requantize: Whether weights that are quantized already are quantized anew.
    """

    default: QuantizationSpec
    rules: tuple[Rule, ...] = ()
    keep: tuple[str, ...] = ()
    requantize: bool = False

    def step(self, tensor: SourceTensor, float_dtype: str) -> Step:
        """What becomes of a tensor; ValueError where a rule asks for what cannot be.

        `float_dtype` is that of the scales where the tensor has no float dtype of its own.
        """
        kept = next((pattern for pattern in self.keep if _fits(pattern, tensor.name)), None)
        if kept is not None:
            return Step.keep(tensor, f"--keep {kept} says so")
        rule = next((rule for rule in self.rules if _fits(rule.pattern, tensor.name)), None)
        spec = rule.spec if rule else self.default
        reason = _reason_to_keep(tensor, spec, ruled=rule is not None)
        if reason is not None:
            return Step.keep(tensor, reason)
        columns = tensor.shape[-1]
        if columns % spec.group_size:
            if rule:
                raise ValueError(
                    f"the rule {rule.pattern}={spec} is for {tensor.name}, whose {columns} columns"
                    f" groups of {spec.group_size} do not divide"
                )
            return Step.keep(
                tensor, f"groups of {spec.group_size} do not divide its {columns} columns"
            )
        own = tensor.dtype in FLOAT_CODES
        return Step(tensor, spec, tensor.dtype if own else float_dtype, None)

    def check_patterns(self, names: Iterable[str]) -> None:
        """ValueError where a pattern fits no name, and so does nothing."""
        names = list(names)
        for pattern in (*self.keep, *(rule.pattern for rule in self.rules)):
            if not any(_fits(pattern, name) for name in names):
                near = difflib.get_close_matches(pattern, map(module_path, names), n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"no tensor is called {pattern}{hint}")


def _fits(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(module_path(name), pattern)


def _reason_to_keep(tensor: SourceTensor, spec: QuantizationSpec, *, ruled: bool) -> str | None:
    if tensor.spec is not None:
        return f"it is {spec} already" if tensor.spec == spec else None
    if tensor.dtype not in FLOAT_CODES:
        return f"its dtype is {tensor.dtype}"
    if tensor.name.rpartition(".")[2] != "weight":
        return "it is no weight"
    axes = len(tensor.shape)
    if axes < 2 or (axes > 2 and not ruled):
        return f"it has {axes} {'axis' if axes == 1 else 'axes'}"
    if tensor.elements == 0:
        return "it is empty"
    return None
