"""Layers, and modules that hold them; `quantize` makes a model's layers quantized ones."""

from thinbit._generated.layers import *  # noqa: F403
from thinbit._generated.layers import __all__ as _layers
from thinbit.nn.layer import Layer
from thinbit.nn.module import Module
from thinbit.nn.quantize import quantize

__all__ = ["Layer", "Module", "quantize"]
__all__ += _layers
