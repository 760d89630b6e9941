"""Calls under the capture of a CUDA graph: nothing is allocated, loaded or waited for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import thinbit
from cuda.device_array import DeviceArray
from cuda.graph import Graph

STREAM = 4096
RANDOM = np.random.default_rng(5)
WEIGHT = thinbit.quantize(RANDOM.normal(size=(24, 64)).astype(np.float32), bits=4)


class Product:
    """x of float32, which takes memory besides the operands, times a weight."""

    def __init__(self, rows: int) -> None:
        self.x = DeviceArray(np.zeros((rows, 64), np.float32))
        self.out = DeviceArray(np.full((rows, 24), 77, np.float32))
        self._weight = [DeviceArray(part) for part in WEIGHT]

    def call(self, context: thinbit.Context) -> None:
        thinbit.quantized_matmul(self.x, *self._weight, bits=4, out=self.out, context=context)

    def fill(self) -> npt.NDArray[Any]:
        """New elements of x; the product that they have."""
        x = RANDOM.normal(size=self.x.now().shape).astype(np.float32)
        self.x.fill(x)
        product: npt.NDArray[Any] = thinbit.quantized_matmul(x, *WEIGHT, bits=4)
        return product


@pytest.fixture
def context() -> thinbit.Context:
    return thinbit.Context("cuda", stream=STREAM)


def test_a_graph_makes_the_product_of_what_its_operands_hold(context: thinbit.Context) -> None:
    product, graph = Product(3), Graph()
    product.call(context)
    context.sync()
    product.out.fill(np.full((3, 24), 77, np.float32))
    with graph.capture(STREAM):
        product.call(context)
    context.sync()
    assert (product.out.now() == 77).all()
    for _ in range(2):
        expected = product.fill()
        graph.launch(STREAM)
        context.sync()
        np.testing.assert_allclose(product.out.now(), expected, atol=1e-4)


def test_calls_between_launches_leave_a_graph_as_it_is(context: thinbit.Context) -> None:
    first, second, graph = Product(3), Product(3), Graph()
    first.call(context)
    with graph.capture(STREAM):
        first.call(context)
    expected = second.fill(), first.fill()
    second.call(context)
    graph.launch(STREAM)
    second.call(context)
    context.sync()
    np.testing.assert_allclose(second.out.now(), expected[0], atol=1e-4)
    np.testing.assert_allclose(first.out.now(), expected[1], atol=1e-4)


def test_what_is_wrong_with_values_in_a_graph_comes_out_of_sync(context: thinbit.Context) -> None:
    w = DeviceArray(np.ones((8, 64), np.float32))
    out = tuple(DeviceArray(part) for part in thinbit.quantize(w.now(), bits=4))
    graph = Graph()
    thinbit.quantize(w, bits=4, out=out, context=context)
    with graph.capture(STREAM):
        thinbit.quantize(w, bits=4, out=out, context=context)
    w.fill(np.full((8, 64), np.nan, np.float32))
    for _ in range(2):
        graph.launch(STREAM)
        with pytest.raises(thinbit.ThinbitError, match="w at flat index 0 is NaN"):
            context.sync()


def test_memory_that_is_not_there_is_refused_and_the_capture_goes_on(
    context: thinbit.Context,
) -> None:
    ready, larger, graph = Product(3), Product(20), Graph()
    ready.call(context)
    Product(20).call(thinbit.Context("cuda", stream=2 * STREAM))  # kernels are the device's
    with graph.capture(STREAM):
        with pytest.raises(thinbit.ThinbitError, match="needs 7680 bytes of memory") as caught:
            larger.call(context)
        ready.call(context)
    assert (caught.value.op, caught.value.status) == ("quantized_matmul", "device")
    expected = ready.fill()
    graph.launch(STREAM)
    context.sync()
    np.testing.assert_allclose(ready.out.now(), expected, atol=1e-4)


def test_kernels_that_are_not_loaded_are_refused(context: thinbit.Context) -> None:
    x = DeviceArray(np.ones((1, 32), np.float32))
    out = DeviceArray(np.zeros((1, 32), np.uint8))
    with (
        Graph().capture(STREAM),
        pytest.raises(thinbit.ThinbitError, match="the kernels fp8 are not loaded"),
    ):
        thinbit.to_fp8(x, out=out, context=context)  # which no other test calls


def test_a_context_is_made_before_a_capture(context: thinbit.Context) -> None:
    with (
        Graph().capture(STREAM),
        pytest.raises(thinbit.ThinbitError, match="before the capture") as caught,
    ):
        thinbit.Context("cuda", stream=STREAM)
    assert caught.value.op == "context_create"


def test_sync_is_refused_and_the_capture_goes_on(context: thinbit.Context) -> None:
    with (
        Graph().capture(STREAM),
        pytest.raises(thinbit.ThinbitError, match="nothing runs that could be waited for"),
    ):
        context.sync()


def test_a_capture_of_another_stream_is_no_concern(context: thinbit.Context) -> None:
    product, graph = Product(3), Graph()
    product.call(context)
    expected = product.fill()
    with graph.capture(2 * STREAM):
        product.call(context)
        context.sync()
    np.testing.assert_allclose(product.out.now(), expected, atol=1e-4)


def test_the_default_stream_is_refused_by_the_driver_while_another_is_captured() -> None:
    product, default = Product(3), thinbit.Context("cuda")
    product.call(default)
    with (
        pytest.raises(RuntimeError, match="901"),
        Graph().capture(STREAM),
        pytest.raises(thinbit.ThinbitError, match="STREAM_CAPTURE_IMPLICIT"),
    ):
        product.call(default)
