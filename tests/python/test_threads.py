"""Threads and forks: a context serves one call at a time, threads and children have their own."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import thinbit
from thinbit import _context

W = np.random.default_rng(4).standard_normal((256, 512)).astype(np.float32)
X = np.random.default_rng(5).standard_normal((16, 512)).astype(np.float32)
Q = thinbit.QuantizedTensor.quantize(W)
EXPECTED = X @ Q.T


def in_child(body) -> int:
    """The exit status of a forked child that runs `body`; it is killed where it hangs."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        status = 1
        try:
            body()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def multiply(context=None):
    np.testing.assert_array_equal(thinbit.quantized_matmul(X, Q, context=context), EXPECTED)


def test_calls_of_many_threads_do_not_meet():
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(multiply) for _ in range(64)]:
            done.result()


def test_threads_may_share_a_context():
    context = thinbit.Context(threads=2)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(multiply, context) for _ in range(64)]:
            done.result()


def test_errors_of_threads_do_not_meet():
    def fail(index):
        wrong = np.zeros((2, 32 + index), np.float32)
        with pytest.raises(thinbit.ThinbitError, match=f"has {32 + index} elements"):
            thinbit.quantize(wrong, group_size=32)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(fail, 1 + index % 30) for index in range(240)]:
            done.result()


def test_every_thread_has_a_context_of_its_own():
    found = []

    def look():
        found.append(_context.context_for("quantize", W, None, None))
        assert _context.context_for("quantize", W, None, None) is found[-1]
        assert _context.context_for("quantize", W, "cpu", None) is found[-1]

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    look()
    assert len({id(context) for context in found}) == 4


def test_calls_in_one_context_wait_for_one_another():
    """float16 rows are widened in the context's scratch memory, which the next call uses again."""
    context = thinbit.Context(threads=2)
    rng = np.random.default_rng(7)
    rows = [rng.standard_normal((64, 512)).astype(np.float16) for _ in range(8)]
    expected = [x @ Q.T for x in rows]

    def multiply_often(x, product):
        for _ in range(20):
            found = thinbit.quantized_matmul(x, Q, context=context)
            np.testing.assert_array_equal(found, product)

    with ThreadPoolExecutor(len(rows)) as pool:
        calls = [pool.submit(multiply_often, *given) for given in zip(rows, expected, strict=True)]
        for call in calls:
            call.result()


def test_results_do_not_depend_on_the_number_of_threads():
    for threads in (1, 2, 3, 7):
        multiply(thinbit.Context(threads=threads))


def test_other_threads_run_during_a_call():
    w = np.random.default_rng(6).standard_normal((4096, 4096)).astype(np.float32)
    ticks, stop = [0], threading.Event()

    def tick():
        while not stop.is_set():
            ticks[0] += 1

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before = ticks[0]
        thinbit.quantize(w, context=thinbit.Context(threads=1))
        during = ticks[0] - before
    finally:
        stop.set()
        thread.join()
    assert during > 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
class TestFork:
    def test_a_child_multiplies_like_its_parent(self):
        multiply()
        assert in_child(multiply) == 0
        multiply()

    def test_a_child_has_a_context_of_its_own_where_its_parent_had_one(self):
        context = thinbit.Context(threads=2)
        multiply(context)
        before = context.native

        def body():
            assert context.native is not before
            multiply(context)

        assert in_child(body) == 0
        assert context.native is before
        multiply(context)

    def test_a_fork_in_the_middle_of_a_call_leaves_a_working_child(self):
        context = thinbit.Context(threads=2)
        stop = threading.Event()

        def work():
            while not stop.is_set():
                multiply(context)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            statuses = [in_child(lambda: multiply(context)) for _ in range(8)]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert statuses == [0] * 8

    def test_a_grandchild_works_too(self):
        assert in_child(lambda: exit_if_not(in_child(multiply) == 0)) == 0


def exit_if_not(condition):
    assert condition


def test_the_first_of_many_faults_is_named_whichever_thread_finds_one():
    w = np.zeros((4096, 1024), np.float32)
    w[256::256] = np.nan
    w[200, 5] = np.inf
    context = thinbit.Context(threads=4)
    for _ in range(10):
        with pytest.raises(thinbit.ThinbitError, match=f"at flat index {200 * 1024 + 5} is NaN"):
            thinbit.quantize(w, context=context)
