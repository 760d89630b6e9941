"""A part of a model that holds others: paths, parameters, replacement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from thinbit._arrays import Array
from thinbit.quantized_tensor import QuantizedTensor

Parameter = Array | QuantizedTensor


class Module:
    """A model, or a part of one.

    Attributes that are modules, or lists and dicts of them, are its children; attributes that are
    arrays or QuantizedTensors are its parameters. A path joins their names with dots, as in
    `layers.0.attention.query.weight`. Names that begin with an underscore are private.
    """

    def children(self) -> dict[str, Module]:
        """The modules right below this one, by the rest of their path."""
        found: dict[str, Module] = {}
        for name, value in vars(self).items():
            if not name.startswith("_"):
                found.update(_modules_in(name, value))
        return found

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module under the empty path, and everything below it, in the order of attributes."""
        yield "", self
        for name, child in self.children().items():
            for path, module in child.named_modules():
                yield joined(name, path), module

    def own_parameters(self) -> dict[str, Parameter]:
        """The parameters of this module alone, by name."""
        return {
            name: value
            for name, value in vars(self).items()
            if not name.startswith("_") and is_parameter(value)
        }

    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by its path; a quantized weight is one value."""
        return {
            joined(path, name): value
            for path, module in self.named_modules()
            for name, value in module.own_parameters().items()
        }

    def module(self, path: str) -> Module:
        """The module of a path; KeyError where there is none."""
        for found, module in self.named_modules():
            if found == path:
                return module
        raise KeyError(path)

    def replace(self, modules: Mapping[str, Module]) -> None:
        """Put other modules in the place of those of these paths.

        KeyError where a path leads to no module; then nothing is replaced. The empty path cannot be
        replaced.
        """
        places = dict(_places(self, ""))
        for path in modules:
            if path not in places:
                raise KeyError(path)
        for path, module in modules.items():
            holder, key = places[path]
            if isinstance(holder, Module):
                setattr(holder, key, module)
            else:
                holder[key] = module

    def __repr__(self) -> str:
        """The class, and its children line by line."""
        lines = [f"  ({name}): " + _indented(child) for name, child in self.children().items()]
        name = type(self).__name__
        return f"{name}(\n" + "\n".join(lines) + "\n)" if lines else f"{name}()"


def joined(path: str, name: str) -> str:
    """`a.b` and `c` give `a.b.c`; either may be empty."""
    return f"{path}.{name}" if path and name else path or name


def is_parameter(value: Any) -> bool:
    """Whether an attribute is a parameter."""
    return isinstance(value, QuantizedTensor) or (
        hasattr(value, "__dlpack__") and not isinstance(value, type)
    )


def _entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """The members of a list, tuple or dict with their keys."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        yield from enumerate(value)


def _modules_in(name: str, value: Any) -> Iterator[tuple[str, Module]]:
    if isinstance(value, Module):
        yield name, value
        return
    for key, item in _entries(value):
        yield from _modules_in(f"{name}.{key}", item)


def _places(module: Module, path: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Every path below a module, with what holds it and the key there."""
    for name, value in vars(module).items():
        if not name.startswith("_"):
            yield from _places_in(module, name, joined(path, name), value)


def _places_in(
    holder: Any, key: Any, path: str, value: Any
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(value, Module):
        if isinstance(holder, tuple):
            raise TypeError(f"{path} is held by a tuple, which cannot change; use a list")
        yield path, (holder, key)
        yield from _places(value, path)
        return
    for inner, item in _entries(value):
        yield from _places_in(value, inner, f"{path}.{inner}", item)


def _indented(module: Module) -> str:
    return repr(module).replace("\n", "\n  ")
