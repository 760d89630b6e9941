"""One rank's part of tensors: rows or columns of each segment, in whole groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from thinbit._arguments import listing, unknown_choice
from thinbit._arrays import numpy_of, same_library
from thinbit._errors import ThinbitError, invalid
from thinbit._generated import shard_texts as texts
from thinbit._generated.modes import MODES
from thinbit.distributed import Group, world
from thinbit.nn.layer import checked_group
from thinbit.quantized_tensor import QuantizedTensor

OP = "shard_linear"
T = TypeVar("T")


class Cut:
    """How a layer is cut for one rank of a group.

    Attributes:
        group: The ranks.
    """

    def __init__(
        self, sharding: Any, choices: tuple[str, ...], segments: Any, group: Group | None
    ) -> None:
        """A cut of each of the segments into one part for each rank of the group."""
        if sharding not in choices:
            raise unknown_choice(OP, "sharding", sharding, choices)
        if not isinstance(segments, int) or isinstance(segments, bool) or segments < 1:
            raise invalid(OP, "segments", "range", texts.segments_range(segments=repr(segments)))
        self.group = checked_group(OP, "group", world() if group is None else group)
        self._segments = segments

    def rows(self, name: str, value: T) -> T:
        """This rank's part of the first axis of a field."""
        if value is None:
            return value
        self._check(name, value.shape[0], texts.rows())  # type: ignore[attr-defined]
        part: T = self._part(value, 0)
        return part

    def columns(self, name: str, value: T) -> T:
        """This rank's part of the last axis of a field: whole groups, where it is quantized."""
        size = value.shape[-1]  # type: ignore[attr-defined]
        if isinstance(value, QuantizedTensor):
            unit = texts.groups(group_size=value.group_size)
            hint = self._other_group_sizes(value)
            self._check(name, size // value.group_size, unit, hint)
        else:
            self._check(name, size, texts.columns())
        part: T = self._part(value, -1)
        return part

    def _part(self, value: Any, axis: int) -> Any:
        if isinstance(value, QuantizedTensor):
            return value.with_parts(lambda part: self._part(part, axis))
        array = numpy_of(value)
        segments = np.split(array, self._segments, axis)
        own = [np.split(part, self.group.size, axis)[self.group.rank] for part in segments]
        return same_library(np.concatenate(own, axis), value)

    def _check(self, name: str, count: int, unit: str, hint: Callable[[str], str] = str) -> None:
        each, rest = divmod(count, self._segments)
        if rest:
            text = texts.segments_divide(
                field=name, count=count, unit=unit, segments=self._segments
            )
            raise _uneven(name, text)
        if each % self.group.size:
            what = name
            if self._segments > 1:
                what = texts.segment(segments=self._segments, field=name)
            text = texts.ranks_divide(
                what=what,
                count=each,
                unit=unit,
                ranks=self.group.size,
                fitting=listing(nearest_divisors(each, self.group.size)),
            )
            raise _uneven(name, hint(text))

    def _other_group_sizes(self, value: QuantizedTensor) -> Callable[[str], str]:
        """What adds the group sizes with which these ranks could cut the columns."""
        parts = self._segments * self.group.size
        sizes = MODES[value.mode].group_sizes
        fitting = [size for size in sizes if value.shape[-1] % (size * parts) == 0]

        def added(problem: str) -> str:
            if not fitting:
                return problem
            return texts.group_sizes_fit(
                problem=problem, group_sizes=listing(fitting), ranks=self.group.size
            )

        return added


def nearest_divisors(count: int, near: int) -> list[int]:
    """The divisors of a count right below and above a number that is none."""
    divisors = [number for number in range(1, count + 1) if count % number == 0]
    below = [number for number in divisors if number < near]
    above = [number for number in divisors if number > near]
    return below[-1:] + above[:1]


def _uneven(name: str, text: str) -> ThinbitError:
    return invalid(OP, name, "multiple", text)
