"""What becomes of each tensor of a source, and the files that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .errors import CheckpointError, quoted
from .mlx_layout import QuantizationTable, module_path, part_name
from .safetensors_writer import TensorDeclaration
from .source import Source, SourceTensor
from .specification import QuantizationSpec

_WORD_BITS = 32


@dataclass(frozen=True, slots=True)
class Step:
    """One tensor, and what it will be: quantized now, or kept for the `reason` given.

    `spec` is what it is in the output, None for an array; `dtype` that of the array or of affine
    scales.
    """

    tensor: SourceTensor
    spec: QuantizationSpec | None
    dtype: str
    reason: str | None

    @classmethod
    def keep(cls, tensor: SourceTensor, reason: str) -> Step:
        """The tensor as its source has it."""
        return cls(tensor, tensor.spec, tensor.dtype, reason)

    @property
    def quantized(self) -> bool:
        """Whether the tensor is quantized now."""
        return self.reason is None

    @property
    def has_global_scale(self) -> bool:
        """Whether a global scale is written for it."""
        if self.quantized:
            return self.spec is not None and self.spec.has_global_scale
        return self.tensor.global_scales > 0

    @property
    def module(self) -> str:
        """The path of the module whose weight it is."""
        return module_path(self.tensor.name)

    def declarations(self) -> list[TensorDeclaration]:
        """The tensors of the output that it becomes."""
        name, shape, spec = self.tensor.name, self.tensor.shape, self.spec
        if spec is None:
            return [TensorDeclaration(name, self.dtype, shape)]
        *leading, columns = shape
        groups = (*leading, columns // spec.group_size)
        words = (*leading, columns * spec.bits // _WORD_BITS)
        scales = self.dtype if spec.has_bias else "U8"
        parts = [
            TensorDeclaration(name, "U32", words),
            TensorDeclaration(part_name(self.module, "scales"), scales, groups),
        ]
        if spec.has_bias:
            parts.append(TensorDeclaration(part_name(self.module, "biases"), scales, groups))
        if self.has_global_scale:
            # Weights of experts keep one for each matrix; what is quantized here gets one.
            several = not self.quantized and self.tensor.global_scales > 1
            count = (self.tensor.global_scales,) if several else ()
            parts.append(TensorDeclaration(part_name(self.module, "global_scale"), "F32", count))
        return parts


def table_of(steps: Iterable[Step]) -> QuantizationTable | None:
    """How the weights are quantized: the most frequent spec, and the modules that differ."""
    steps = list(steps)
    counts = Counter(step.spec for step in steps if step.spec)
    if not counts:
        return None
    ((default, _),) = counts.most_common(1)
    overrides: dict[str, QuantizationSpec | None] = {}
    for step in steps:
        # A float matrix that looks like one of the others says of itself that it is not.
        if (step.spec or step.tensor.is_weight_matrix) and step.spec != default:
            overrides[step.module] = step.spec
    return QuantizationTable(default, overrides)


def output_config(source: Source, table: QuantizationTable | None) -> dict[str, Any]:
    """The config.json of the output."""
    said = table.to_json() if table else None
    extra = {"quantization": said, "quantization_config": said} if said else {}
    return {**source.config, **extra}


def check_names(path: str, steps: Iterable[Step]) -> None:
    """CheckpointError where two tensors of the output would get one name."""
    names: set[str] = set()
    for step in steps:
        for declaration in step.declarations():
            if declaration.name in names:
                raise CheckpointError(
                    path, f"two tensors of the output would be called {quoted(declaration.name)}"
                )
            names.add(declaration.name)
