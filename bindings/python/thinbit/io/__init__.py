"""Checkpoints: safetensors files, float or quantized in MLX's layout.

Needs the packages that `pip install "thinbit[cli]"` brings: safetensors and ml_dtypes.
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
from .errors import CheckpointError, OutputExistsError
from .mlx_layout import QuantizationTable, QuantizedModule
from .quantize_file import choose, quantize_file
from .quantize_report import Choice, FileReport, TensorReport
from .safetensors_header import TensorInfo
from .safetensors_reader import SafetensorsReader
from .safetensors_writer import SafetensorsWriter, TensorDeclaration, write_safetensors
from .specification import QuantizationSpec

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Choice",
    "FileReport",
    "OutputExistsError",
    "QuantizationSpec",
    "QuantizationTable",
    "QuantizedModule",
    "SafetensorsReader",
    "SafetensorsWriter",
    "TensorDeclaration",
    "TensorInfo",
    "TensorReport",
    "choose",
    "quantize_file",
    "save_checkpoint",
    "write_safetensors",
]
