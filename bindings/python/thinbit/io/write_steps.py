"""Doing the steps: each tensor is read, made, measured and written, several at a time if asked.

The memory that this needs is that of the largest tensor for each of the jobs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import numpy.typing as npt

import thinbit
from thinbit import QuantizedTensor

from .checkpoint_writer import CheckpointWriter
from .errors import CheckpointError, quoted
from .float_rows import squared_error
from .mlx_layout import quantized_parts
from .quantize_report import TensorReport
from .safetensors_header import NUMPY_DTYPES
from .steps import Step

Done = Callable[[TensorReport], None]


def do_steps(
    path: str, steps: list[Step], writer: CheckpointWriter | None, jobs: int, on_tensor: Done | None
) -> tuple[TensorReport, ...]:
    """Do all steps, `jobs` at a time, and report on each, in the order of `steps`.

    Without a writer nothing is written, and tensors that stay as they are are not even read.
    `on_tensor` is called from this thread, as tensors are done.
    """
    lock = threading.Lock()
    reports: dict[int, TensorReport] = {}
    for index, report in _each(lambda step: _do(path, step, writer, lock), steps, jobs):
        reports[index] = report
        if on_tensor:
            on_tensor(report)
    return tuple(reports[index] for index in range(len(steps)))


def _each(
    work: Callable[[Step], TensorReport], steps: list[Step], jobs: int
) -> Iterator[tuple[int, TensorReport]]:
    """The results as they come; the first exception ends all."""
    if jobs == 1:
        yield from ((index, work(step)) for index, step in enumerate(steps))
        return
    waiting = iter(enumerate(steps))
    running: dict[Future[TensorReport], int] = {}
    with ThreadPoolExecutor(jobs) as pool:
        while True:
            while len(running) < jobs and (following := next(waiting, None)):
                running[pool.submit(work, following[1])] = following[0]
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


def _do(
    path: str, step: Step, writer: CheckpointWriter | None, lock: threading.Lock
) -> TensorReport:
    began = time.perf_counter()
    error, weights = 0.0, 0.0
    tensor = step.tensor
    try:
        if step.quantized:
            parts, error, weights = _quantized(step)
        elif writer is None or tensor.chunks is not None:
            parts = {}
        else:
            value = tensor.read()
            parts = (
                quantized_parts(step.module, value)
                if isinstance(value, QuantizedTensor)
                else {tensor.name: value}
            )
    except thinbit.ThinbitError as refusal:
        raise CheckpointError(path, f"tensor {quoted(tensor.name)}: {refusal}") from None
    declared = step.declarations()
    if writer is not None:
        with lock:
            if not step.quantized and tensor.chunks is not None:
                writer.copy(tensor.name, tensor.chunks())
            for declaration in declared:
                if declaration.name in parts:
                    array = parts[declaration.name]
                    writer.write(declaration.name, array.reshape(declaration.shape))
    seconds = time.perf_counter() - began
    written = sum(declaration.nbytes for declaration in declared)
    return TensorReport(step, written, error, weights, seconds)


def _quantized(step: Step) -> tuple[Mapping[str, npt.NDArray[Any]], float, float]:
    """The parts of a tensor that is quantized now, and its squared error and weights."""
    assert step.spec is not None
    value = step.tensor.read()
    if isinstance(value, QuantizedTensor):
        w: npt.NDArray[Any] = value.dequantize("float32").astype(NUMPY_DTYPES[step.dtype])
    else:
        w = value
    quantized = QuantizedTensor.quantize(
        w, mode=step.spec.mode, group_size=step.spec.group_size, bits=step.spec.bits
    )
    error, weights = squared_error(value, quantized)
    parts = dict(quantized_parts(step.module, quantized))
    for declaration in step.declarations():
        # Weights that are all zero have no magnitude to scale by; any factor reads them back.
        parts.setdefault(declaration.name, np.array(1, np.float32))
    return parts, error, weights
