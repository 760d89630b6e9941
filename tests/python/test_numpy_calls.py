"""Calls with numpy's arrays go straight to C; all others, and all that fail, go the general way."""

import copy
import gc
import sys
import threading
import time

import ml_dtypes
import numpy as np
import pytest

import thinbit
from thinbit import _context, _numpy_calls
from thinbit._arguments import DefaultMode

MODE = DefaultMode("affine")
W = np.random.default_rng(1).standard_normal((64, 128)).astype(np.float32)
X = np.random.default_rng(2).standard_normal((3, 128)).astype(np.float32)
C = np.ones(64, np.float32)
Q = thinbit.QuantizedTensor.quantize(W)
F = thinbit.QuantizedTensor.quantize(W, mode="mxfp4")
PARTS = (Q.packed, Q.scales, Q.biases)


class Shared:
    """An array of a library that nobody knows: it goes the general way."""

    def __init__(self, array):
        self.__dlpack__ = array.__dlpack__
        self.__dlpack_device__ = array.__dlpack_device__


def matmul(x=X, w=Q, *parts, transpose=True, mode=MODE, out=None, context=None, bits=None):
    scales, biases = parts or (None, None)
    return _numpy_calls.quantized_matmul(
        x, w, scales, biases, None, transpose, None, bits, mode, out, context
    )


TAKEN = {
    "quantize": lambda: _numpy_calls.quantize(W, None, None, None, MODE, None, None),
    "dequantize": lambda: _numpy_calls.dequantize(*PARTS, None, 64, 4, "affine", None, None, None),
    "dequantize to float16": lambda: _numpy_calls.dequantize(
        Q, None, None, None, None, None, MODE, "float16", None, None
    ),
    "quantized_matmul": lambda: matmul(X, *PARTS),
    "quantized_matmul by a tensor": lambda: matmul(),
    "quantized_addmm": lambda: _numpy_calls.quantized_addmm(
        C, X, Q, None, None, None, True, None, None, MODE, 2, 0.5, None, None
    ),
    "gather_qmm": lambda: _numpy_calls.gather_qmm(
        X, Q, None, None, None, None, None, True, None, None, MODE, False, None, None
    ),
    "to_fp8": lambda: _numpy_calls.to_fp8(X, None, None),
    "from_fp8": lambda: _numpy_calls.from_fp8(np.zeros(3, np.uint8), None, None, None),
}


@pytest.fixture(autouse=True)
def context():
    thinbit.to_fp8(X)  # makes the thread's


@pytest.mark.parametrize("name", TAKEN)
def test_plain_calls_are_taken(name):
    assert TAKEN[name]() is not None


def test_results_are_those_of_the_general_way():
    expected = thinbit.quantized_matmul(Shared(X), Shared(PARTS[0]), *map(Shared, PARTS[1:]))
    for found in (matmul(), matmul(X, *PARTS), matmul(X[::-1].copy()[::-1])):
        assert type(found) is np.ndarray
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)
    out = np.zeros((6, 64), np.float32)[::2]
    assert matmul(out=out) is out
    np.testing.assert_array_equal(out, expected)
    parts = _numpy_calls.quantize(W, None, None, None, MODE, None, None)
    assert isinstance(thinbit.quantize(W), thinbit.QuantizeResult)
    for found, part in zip(parts, PARTS, strict=True):
        np.testing.assert_array_equal(found, part)


def test_bfloat16_is_taken_once_it_was_met():
    x = X.astype(ml_dtypes.bfloat16)
    expected = thinbit.quantized_matmul(x, Q)
    found = matmul(x)
    assert found.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(found.view(np.uint16), expected.view(np.uint16))


class Subclass(np.ndarray):
    pass


READ_ONLY = np.zeros((3, 64), np.float32)
READ_ONLY.flags.writeable = False
LEFT = {
    "no array": {"x": [[1.0] * 128]},
    "a subclass, which may share something else": {"x": X.view(Subclass)},
    "a dtype that is none": {"x": X.astype(np.complex64)},
    "foreign byte order": {"x": X.astype(">f4")},
    "strides between elements": {"x": np.zeros((3, 128), [("a", "<f4"), ("b", "u1")])["a"]},
    "memory that is not to be written": {"out": READ_ONLY},
    "a wrong shape": {"x": X[:, :64]},
    "a mode that is none": {"mode": "afine"},
    "a mode beside what has one": {"mode": "affine"},
    "bits beside what has them": {"bits": 4},
    "a number for a truth value": {"transpose": 1},
    "a context that is none": {"context": object()},
}


@pytest.mark.parametrize("name", LEFT)
def test_the_rest_is_left_to_the_general_way(name):
    assert matmul(**LEFT[name]) is None
    assert sys.exc_info() == (None, None, None)


def test_a_number_that_c_could_not_tell_from_nothing_is_left():
    for bits in (0, True, 2**40, np.int32(4), 4.0):
        assert _numpy_calls.dequantize(*PARTS, None, None, bits, MODE, None, None, None) is None


def test_a_call_with_too_few_arguments_is_a_mistake_of_the_generator():
    with pytest.raises(TypeError, match="to_fp8 takes 3 arguments, not 1"):
        _numpy_calls.to_fp8(X)


def test_copies_of_a_tensor_are_taken_too():
    for same in (copy.copy(F), copy.deepcopy(F)):
        assert same == F
        assert (
            _numpy_calls.dequantize(same, None, None, None, None, None, MODE, None, None, None)
            is not None
        )


def test_no_reference_is_lost_or_kept():
    out = np.empty((3, 64), np.float32)
    objects = [X, Q, Q._prepared, *PARTS, out, None, MODE]
    calls = [
        lambda: matmul(),
        lambda: matmul(X, *PARTS),
        lambda: matmul(out=out),
        lambda: matmul(X[:, :64]),
        lambda: matmul(mode="affine"),
        lambda: matmul(out=READ_ONLY),
        lambda: _numpy_calls.quantize(W, None, None, None, MODE, None, None),
        lambda: copy.copy(Q),
    ]
    for call in calls:
        call()
        gc.collect()
        before = [sys.getrefcount(each) for each in objects]
        for _ in range(1000):
            call()
        after = [sys.getrefcount(each) for each in objects]
        assert all(abs(a - b) < 100 for a, b in zip(after, before, strict=True)), (before, after)


def test_a_call_waits_for_the_thread_that_has_its_context():
    context = thinbit.Context(threads=1)
    done = []
    call = threading.Thread(target=lambda: done.append(matmul(context=context)))
    with context.handle:
        with context.handle:  # again, as in a finalizer
            assert matmul(context=context) is not None
            call.start()
        time.sleep(0.1)
        assert not done
    call.join()
    assert len(done) == 1


def test_many_threads_get_the_lock_in_turns():
    context, inside, most = thinbit.Context(threads=1), [0], [0]

    def work():
        for _ in range(200):
            with context.handle:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_thread_that_ends_leaves_no_context():
    gc.collect()
    before = len(_context._live)
    for _ in range(5):
        thread = threading.Thread(target=lambda: (thinbit.to_fp8(X), thinbit.to_fp8(X)))
        thread.start()
        thread.join()
    gc.collect()
    assert len(_context._live) == before
