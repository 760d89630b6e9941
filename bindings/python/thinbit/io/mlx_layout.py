"""MLX's layout of a quantized checkpoint, and the metadata that makes one file self-describing.

The weight `X.weight` becomes `X.weight` (U32), `X.scales`, `X.biases` in modes that have biases,
and `X.global_scale` (F32) in modes that have one. The metadata is `format: mlx`, and under
`quantization` the JSON object that MLX puts in config.json: `{"group_size", "bits", "mode"}` for
all, and under a module's path its own object, or false where that module is not quantized.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from thinbit import QuantizedTensor
from thinbit._generated import file_texts
from thinbit._generated.modes import MODES

from .errors import CheckpointError, described, quoted
from .json_text import parse_json
from .safetensors_header import TensorInfo
from .specification import QuantizationSpec

FLOAT_CODES = ("F32", "F16", "BF16")
PARTS = ("weight", "scales", "biases", "global_scale")
_WORD_BITS = 32


@dataclass(frozen=True, slots=True)
class QuantizationTable:
    """What a file or its config says: the spec for all modules, and those that differ.

    `overrides` maps a module's path to its own spec, or to None where it is not quantized.
    """

    default: QuantizationSpec
    overrides: Mapping[str, QuantizationSpec | None]

    def of(self, module: str) -> QuantizationSpec | None:
        """The spec of a module, None where it is said not to be quantized."""
        return self.overrides.get(module, self.default)

    def to_metadata(self) -> dict[str, str]:
        """The metadata of a safetensors file."""
        return {"format": "mlx", "quantization": json.dumps(self.to_json())}

    def to_json(self) -> dict[str, Any]:
        """The object that MLX's config files hold."""
        value: dict[str, Any] = self.default.to_json()
        for path, spec in self.overrides.items():
            value[path] = spec.to_json() if spec else False
        return value

    @classmethod
    def from_json(cls, value: Any) -> QuantizationTable:
        """Read the object of a config file; ValueError says what is wrong with it."""
        default = QuantizationSpec.from_json(value)
        found: dict[str, QuantizationSpec | None] = {}
        # Of several faults every language finds the same first.
        for path, own in sorted(value.items(), key=lambda item: item[0]):
            if own is False:
                found[path] = None
            elif isinstance(own, dict):
                found[path] = QuantizationSpec.from_json(own)
        return cls(default, {path: found[path] for path in value if path in found})


@dataclass(frozen=True, slots=True)
class QuantizedModule:
    """The tensors that together are one quantized weight, and how they are to be read.

    `spec` is None where nothing says it and the shapes leave a choice, which is `candidates`.
    """

    path: str
    parts: Mapping[str, TensorInfo]
    spec: QuantizationSpec | None
    candidates: tuple[QuantizationSpec, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all parts."""
        return sum(part.nbytes for part in self.parts.values())

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of the weight that was quantized; None where the spec is not known."""
        if self.spec is None:
            return None
        packed = self.parts["weight"].shape
        return (*packed[:-1], packed[-1] * _WORD_BITS // self.spec.bits)

    @property
    def bits_per_weight(self) -> float | None:
        """Bits that one weight takes, scales and biases included; None without a spec."""
        elements = math.prod(self.shape or (0,))
        return self.nbytes * 8 / elements if elements else None

    def open_choice(self) -> str:
        """What to say to someone who asks for the weight where the spec is None."""
        choices = " or ".join(str(spec) for spec in self.candidates)
        return file_texts.module_open(name=quoted(self.path), choices=choices)


def module_path(weight: str) -> str:
    """`a.b.weight` belongs to the module `a.b`, and `weight` to the whole model, ``."""
    return weight.removesuffix("weight").removesuffix(".")


def part_name(module: str, part: str) -> str:
    """The tensor's name of a part of a module."""
    return f"{module}.{part}" if module else part


def quantized_parts(module: str, weight: QuantizedTensor) -> dict[str, npt.NDArray[Any]]:
    """The tensors that store a quantized weight, by name."""
    parts = {
        "weight": weight.packed,
        "scales": weight.scales,
        "biases": weight.biases,
        "global_scale": weight.global_scale,
    }
    return {part_name(module, part): array for part, array in parts.items() if array is not None}


def find_table(
    path: str, metadata: Mapping[str, str], config: Mapping[str, Any] | None
) -> QuantizationTable | None:
    """What the metadata of the files says, else their config.json, else None.

    Raises CheckpointError where either says something that cannot be.
    """
    if "quantization" in metadata:
        text = metadata["quantization"].encode("utf-8")
        try:
            return QuantizationTable.from_json(parse_json(text, "the text"))
        except ValueError as error:
            problem = file_texts.metadata_quantization(problem=str(error))
            raise CheckpointError(path, problem) from None
    config = config or {}
    said = config.get("quantization", config.get("quantization_config"))
    # Other libraries keep settings of their own formats under the same key.
    if not isinstance(said, dict) or "group_size" not in said or "bits" not in said:
        return None
    try:
        return QuantizationTable.from_json(said)
    except ValueError as error:
        problem = file_texts.config_quantization(problem=str(error))
        raise CheckpointError(path, problem) from None


def find_modules(
    path: str, tensors: Mapping[str, TensorInfo], table: QuantizationTable | None
) -> dict[str, QuantizedModule]:
    """The quantized weights of a file by module path, in the file's order.

    Raises CheckpointError where parts are missing or do not fit each other or what is said.
    """
    modules: dict[str, QuantizedModule] = {}
    for name, info in tensors.items():
        if info.dtype != "U32" or name.rpartition(".")[2] != "weight":
            continue
        module = module_path(name)
        if part_name(module, "scales") not in tensors:
            continue
        parts = {
            part: tensors[part_name(module, part)]
            for part in PARTS
            if part_name(module, part) in tensors
        }
        try:
            modules[module] = _module(module, parts, table)
        except ValueError as error:
            problem = file_texts.module(name=quoted(module), problem=str(error))
            raise CheckpointError(path, problem) from None
    return modules


def infer_specs(weight: TensorInfo, scales: TensorInfo) -> tuple[QuantizationSpec, ...]:
    """Every spec that a packed weight and its scales can have, by dtype and shape.

    Scales of bytes leave one at most: 32 * words / groups is bits * group_size, which is 64 for
    nvfp4, 128 for mxfp4 and 256 for mxfp8. Float scales are affine, where 4 bits in groups of 64
    and 8 bits in groups of 32, say, look the same.
    """
    if not weight.shape or weight.shape[:-1] != scales.shape[:-1] or not scales.shape[-1:]:
        return ()
    words, groups = weight.shape[-1], scales.shape[-1]
    affine = scales.dtype in FLOAT_CODES
    if not affine and scales.dtype != "U8":
        return ()
    return tuple(
        QuantizationSpec(mode.name, bits, group_size)
        for mode in MODES.values()
        if mode.has_bias == affine
        for bits in mode.bits
        for group_size in mode.group_sizes
        if words * _WORD_BITS == groups * bits * group_size
    )


def _module(
    module: str, parts: Mapping[str, TensorInfo], table: QuantizationTable | None
) -> QuantizedModule:
    weight, scales = parts["weight"], parts["scales"]
    candidates = infer_specs(weight, scales)
    found = {
        "weight": describe_shape(weight),
        "dtype": scales.dtype,
        "scales": describe_shape(scales),
    }
    if not candidates:
        raise ValueError(file_texts.module_no_mode(**found))
    said = table.of(module) if table else None
    if said is not None and said not in candidates:
        raise ValueError(file_texts.module_not_said(spec=said, **found))
    spec = said or (candidates[0] if len(candidates) == 1 else None)
    _check_biases(candidates[0], parts)
    _check_global_scale(candidates[0], parts)
    return QuantizedModule(module, parts, spec, candidates)


def describe_shape(info: TensorInfo) -> str:
    """A tensor's shape, for a message."""
    return described(list(info.shape))


def _check_biases(spec: QuantizationSpec, parts: Mapping[str, TensorInfo]) -> None:
    scales, biases = parts["scales"], parts.get("biases")
    if spec.has_bias and biases is None:
        raise ValueError(file_texts.module_needs_biases(mode=spec.mode))
    if biases is None:
        return
    if not spec.has_bias:
        raise ValueError(file_texts.module_has_biases(mode=spec.mode))
    if (biases.dtype, biases.shape) != (scales.dtype, scales.shape):
        raise ValueError(
            file_texts.module_biases(
                biases_dtype=biases.dtype,
                biases=describe_shape(biases),
                dtype=scales.dtype,
                scales=describe_shape(scales),
            )
        )


def _check_global_scale(spec: QuantizationSpec, parts: Mapping[str, TensorInfo]) -> None:
    found = parts.get("global_scale")
    if found is None:
        return
    if not spec.has_global_scale:
        raise ValueError(file_texts.module_has_global_scale(mode=spec.mode))
    experts = math.prod(parts["weight"].shape[:-2])
    if found.dtype != "F32" or found.elements not in (1, experts):
        shape = describe_shape(found)
        raise ValueError(file_texts.module_global_scale(dtype=found.dtype, shape=shape))
