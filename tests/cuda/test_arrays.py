"""Arrays on a GPU through Python: in place, on the stream asked for, and without waiting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import thinbit
from cuda.device_array import DeviceArray

W = np.random.default_rng(3).normal(size=(8, 64)).astype(np.float32)


def _empty(array: npt.NDArray[Any]) -> DeviceArray:
    return DeviceArray(np.full_like(array, 77))


def test_results_go_to_the_array_given_when_the_stream_is_waited_for() -> None:
    expected = thinbit.quantize(W, bits=4)
    out = tuple(_empty(part) for part in expected)
    context = thinbit.Context("cuda")
    returned = thinbit.quantize(DeviceArray(W), bits=4, out=out, context=context)
    assert returned is out
    assert (out[0].now() == 77).all()
    context.sync()
    for part, wanted in zip(out, expected, strict=True):
        np.testing.assert_array_equal(part.now(), wanted)


def test_the_device_is_that_of_the_first_operand() -> None:
    packed, scales, biases = thinbit.quantize(W, bits=4)
    x = np.ones((2, 64), np.float32)
    wanted = thinbit.quantized_matmul(x, packed, scales, biases, bits=4)
    y = _empty(wanted)
    operands = (DeviceArray(a) for a in (x, packed, scales, biases))
    thinbit.quantized_matmul(*operands, bits=4, out=y)
    thinbit.Context("cuda").sync()  # of the same stream
    np.testing.assert_allclose(y.now(), wanted, atol=1e-5)


@pytest.mark.parametrize(("stream", "asked"), [(None, 1), (0, 1), (1, 1), (2, 2), (4096, 4096)])
def test_producers_are_asked_for_the_stream_of_the_call(stream: int | None, asked: int) -> None:
    w = DeviceArray(W)
    out = tuple(_empty(part) for part in thinbit.quantize(W, bits=8))
    thinbit.quantize(w, bits=8, out=out, stream=stream)
    assert w.streams == [asked]
    assert all(part.streams == [asked] for part in out)


def test_work_on_one_stream_waits_for_no_other() -> None:
    first, second = thinbit.Context("cuda", stream=4096), thinbit.Context("cuda", stream=8192)
    expected = thinbit.quantize(W, bits=2)
    outs = [tuple(_empty(part) for part in expected) for _ in range(2)]
    w = DeviceArray(W)
    for context, out in zip((first, second), outs, strict=True):
        thinbit.quantize(w, bits=2, out=out, context=context)
    second.sync()
    assert (outs[0][0].now() == 77).all()
    np.testing.assert_array_equal(outs[1][0].now(), expected[0])
    first.sync()
    np.testing.assert_array_equal(outs[0][0].now(), expected[0])


def test_host_memory_is_refused_on_a_gpu() -> None:
    with pytest.raises(thinbit.ThinbitError, match="w lies on DLPack device") as caught:
        thinbit.quantize(W, device="cuda")
    assert (caught.value.op, caught.value.argument) == ("quantize", "w")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(thinbit.ThinbitError, match="device_id is 7, and must be 0"):
        thinbit.Context("cuda:7")


def test_what_is_wrong_with_values_comes_out_of_sync_once() -> None:
    w = W.copy()
    w[3, 5] = np.nan
    context = thinbit.Context("cuda")
    out = tuple(_empty(part) for part in thinbit.quantize(W, bits=4))
    thinbit.quantize(DeviceArray(w), bits=4, out=out, context=context)
    with pytest.raises(thinbit.ThinbitError) as caught:
        context.sync()
    assert (caught.value.op, caught.value.argument, caught.value.status) == (
        "quantize",
        "w",
        "non_finite",
    )
    context.sync()
