"""Opening a checkpoint of any format that is known here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import CheckpointError, quoted
from .formats.compressed_tensors import compressed_tensors
from .formats.gpt_oss import gpt_oss_tensors
from .formats.mlx import mlx_tensors
from .formats.modelopt import MODELOPT_CONFIG, modelopt_tensors
from .regular_file import RegularFile
from .safetensors_files import CONFIG_NAME, INDEX_NAME, SafetensorsFiles
from .source import Source, SourceTensor

_GGUF_MAGIC = b"GGUF"
_QUANTIZATION_KEYS = ("quantization", "quantization_config", "compression_config")
# What is left of other tools' names once those above are known: their bytes are no floats of ours.
_FOREIGN = {
    ".weight_scale_inv": "fp8",
    ".weight_scale": "compressed-tensors",
    ".qweight": "gptq or awq",
    ".absmax": "bitsandbytes",
}


def open_source(
    path: str | os.PathLike[str], *, decode: str | None = None, own_names: bool = False
) -> Source:
    """Open a GGUF file, a safetensors file, or a folder with either config and shards.

    `decode` and `own_names` are for GGUF; see `open_gguf`. Raises CheckpointError for files that
    are not whole and valid, and for formats that have no exact form here; OSError.
    """
    if not os.path.isdir(path) and _starts_with(path, _GGUF_MAGIC):
        try:
            from .formats.gguf import open_gguf
        except ImportError as error:
            if (error.name or "").partition(".")[0] != "gguf":
                raise
            raise CheckpointError(
                path, 'GGUF files need the package gguf: pip install "thinbit[gguf]"'
            ) from None
        return open_gguf(path, decode=decode, own_names=own_names)
    files = SafetensorsFiles(path)
    try:
        name, tensors = _read(files)
    except BaseException:
        files.close()
        raise
    is_folder = os.path.isdir(path)
    return Source(
        path=files.path,
        files=tuple(map(str, files.files)),
        format=name,
        size=files.size,
        tensors=tensors,
        close=files.close,
        metadata={k: v for k, v in files.metadata.items() if k != "quantization"},
        config=_without_quantization(files.config or {}),
        copies=_companions(Path(files.path)) if is_folder else (),
    )


def _read(files: SafetensorsFiles) -> tuple[str, dict[str, SourceTensor]]:
    method, said = quantization_method(files)
    if method == "compressed-tensors":
        return compressed_tensors(files, said)
    if method == "modelopt":
        return "ModelOpt NVFP4", modelopt_tensors(files)
    if method == "mxfp4":
        return "gpt-oss MXFP4", gpt_oss_tensors(files)
    if method is not None:
        raise CheckpointError(files.path, _unknown(method))
    tensors = mlx_tensors(files)
    quantized = any(tensor.spec for tensor in tensors.values())
    return ("MLX" if quantized else "safetensors"), tensors


def is_base_format(path: str | os.PathLike[str]) -> bool:
    """Whether a checkpoint is plain safetensors or in MLX's layout; CheckpointError, OSError."""
    if not os.path.isdir(path) and _starts_with(path, _GGUF_MAGIC):
        return False
    with SafetensorsFiles(path) as files:
        return quantization_method(files)[0] is None


def quantization_method(files: SafetensorsFiles) -> tuple[str | None, Mapping[str, Any]]:
    """Which tool quantized the files, and its settings; None for MLX's layout and for floats."""
    config = files.config or {}
    for key in _QUANTIZATION_KEYS:
        said = config.get(key)
        if isinstance(said, dict) and isinstance(said.get("quant_method"), str):
            return said["quant_method"], said
    if (Path(files.files[0]).parent / MODELOPT_CONFIG).is_file():
        return "modelopt", {}
    # Files on their own: names that only one tool gives.
    for name in files.tensors:
        if name.endswith(".weight_packed"):
            return "compressed-tensors", {}
        if name.endswith(".weight_scale_2"):
            return "modelopt", {}
        if name.endswith("_blocks") and name.removesuffix("_blocks") + "_scales" in files:
            return "mxfp4", {}
    for suffix, method in _FOREIGN.items():
        if any(name.endswith(suffix) for name in files.tensors):
            return method, {}
    return None, {}


def _unknown(method: str) -> str:
    if method == "bitsandbytes":
        return (
            "the file is of bitsandbytes, whose NF4 codes have no exact form in any mode; convert"
            " the float model that it was made from"
        )
    return (
        f"the file was quantized by {quoted(method)}, which cannot be read; GGUF,"
        " compressed-tensors, ModelOpt NVFP4, gpt-oss MXFP4 and MLX can"
    )


def _starts_with(path: str | os.PathLike[str], magic: bytes) -> bool:
    file = RegularFile(path)
    try:
        return file.size >= len(magic) and file.read(0, len(magic)) == magic
    finally:
        file.close()


def _without_quantization(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in _QUANTIZATION_KEYS}


def _companions(folder: Path) -> tuple[Path, ...]:
    """The files of a model's folder that are not its tensors: tokenizer, chat template, licence."""
    left = {CONFIG_NAME, INDEX_NAME, MODELOPT_CONFIG}
    kinds = (".json", ".jinja", ".model", ".txt", ".md")
    return tuple(
        file
        for file in sorted(folder.iterdir())
        if file.is_file()
        and file.name not in left
        and not file.name.startswith(".")
        and (file.suffix in kinds or file.name in ("LICENSE", "NOTICE"))
    )
