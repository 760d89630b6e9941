"""What a group promises, as one rank of it."""

import sys

import ml_dtypes
import numpy as np

from thinbit import ThinbitError, distributed

group = distributed.init()
ranks = np.arange(group.size, dtype=np.float32)


def sums(dtype: type) -> None:
    for shape in ((), (0,), (5,), (2, 3)):
        x = np.full(shape, group.rank + 1, dtype)
        total = group.all_sum(x)
        assert total.dtype == x.dtype and total.shape == shape
        np.testing.assert_array_equal(
            total.astype(np.float32), np.full(shape, ranks.sum() + group.size)
        )
        np.testing.assert_array_equal(x, np.full(shape, group.rank + 1, dtype))


for dtype in (np.float32, np.float16, ml_dtypes.bfloat16):
    sums(dtype)

# A quarter of the step after 1 is lost where sums are rounded one by one.
quarter = 1.0 if group.rank == 0 else 2.0**-12
total = group.all_sum(np.full(3, quarter, np.float16))
expected = np.float16(1 + (group.size - 1) * 2.0**-12)
assert (total == expected).all(), total

transposed = np.arange(6, dtype=np.float32).reshape(2, 3).T
np.testing.assert_array_equal(group.all_sum(transposed), group.size * transposed)

for dtype in (np.float32, ml_dtypes.bfloat16, np.int32):
    part = np.full((2, 3), group.rank, dtype)
    gathered = group.all_gather(part)
    assert gathered.dtype == part.dtype
    np.testing.assert_array_equal(
        gathered.astype(np.float32), np.repeat(ranks, 2)[:, None] + np.zeros(3)
    )

for wrong, rule in (
    (lambda: group.all_sum([1.0]), "comm_all_sum.x.dtype"),
    (lambda: group.all_sum(np.zeros(3, np.int32)), "comm_all_sum.x.dtype"),
    (lambda: group.all_gather(np.float32([[1]])[0, 0]), "comm_all_gather.x.dtype"),
    (lambda: group.all_gather(np.zeros((), np.float32)), "comm_all_gather.x.rank"),
):
    try:
        wrong()
    except ThinbitError as error:
        assert error.rule == rule, error
    else:
        raise AssertionError(rule)

group.barrier()
with group as same:
    assert same is group
for use in (group.barrier, lambda: group.all_sum(ranks), lambda: group.all_gather(ranks)):
    try:
        use()
    except ThinbitError as error:
        assert "the group was freed" in str(error)
    else:
        raise AssertionError("a group that was freed can be used")
sys.stdout.write(f"rank {group.rank} of {group.size}\n")  # in one piece, unlike print
