"""Loading a checkpoint into a model: all of it, or nothing."""

from __future__ import annotations

import os
from typing import Any

from thinbit._generated.layers import Embedding, QQLinear, QuantizedEmbedding
from thinbit.nn.layer import Layer
from thinbit.nn.module import Module, joined
from thinbit.nn.weights import Weights


def load(model: Module, path: str | os.PathLike[str], *, strict: bool = True) -> None:
    """Give a model the parameters of a checkpoint, in place.

    A layer becomes quantized where the checkpoint's is, and float where it is not; a QQLinear goes
    on quantizing its input where the weight is quantized. Where something is missing or does not
    fit, nothing changes.

    Args:
        model: What holds the layers and arrays. It cannot be a layer itself.
        path: A file or folder of any format that `thinbit.io` reads.
        strict: Whether every tensor of the checkpoint has to have its place in the model.

    Raises:
        thinbit.io.CheckpointError: the checkpoint is not whole and valid, lacks a parameter of the
            model, or has one of another shape; or, where strict, has one that the model lacks.
        ValueError: the model is a layer itself.
    """
    if isinstance(model, Layer):
        raise ValueError(
            f"the model is a {type(model).__name__} itself, and cannot be replaced in place"
        )
    with Weights(path) as weights:
        layers: dict[str, Module] = {}
        arrays: list[tuple[Module, str, Any]] = []
        used: set[str] = set()
        for place, module in model.named_modules():
            if isinstance(module, Layer):
                layers[place] = _layer(weights, place, module)
                used.update(joined(place, name) for name in layers[place].own_parameters())
                continue
            for name, old in module.own_parameters().items():
                full = joined(place, name)
                arrays.append((module, name, _same_shape(weights, full, old)))
                used.add(full)
        if strict and (left := sorted(set(weights.names) - used)):
            raise weights.error(
                f"the model has no place for {len(left)} tensors: {', '.join(left[:3])}"
            )
    model.replace(layers)
    for module, name, value in arrays:
        setattr(module, name, value)


def _layer(weights: Weights, path: str, module: Any) -> Layer:
    layer: Any
    if isinstance(module, (Embedding, QuantizedEmbedding)):
        dtype = module.dtype if isinstance(module, QuantizedEmbedding) else module.weight.dtype
        layer = weights.embedding(path, dtype=dtype)
    else:
        layer = weights.linear(path, quantize_input=isinstance(module, QQLinear))
    if layer.weight.shape != module.weight.shape:
        raise weights.error(
            f"module {path!r} has a weight of {list(layer.weight.shape)}, and the model's is"
            f" {list(module.weight.shape)}"
        )
    loaded: Layer = layer
    return loaded


def _same_shape(weights: Weights, name: str, old: Any) -> Any:
    value = weights.read(name)
    if tuple(value.shape) != tuple(old.shape):
        raise weights.error(
            f"tensor {name!r} is {list(value.shape)}, and the model's is {list(old.shape)}"
        )
    return value
