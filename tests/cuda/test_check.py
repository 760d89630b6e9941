"""`make gpu-check` for CUDA, on the emulation: its part that is thinbit's runs through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cuda.emulated_gpu import EmulatedGpu
from tools.cuda_check import benchmark, values
from tools.cuda_check.benchmark import Sizes
from tools.cuda_check.checks import findings
from tools.cuda_check.gpu import Array, Product
from tools.cuda_check.values import Extent

SIZES = Sizes(decode=(Product(1, 16, 64),), prefill=(Product(65, 8, 64),), convert=(4, 64))


EXTENT = Extent(columns=128, products=4, rows=16, depth=128, rounds=2)


def test_the_checks_find_nothing_wrong() -> None:
    assert findings(EmulatedGpu(), EXTENT) == []


class Spoiled(EmulatedGpu):
    """A GPU with one wrong bit in all that it gives back."""

    def get(self, array: Array) -> object:  # type: ignore[override]
        host = array.now()
        host.view("uint8").reshape(-1)[1] ^= 64
        return host


@pytest.mark.parametrize(
    "check",
    [
        lambda gpu: values.quantized_bytes(gpu, EXTENT),
        lambda gpu: values.products(gpu, EXTENT),
        lambda gpu: values.two_streams(gpu, EXTENT),
        lambda gpu: values.graphs(gpu, EXTENT),
    ],
    ids=["bytes", "products", "streams", "graph"],
)
def test_a_wrong_bit_is_found(check: object) -> None:
    found: Iterator[str] = check(Spoiled())  # type: ignore[operator]
    assert next(found)


def test_the_table_has_a_row_for_each_op_mode_and_shape() -> None:
    page = benchmark.page(EmulatedGpu(), SIZES)
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    assert {len(row) for row in rows} == {8}
    ops = [row[0].removeprefix("| ") for row in rows[2:]]
    modes = len({row[1] for row in rows[2:] if "product" in row[0]})
    assert ops == ["product"] * 2 * modes + ["quantize", "dequantize"] * 5
    assert modes == 10
    assert all(float(row[3]) > 0 for row in rows[2:])
