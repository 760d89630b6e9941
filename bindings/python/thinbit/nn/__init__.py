"""Layers, and modules that hold them: quantizing, loading and saving a model."""

from thinbit._generated.layers import *  # noqa: F403
from thinbit._generated.layers import __all__ as _layers
from thinbit.nn.layer import Layer
from thinbit.nn.load import load
from thinbit.nn.module import Module
from thinbit.nn.quantize import quantize
from thinbit.nn.save import save
from thinbit.nn.shard import shard_linear
from thinbit.nn.weights import Weights

__all__ = ["Layer", "Module", "Weights", "load", "quantize", "save", "shard_linear"]
__all__ += _layers
