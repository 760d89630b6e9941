"""As one of two ranks: sharded layers give what those of MLX give on its ring.

`beside_mlx.py HOSTS`, a file of MLX's. Prints how many were compared.
"""

import os
import sys
from typing import Any

import numpy as np

from thinbit import MODES, QuantizedTensor, nn, quantize
from thinbit.distributed import init

group = init()
os.environ |= {"MLX_RANK": str(group.rank), "MLX_HOSTFILE": sys.argv[1]}

import mlx.core as mx  # noqa: E402
import mlx.nn  # noqa: E402
from mlx.nn.layers.distributed import shard_linear  # noqa: E402

ring = mx.distributed.init(strict=True, backend="ring")
assert (ring.rank(), ring.size()) == (group.rank, group.size)
mx.set_default_device(mx.cpu)
ROWS, GROUPS = 24, 2  # few columns: both round sums to float32, in other orders
random = np.random.default_rng(9)
compared = 0


def mlx_layer(weight: QuantizedTensor, bias: Any) -> Any:
    """The same layer in MLX."""
    rows, columns = weight.shape
    spec = {"group_size": weight.group_size, "bits": weight.bits, "mode": weight.mode}
    layer = mlx.nn.QuantizedLinear(columns, rows, bias is not None, **spec)
    layer.weight, layer.scales = mx.array(weight.packed), mx.array(weight.scales)
    if weight.biases is not None:
        layer.biases = mx.array(weight.biases)
    if bias is not None:
        layer.bias = mx.array(bias)
    return layer


for mode in MODES.values():
    for bits in (bits for bits in mode.bits if bits > 1):  # MLX has no 1
        for group_size in mode.group_sizes:
            w = random.standard_normal((ROWS, GROUPS * group_size)).astype(np.float32)
            x = random.standard_normal((3, w.shape[1])).astype(np.float32)
            parts: Any = quantize(w, mode=mode.name, bits=bits, group_size=group_size)
            weight = QuantizedTensor(*parts, mode=mode.name, bits=bits, group_size=group_size)
            for bias in (None, w[:, 0].copy()):
                for sharding in ("all-to-sharded", "sharded-to-all"):
                    part = x if sharding == "all-to-sharded" else np.split(x, 2, -1)[group.rank]
                    ours = nn.shard_linear(
                        nn.QuantizedLinear(weight, bias),
                        sharding,  # type: ignore[arg-type]
                        group=group,
                    )
                    theirs = shard_linear(mlx_layer(weight, bias), sharding, group=ring)
                    expected = np.array(theirs(mx.array(np.ascontiguousarray(part))))
                    off = np.abs(ours(part) - expected).max() / np.abs(expected).max()
                    assert off <= 1e-6, (mode.name, bits, group_size, sharding, off)
                    compared += 1

sys.stdout.write(f"rank {group.rank} compared {compared}\n")
