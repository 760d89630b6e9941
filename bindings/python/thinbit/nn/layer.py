"""What the generated layers have in common: fields that fit together, and one line about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from thinbit._arguments import dtype_spelling, listing
from thinbit._arrays import dtype_name
from thinbit._errors import invalid, type_of
from thinbit._generated.dtypes import DTYPES
from thinbit.distributed import Group
from thinbit.nn.module import Module, is_parameter
from thinbit.quantized_tensor import QuantizedTensor


@dataclass(frozen=True, slots=True)
class Field:
    """What a layer holds.

    `type` is "tensor", "quantized_tensor", "dtype" or "group"; `axes` names the sizes of its shape,
    `dtypes` and `modes` are those that it may have.
    """

    name: str
    type: str
    axes: tuple[str, ...]
    dtypes: tuple[str, ...]
    modes: tuple[str, ...]
    nullable: bool


class Layer(Module):
    """A module that is generated from the schema; it is checked when it is made.

    `FIELDS` is what it holds. `QUANTIZES_INPUT` tells whether `to_quantized` takes
    `quantize_input`.
    """

    FIELDS: ClassVar[tuple[Field, ...]]
    QUANTIZES_INPUT: ClassVar[bool]

    def __init__(self, **values: Any) -> None:
        """Check the values of all fields and hold them."""
        sizes: dict[str, int] = {}
        for field in self.FIELDS:
            value = _checked(type(self).__name__, field, values[field.name], sizes)
            setattr(self, field.name, value)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """One line: the sizes, what is there, and how the weight is quantized."""
        return (
            f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in self.shown())})"
        )


def _checked(layer: str, field: Field, value: Any, sizes: dict[str, int]) -> Any:
    if value is None and field.nullable:
        return None
    if field.type == "dtype":
        return _dtype(layer, field, value)
    if field.type == "group":
        return checked_group(layer, field.name, value)
    if field.type == "quantized_tensor":
        if not isinstance(value, QuantizedTensor):
            text = f"{field.name} is {type_of(value)}, and must be a QuantizedTensor"
            raise invalid(layer, field.name, "type", text)
        if value.mode not in field.modes:
            text = f"the mode of {field.name} is {value.mode}, and must be {listing(field.modes)}"
            raise invalid(layer, field.name, "choice", text)
    else:
        if isinstance(value, QuantizedTensor) or not is_parameter(value):
            text = f"{field.name} is {type_of(value)}, and must be an array"
            raise invalid(layer, field.name, "type", text)
        if not hasattr(value, "dtype"):
            value = np.from_dlpack(value)
        if dtype_name(value) not in field.dtypes:
            text = f"{field.name} is {dtype_name(value)}, and must be {listing(field.dtypes)}"
            raise invalid(layer, field.name, "dtype", text)
    _check_shape(layer, field, tuple(value.shape), sizes)
    return value


def checked_group(op: str, name: str, value: Any) -> Group:
    """A group, as it is."""
    if not isinstance(value, Group):
        text = f"{name} is {type_of(value)}, and must be a thinbit.distributed.Group"
        raise invalid(op, name, "type", text)
    return value


def _check_shape(layer: str, field: Field, shape: tuple[int, ...], sizes: dict[str, int]) -> None:
    expected = [str(sizes.get(name, name)) for name in field.axes]
    fits = len(shape) == len(field.axes) and all(
        sizes.get(name, size) == size for name, size in zip(field.axes, shape, strict=True)
    )
    if not fits:
        text = f"{field.name} has the shape {list(shape)}, and must have [{', '.join(expected)}]"
        raise invalid(layer, field.name, "shape", text)
    sizes.update(zip(field.axes, shape, strict=True))


def _dtype(layer: str, field: Field, value: Any) -> str:
    name = dtype_spelling(value)
    if name in DTYPES and name in field.dtypes:
        return name
    text = f"{field.name} is {name!r}, and must be {listing(field.dtypes)}"
    raise invalid(layer, field.name, "choice", text)
