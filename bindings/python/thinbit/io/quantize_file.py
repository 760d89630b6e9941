"""Quantizing a safetensors file into another, with memory bounded by the largest tensor."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

import thinbit
from thinbit import QuantizedTensor

from .checkpoint import quantized_parts
from .errors import CheckpointError, quoted
from .mlx_layout import FLOAT_CODES, PARTS, QuantizationTable, module_path, part_name
from .quantize_report import Choice, FileReport, TensorReport, relative_rms
from .safetensors_header import TensorInfo
from .safetensors_reader import SafetensorsReader
from .safetensors_writer import SafetensorsWriter, TensorDeclaration
from .specification import QuantizationSpec

_WORD_BITS = 32
_ERROR_CHUNK_ELEMENTS = 2**19
# Names that other formats of quantized weights use: ours would make nonsense of their bytes.
_FOREIGN_SUFFIXES = (
    ".qweight",
    ".qzeros",
    ".weight_packed",
    ".weight_scale",
    ".weight_scale_inv",
)


def choose(reader: SafetensorsReader, spec: QuantizationSpec) -> list[Choice]:
    """Decide for each tensor of a file whether it is quantized, and why not.

    The matrices of linear and embedding layers are: float, two axes, named `weight`, the last
    axis divisible by the group size. Raises CheckpointError for a file that is quantized already,
    for one without such a matrix, and for one in which a new tensor's name is taken.
    """
    _refuse_quantized(reader)
    choices = [Choice(info, _reason_to_keep(info, spec)) for info in reader.tensors.values()]
    if not any(choice.quantized for choice in choices):
        raise CheckpointError(reader.path, f"no tensor of this file can be quantized to {spec}")
    for choice in choices:
        if choice.quantized:
            for part in PARTS[1:]:
                name = part_name(module_path(choice.info.name), part)
                if name in reader:
                    raise CheckpointError(
                        reader.path, f"tensor {quoted(name)} has the name that a new one needs"
                    )
    return choices


def quantize_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    spec: QuantizationSpec,
    *,
    overwrite: bool = False,
    on_plan: Callable[[list[Choice]], None] | None = None,
    on_tensor: Callable[[TensorReport], None] | None = None,
) -> FileReport:
    """Quantize the weights of a safetensors file and copy its other tensors byte for byte.

    The output is in MLX's layout, in the input's order of tensors, and appears only when it is
    whole. `on_plan` is told what will be done, `on_tensor` of every tensor that is done. Raises
    CheckpointError for files that cannot be read, written or quantized, and OSError.
    """
    began = time.perf_counter()
    with SafetensorsReader(source) as reader:
        if os.path.exists(target) and os.path.samefile(source, target):
            raise CheckpointError(target, "the output is the input; give it another name")
        choices = choose(reader, spec)
        # The output is checked before the plan is shown and long before it is written.
        writer = SafetensorsWriter(
            target,
            _declarations(choices, spec),
            _metadata(reader, choices, spec),
            overwrite=overwrite,
        )
        if on_plan:
            on_plan(choices)
        reports = []
        with writer:
            for choice in choices:
                report = _convert(reader, writer, choice, spec)
                reports.append(report)
                if on_tensor:
                    on_tensor(report)
        seconds = time.perf_counter() - began
        return FileReport(spec, tuple(reports), reader.size, writer.size, seconds)


def squared_error(w: npt.NDArray[Any], quantized: QuantizedTensor) -> tuple[float, float]:
    """Give sum (w' - w)^2 and sum w^2 of a matrix w, in float64, a few rows at a time."""
    error, weights = 0.0, 0.0
    rows = max(1, _ERROR_CHUNK_ELEMENTS // max(w.shape[1], 1))
    for first in range(0, w.shape[0], rows):
        part = slice(first, first + rows)
        values = thinbit.dequantize(
            quantized.packed[part],
            quantized.scales[part],
            None if quantized.biases is None else quantized.biases[part],
            global_scale=quantized.global_scale,
            mode=quantized.mode,
            group_size=quantized.group_size,
            bits=quantized.bits,
        )
        exact = w[part].astype(np.float64)
        weights += float(np.vdot(exact, exact))
        exact -= values.astype(np.float64)
        error += float(np.vdot(exact, exact))
    return error, weights


def _convert(
    reader: SafetensorsReader, writer: SafetensorsWriter, choice: Choice, spec: QuantizationSpec
) -> TensorReport:
    began = time.perf_counter()
    info = choice.info
    if not choice.quantized:
        writer.copy(info.name, reader.chunks(info.name))
        return TensorReport(choice, info.nbytes, None, 0.0, 0.0, time.perf_counter() - began)
    w = reader.read(info.name)
    try:
        quantized = QuantizedTensor.quantize(
            w, mode=spec.mode, group_size=spec.group_size, bits=spec.bits
        )
    except thinbit.ThinbitError as refusal:
        raise CheckpointError(reader.path, f"tensor {quoted(info.name)}: {refusal}") from None
    written = 0
    module = module_path(info.name)
    parts = quantized_parts(module, quantized)
    if spec.has_global_scale:
        # Weights that are all zero have no magnitude to scale by; any factor reads them back.
        parts.setdefault(part_name(module, "global_scale"), np.array(1, np.float32))
    for name, array in parts.items():
        writer.write(name, array)
        written += array.nbytes
    error, weights = squared_error(w, quantized)
    seconds = time.perf_counter() - began
    return TensorReport(choice, written, relative_rms(error, weights), error, weights, seconds)


def _reason_to_keep(info: TensorInfo, spec: QuantizationSpec) -> str | None:
    if info.dtype not in FLOAT_CODES:
        return f"its dtype is {info.dtype}"
    if info.name.rpartition(".")[2] != "weight":
        return "it is no weight"
    if len(info.shape) != 2:
        return f"it has {len(info.shape)} {'axis' if len(info.shape) == 1 else 'axes'}"
    if info.elements == 0:
        return "it is empty"
    if info.shape[1] % spec.group_size:
        return f"groups of {spec.group_size} do not divide its {info.shape[1]} columns"
    return None


def _refuse_quantized(reader: SafetensorsReader) -> None:
    said = "quantization" in reader.metadata
    for name, info in reader.tensors.items():
        scales = part_name(module_path(name), "scales")
        packed = info.dtype == "U32" and name.rpartition(".")[2] == "weight" and scales in reader
        foreign = name.endswith(_FOREIGN_SUFFIXES) or (
            name.endswith("_blocks") and info.dtype == "U8"
        )
        if said or packed or foreign:
            why = "its metadata says so" if said else f"it has a tensor {quoted(name)}"
            raise CheckpointError(reader.path, f"the file is quantized already: {why}")


def _declarations(choices: list[Choice], spec: QuantizationSpec) -> Iterator[TensorDeclaration]:
    for choice in choices:
        info = choice.info
        if not choice.quantized:
            yield TensorDeclaration(info.name, info.dtype, info.shape)
            continue
        module = module_path(info.name)
        rows, columns = info.shape
        words = (rows, columns * spec.bits // _WORD_BITS)
        groups = (rows, columns // spec.group_size)
        yield TensorDeclaration(info.name, "U32", words)
        yield TensorDeclaration(
            part_name(module, "scales"), info.dtype if spec.has_bias else "U8", groups
        )
        if spec.has_bias:
            yield TensorDeclaration(part_name(module, "biases"), info.dtype, groups)
        if spec.has_global_scale:
            yield TensorDeclaration(part_name(module, "global_scale"), "F32", ())


def _metadata(
    reader: SafetensorsReader, choices: list[Choice], spec: QuantizationSpec
) -> dict[str, str]:
    # A matrix that looks like one of the others says of itself that it is not.
    kept = {
        module_path(choice.info.name): None
        for choice in choices
        if not choice.quantized
        and choice.info.dtype in FLOAT_CODES
        and choice.info.name.rpartition(".")[2] == "weight"
        and len(choice.info.shape) >= 2
    }
    return {**reader.metadata, **QuantizationTable(spec, kept).to_metadata()}
