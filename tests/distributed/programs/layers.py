"""As one rank: sharded layers give what the whole layer gives. Prints how many were compared."""

import sys
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from tests.distributed.layer_cases import activations, layers
from thinbit import nn
from thinbit.distributed import init

group = init()
compared = 0


def own(values: npt.NDArray[Any], segments: int) -> npt.NDArray[Any]:
    """This rank's part of each segment of the last axis."""
    parts = [np.split(part, group.size, -1)[group.rank] for part in np.split(values, segments, -1)]
    return np.concatenate(parts, -1)


def same(name: str, result: Any, expected: Any, bound: float = 1e-6) -> None:
    global compared
    assert result.dtype == expected.dtype and result.shape == expected.shape, name
    wide = expected.astype(np.float32)
    difference = np.abs(result.astype(np.float32) - wide).max() / np.abs(wide).max()
    assert difference <= bound, f"{name}: rank {group.rank} is off by {difference}"
    compared += 1


for name, layer in layers():
    x = activations(layer.input_dims)
    whole = layer(x)
    for segments in (1, 2):
        rows = nn.shard_linear(layer, "all-to-sharded", segments, group)
        same(f"{name}, rows in {segments}", rows(x), own(whole, segments))
        columns = nn.shard_linear(layer, "sharded-to-all", segments, group)
        same(f"{name}, columns in {segments}", columns(own(x, segments)), whole)

# Two layers, with nothing exchanged between them.
up, down = (layer for name, layer in layers() if name.startswith("affine:4:g64"))
tall = nn.QuantizedLinear(up.weight.with_parts(lambda part: np.tile(part, (64, 1))))
x = activations(tall.input_dims)
hidden = nn.shard_linear(tall, "all-to-sharded", group=group)(x)
result = nn.shard_linear(down, "sharded-to-all", group=group)(hidden)
same("a pair of layers", result, down(tall(x)))

# Results of 16 bits: each rank's part is rounded to them, then the sum once.
for dtype, bound in ((np.float16, 2e-3), (ml_dtypes.bfloat16, 2e-2)):
    x = activations(down.input_dims).astype(dtype)
    columns = nn.shard_linear(down, "sharded-to-all", group=group)
    same(f"{dtype}", columns(own(x, 1)), down(x), bound)

sys.stdout.write(f"rank {group.rank} compared {compared}\n")
