"""Layers cut for the ranks of a group: the same results, and nothing lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.distributed.jobs import python, run_job
from tests.distributed.layer_cases import RANKS, layers
from thinbit import QuantizedTensor, ThinbitError, nn
from thinbit._generated.layers import SHARDABLE, SHARDINGS
from thinbit.distributed import Group


def member(rank: int, size: int) -> Group:
    """A group without a job behind it."""
    group = object.__new__(Group)
    group.rank, group.size = rank, size
    return group


def linear(rows: int, columns: int, **spec: Any) -> nn.QuantizedLinear:
    weight = np.random.default_rng(1).standard_normal((rows, columns)).astype(np.float32)
    layer = nn.Linear(weight, weight[:, 0]).to_quantized(**spec)
    assert isinstance(layer, nn.QuantizedLinear)
    return layer


@pytest.mark.parametrize("ranks", RANKS)
def test_sharded_and_whole_layers_agree_in_every_mode(ranks: int) -> None:
    lines = run_job((ranks, python("layers.py")), seconds=300)
    count = 4 * len(list(layers())) + 3
    assert lines == [f"rank {rank} compared {count}" for rank in range(ranks)]


@pytest.mark.parametrize("segments", [1, 2, 3])
@pytest.mark.parametrize("sharding", SHARDINGS)
def test_the_parts_of_all_ranks_are_the_weight(sharding: str, segments: int) -> None:
    layer = linear(36, 36 * 32, mode="nvfp4")
    whole, axis = layer.weight.dequantize(), SHARDINGS.index(sharding)
    parts = []
    for rank in range(3):
        cut = nn.shard_linear(layer, sharding, segments, member(rank, 3))  # type: ignore[arg-type]
        assert isinstance(cut.weight, QuantizedTensor)
        spec = (cut.weight.mode, cut.weight.bits, cut.weight.group_size, cut.weight.global_scale)
        assert spec == ("nvfp4", 4, 16, layer.weight.global_scale)
        parts.append(np.split(cut.weight.dequantize(), segments, axis))
    joined = [part[segment] for segment in range(segments) for part in parts]
    np.testing.assert_array_equal(np.concatenate(joined, axis), whole)


REFUSALS = (
    (
        linear(24, 576),
        ("sharded-to-all", 1, 2),
        "shard_linear.weight.multiple",
        "shard_linear: weight has 9 groups of 64 columns, which 2 ranks do not divide; 1 or 3 ranks"
        " do, and with 32 columns in a group 2 ranks do",
    ),
    (
        linear(24, 576, mode="mxfp4"),
        ("sharded-to-all", 1, 4),
        "shard_linear.weight.multiple",
        "shard_linear: weight has 18 groups of 32 columns, which 4 ranks do not divide; 3 or 6"
        " ranks do",
    ),
    (
        linear(30, 64),
        ("all-to-sharded", 3, 4),
        "shard_linear.weight.multiple",
        "shard_linear: each of the 3 segments of weight has 10 rows, which 4 ranks do not divide;"
        " 2 or 5 ranks do",
    ),
    (
        linear(10, 64),
        ("all-to-sharded", 3, 1),
        "shard_linear.weight.multiple",
        "shard_linear: weight has 10 rows, which 3 segments do not divide",
    ),
    (
        nn.Linear(np.zeros((4, 10), np.float32)),
        ("sharded-to-all", 1, 4),
        "shard_linear.weight.multiple",
        "shard_linear: weight has 10 columns, which 4 ranks do not divide; 2 or 5 ranks do",
    ),
    (
        nn.Embedding(np.zeros((4, 64), np.float32)),
        ("all-to-sharded", 1, 2),
        "shard_linear.module.type",
        "shard_linear: module is Embedding, and only Linear, QuantizedLinear or QQLinear can be"
        " sharded",
    ),
    (
        linear(4, 64),
        ("all-to-shard", 1, 2),
        "shard_linear.sharding.choice",
        "shard_linear: sharding is 'all-to-shard', and must be all-to-sharded or sharded-to-all;"
        " did you mean 'all-to-sharded'?",
    ),
    (
        linear(4, 64),
        ("all-to-sharded", 0, 2),
        "shard_linear.segments.range",
        "shard_linear: segments is 0, and must be a positive integer",
    ),
)


@pytest.mark.parametrize(("layer", "how", "rule", "text"), REFUSALS)
def test_what_cannot_be_cut_is_refused_by_name(
    layer: Any, how: tuple[str, int, int], rule: str, text: str
) -> None:
    sharding, segments, ranks = how
    with pytest.raises(ThinbitError) as caught:
        nn.shard_linear(layer, sharding, segments, member(0, ranks))  # type: ignore[arg-type]
    assert (caught.value.rule, str(caught.value)) == (rule, text)


def test_what_fits_where_it_is_said_to() -> None:
    nn.shard_linear(linear(24, 576), "sharded-to-all", group=member(2, 3))
    nn.shard_linear(linear(24, 576, group_size=32), "sharded-to-all", group=member(1, 2))


def test_a_group_is_no_number_of_ranks() -> None:
    with pytest.raises(ThinbitError) as caught:
        nn.shard_linear(linear(4, 64), "all-to-sharded", group=2)  # type: ignore[arg-type]
    assert caught.value.rule == "shard_linear.group.type"


def test_a_sharded_layer_says_in_one_line_what_it_is() -> None:
    cut = nn.shard_linear(linear(6, 64), "all-to-sharded", group=member(1, 3))
    assert repr(cut) == (
        "QuantizedAllToShardedLinear(input_dims=64, rank_output_dims=2, bias=True, group_size=64,"
        " bits=4, mode=affine, group=Group(rank=1, size=3))"
    )


def test_without_a_group_it_is_that_of_the_job() -> None:
    layer = linear(4, 64)
    cut = nn.shard_linear(layer, "sharded-to-all")
    x = np.ones((2, 64), np.float32)
    np.testing.assert_allclose(cut(x), layer(x), rtol=1e-6)
    assert cut.group is nn.shard_linear(layer, "all-to-sharded").group


def test_every_layer_that_can_be_cut_is_compared() -> None:
    assert {type(layer) for _, layer in layers()} == set(SHARDABLE)
