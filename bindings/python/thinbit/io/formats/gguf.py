"""GGUF, the format of llama.cpp: a file, read as a checkpoint of the base format."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES
from gguf.constants import GGMLQuantizationType as Type
from gguf.quants import dequantize

from thinbit import QuantizedTensor
from thinbit._generated import file_texts
from thinbit.io.errors import CheckpointError, quoted
from thinbit.io.global_scale import from_factor, is_legal, rounding, with_global_scale
from thinbit.io.safetensors_header import NUMPY_DTYPES
from thinbit.io.source import Source, SourceTensor

from .gguf_blocks import BLOCK_FORMATS
from .gguf_header import GgufTensor
from .gguf_llama import llama_model
from .gguf_reader import GgufReader
from .gguf_tokenizer import tokenizer_files

_PLAIN = {
    Type.F32: "F32",
    Type.F16: "F16",
    Type.BF16: "BF16",
    Type.F64: "F64",
    Type.I8: "I8",
    Type.I16: "I16",
    Type.I32: "I32",
    Type.I64: "I64",
}


def open_gguf(
    path: str | os.PathLike[str], *, decode: str | None = None, own_names: bool = False
) -> Source:
    """Open a GGUF file.

    Types without an exact form in the base format (the K-quants with groups of 16, the IQ types)
    become floats of the dtype `decode`, `F32`, `F16` or `BF16`; without it they are an error.
    Where the architecture is llama the tensors get the names, the order of rows and the config of
    Hugging Face's Llama, unless `own_names` asks for those of the file.

    Raises CheckpointError for a file that is not whole and valid or cannot be converted.
    """
    reader = GgufReader(path)
    try:
        return _source(reader, decode, own_names)
    except BaseException:
        reader.close()
        raise


def _source(reader: GgufReader, decode: str | None, own_names: bool) -> Source:
    parts = reader.field("split.count", int)
    if parts is not None and parts > 1:
        raise CheckpointError(
            reader.path, f"this is one of {parts} parts; join them (llama-gguf-split --merge) first"
        )
    architecture = reader.field("general.architecture", str)
    model = None if own_names or architecture != "llama" else llama_model(reader)
    files, notes = tokenizer_files(reader)
    tensors: dict[str, SourceTensor] = {}
    factors = _nvfp4_factors(reader)
    for info in reader.tensors.values():
        if info.name in factors.values():
            continue
        tensor = _tensor(reader, info, factors.get(info.name), decode)
        tensor = model.adapt(tensor) if model else tensor
        if tensor.name in tensors:
            problem = file_texts.two_of_a_name(name=quoted(tensor.name))
            raise CheckpointError(reader.path, problem)
        tensors[tensor.name] = tensor
    if not model and architecture != "llama":
        notes = (
            *notes,
            f"the architecture {quoted(architecture)} is not known here: tensors keep their GGUF"
            " names, and config.json says only how they are quantized",
        )
    return Source(
        path=reader.path,
        files=(reader.path,),
        format="GGUF",
        size=reader.size,
        tensors=tensors,
        close=reader.close,
        config=model.config if model else {},
        texts=files,
        notes=notes,
    )


def _nvfp4_factors(reader: GgufReader) -> dict[str, str]:
    """The names of NVFP4 weights and of their `X.scale`, the factor for the whole tensor."""
    return {
        name: scale
        for name, info in reader.tensors.items()
        if info.type == Type.NVFP4
        and (scale := name.removesuffix(".weight") + ".scale") in reader.tensors
    }


def _tensor(
    reader: GgufReader, info: GgufTensor, factor: str | None, decode: str | None
) -> SourceTensor:
    if info.type in _PLAIN:
        code = _PLAIN[info.type]
        return SourceTensor(
            name=info.name,
            stored_as=code,
            dtype=code,
            shape=info.shape,
            nbytes=info.nbytes,
            read=lambda: reader.data(info.name).view(NUMPY_DTYPES[code]).reshape(info.shape),
            chunks=lambda: reader.chunks(info.name),
        )
    known = BLOCK_FORMATS.get(info.type)
    is_weight = info.name.rpartition(".")[2] == "weight" and len(info.shape) >= 2
    if known is None or not is_weight:
        return _decoded(reader, info, decode, known is None)
    scale = _factor(reader, factor, info) if factor else None
    return SourceTensor(
        name=info.name,
        stored_as=info.type.name,
        dtype=known.scale_dtype,
        shape=info.shape,
        nbytes=info.nbytes,
        spec=known.spec,
        loss=None if scale is None else rounding(scale),
        read=_reader_of_blocks(reader, info, scale),
        global_scales=0 if scale is None else scale.size,
    )


def _reader_of_blocks(
    reader: GgufReader, info: GgufTensor, factor: npt.NDArray[np.float32] | None
) -> Callable[[], QuantizedTensor]:
    known = BLOCK_FORMATS[info.type]

    def read() -> QuantizedTensor:
        block, block_bytes = GGML_QUANT_SIZES[info.type]
        shape = (*info.shape[:-1], info.shape[-1] // block, block_bytes)
        try:
            # Scales that are infinite or no numbers stay what they are.
            with np.errstate(over="ignore", invalid="ignore"):
                tensor = known.convert(reader.data(info.name).reshape(shape))
        except ValueError as error:
            raise CheckpointError(reader.path, f"tensor {quoted(info.name)}: {error}") from None
        return tensor if factor is None else with_global_scale(tensor, from_factor(factor))

    return read


def _factor(reader: GgufReader, name: str, weight: GgufTensor) -> npt.NDArray[np.float32]:
    info = reader.tensors[name]
    matrices = math.prod(weight.shape[:-2])
    if info.type != Type.F32 or info.elements not in (1, matrices):
        raise CheckpointError(
            reader.path,
            f"tensor {quoted(name)} is {info.type.name} {list(info.shape)}; the factor of an NVFP4"
            " weight is one F32, or one for each matrix",
        )
    factor = reader.data(name).view("<f4").astype(np.float32)
    if not is_legal(factor):
        raise CheckpointError(
            reader.path, f"tensor {quoted(name)} is {factor}; it must be positive and finite"
        )
    return factor


def _decoded(
    reader: GgufReader, info: GgufTensor, decode: str | None, unknown_type: bool
) -> SourceTensor:
    """A tensor that has no exact form here, for its type or its name and shape, as floats."""
    if decode is None:
        why = "which has no exact form in the base format"
        if not unknown_type:
            why = f"of shape {list(info.shape)}; only an X.weight of two axes or more can stay so"
        raise CheckpointError(
            reader.path,
            f"tensor {quoted(info.name)} is {info.type.name}, {why}; `thinbit convert --decode"
            " bfloat16` makes floats of such tensors, which `thinbit quantize` can quantize again",
        )
    dtype = NUMPY_DTYPES[decode]

    def read() -> npt.NDArray[Any]:
        if info.elements == 0:
            return np.zeros(info.shape, dtype)
        block, block_bytes = GGML_QUANT_SIZES[info.type]
        rows = reader.data(info.name).reshape(-1, info.shape[-1] // block * block_bytes)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                values: npt.NDArray[np.float32] = dequantize(rows, info.type)
        except NotImplementedError:
            raise CheckpointError(
                reader.path,
                f"tensor {quoted(info.name)} is {info.type.name}, which the gguf package cannot"
                " decode",
            ) from None
        return values.reshape(info.shape).astype(dtype)

    return SourceTensor(
        name=info.name,
        stored_as=info.type.name,
        dtype=decode,
        shape=info.shape,
        nbytes=info.nbytes,
        read=read,
        loss=f"{info.type.name} was decoded to {decode}",
    )
