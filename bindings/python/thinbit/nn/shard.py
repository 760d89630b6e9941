"""One rank's part of a linear layer."""

from __future__ import annotations

from typing import Any

from thinbit._arguments import listing
from thinbit._errors import invalid
from thinbit._generated import shard_texts as texts
from thinbit._generated.layers import SHARDABLE, Sharding
from thinbit.distributed import Group
from thinbit.nn.cut import OP
from thinbit.nn.module import Module


def shard_linear(
    module: Module, sharding: Sharding, segments: int = 1, group: Group | None = None
) -> Any:
    """This rank's part of a linear layer, which stays as it is.

    Cut a pair of layers, the first "all-to-sharded", the second "sharded-to-all", and what is
    between them needs no exchange; the results are those of the whole layers.

    Args:
        module: A Linear, QuantizedLinear or QQLinear, the same on every rank. A quantized weight is
            cut as one value, with its mode, and in whole groups.
        sharding: "all-to-sharded" cuts rows of the weight and the bias: the input is whole on every
            rank, and each has a part of the output. "sharded-to-all" cuts columns: each rank has a
            part of the input, the results are summed over the ranks, and the bias is added once.
        segments: How many parts along the cut axis are projections of their own, such as the 3 of a
            fused query, key and value: each of them is cut.
        group: The ranks; all of the job when not given.

    Raises:
        ThinbitError: the layer is of no type that can be cut, or not evenly; the text says what
            would fit.
    """
    if not isinstance(module, SHARDABLE):
        names = listing([layer.__name__ for layer in SHARDABLE])
        text = texts.module_type(type=type(module).__name__, choices=names)
        raise invalid(OP, "module", "type", text)
    return module.to_sharded(sharding, segments, group)
