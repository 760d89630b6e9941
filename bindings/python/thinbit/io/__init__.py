"""Checkpoints: reading and converting those of other tools, quantizing, comparing.

The base format is MLX's: safetensors files, one or a folder of shards. Needs the packages that
`pip install "thinbit[cli]"` brings: safetensors and ml_dtypes; GGUF files need gguf too.
"""

from __future__ import annotations

try:
    import ml_dtypes as _ml_dtypes  # noqa: F401
    import safetensors as _safetensors  # noqa: F401
except ImportError as _error:
    raise ImportError(
        f'thinbit.io needs the package {_error.name}: pip install "thinbit[cli]"', name=_error.name
    ) from None

from .checkpoint import Checkpoint, save_checkpoint
from .checkpoint_writer import CheckpointWriter
from .comparison import Comparison, Pairing, compare, pair_tensors
from .conversion import ConvertReport, convert
from .errors import CheckpointError, OutputExistsError
from .mlx_layout import QuantizationTable, QuantizedModule
from .open_source import open_source
from .quantize import plan_quantization, quantize_file
from .quantize_report import QuantizeReport, TensorReport
from .rules import Rule, Rules
from .safetensors_files import SafetensorsFiles
from .safetensors_header import TensorInfo
from .safetensors_reader import SafetensorsReader
from .safetensors_writer import SafetensorsWriter, TensorDeclaration, write_safetensors
from .source import Source, SourceTensor
from .specification import QuantizationSpec
from .steps import Step

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "CheckpointWriter",
    "Comparison",
    "ConvertReport",
    "OutputExistsError",
    "Pairing",
    "QuantizationSpec",
    "QuantizationTable",
    "QuantizeReport",
    "QuantizedModule",
    "Rule",
    "Rules",
    "SafetensorsFiles",
    "SafetensorsReader",
    "SafetensorsWriter",
    "Source",
    "SourceTensor",
    "Step",
    "TensorDeclaration",
    "TensorInfo",
    "TensorReport",
    "compare",
    "convert",
    "open_source",
    "pair_tensors",
    "plan_quantization",
    "quantize_file",
    "save_checkpoint",
    "write_safetensors",
]
