"""Quantizing a model in place: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from thinbit._errors import ThinbitError
from thinbit.nn.module import Module

Settings = Mapping[str, Any]
Predicate = Callable[[str, Module], bool | Settings]

_KEYS = ("group_size", "bits", "mode", "quantize_input")


def quantize(
    model: Module,
    group_size: int | None = None,
    bits: int | None = None,
    *,
    mode: str = "affine",
    quantize_input: bool = False,
    class_predicate: Predicate | None = None,
) -> None:
    """Quantize the layers of a model, in place.

    Every layer with `to_quantized` is replaced, unless `class_predicate` says otherwise; a layer
    that is quantized already is left alone. Where one layer does not fit, nothing is replaced.

    Args:
        model: What holds the layers. It cannot be a layer itself.
        group_size: Elements that share a scale; the mode's default when not given.
        bits: Bits for each element; the mode's default when not given.
        mode: "affine", "mxfp4", "mxfp8" or "nvfp4".
        quantize_input: Whether the layers quantize their inputs too. An Embedding, whose input is
            no float, has its weight quantized alone.
        class_predicate: Gets the path and the layer; True takes the settings above, False leaves
            the layer as it is, and a mapping with any of group_size, bits, mode and
            quantize_input is taken in their place.

    Raises:
        ThinbitError: a layer does not fit; the message begins with its path.
        ValueError: `class_predicate` returned something else, or the model is a layer itself.
    """
    everywhere = {
        "group_size": group_size,
        "bits": bits,
        "mode": mode,
        "quantize_input": quantize_input,
    }
    replacements: dict[str, Module] = {}
    for path, module in model.named_modules():
        if not hasattr(module, "to_quantized"):
            continue
        said = class_predicate(path, module) if class_predicate is not None else True
        settings = _settings(path, said, everywhere)
        if settings is None:
            continue
        if not path:
            raise ValueError(
                f"the model is a {type(module).__name__} itself, and cannot be replaced in place:"
                " call its to_quantized"
            )
        replacements[path] = _converted(path, module, settings)
    model.replace(replacements)


def _settings(path: str, said: Any, everywhere: Settings) -> Settings | None:
    if said is True:
        return everywhere
    if said is False:
        return None
    if isinstance(said, Mapping) and set(said) <= set(_KEYS):
        return said
    raise ValueError(
        f"{path or 'the model'}: class_predicate returned {said!r}, and must return True, False,"
        f" or a mapping with some of {', '.join(_KEYS)}"
    )


def _converted(path: str, module: Any, settings: Settings) -> Module:
    given = dict(settings)
    quantize_input = given.pop("quantize_input", False)
    if quantize_input and module.QUANTIZES_INPUT:
        given["quantize_input"] = True
    try:
        converted: Module = module.to_quantized(**given)
    except ThinbitError as error:
        raise ThinbitError(
            f"{path}: {error}",
            status=error.status,
            op=error.op,
            argument=error.argument,
            rule=error.rule,
        ) from None
    return converted
