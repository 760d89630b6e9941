"""A NumPy model of thinbit's numerical contract, independent of the library and of its schema.

It is written for reading, not for speed: every formula of the contract stands here once, in plain
arrays, and the library's backends are compared with it. Nothing here uses a BLAS, a random stream
that numpy may change, or a transcendental function, so a stored vector is the same everywhere.
"""

from .bounds import bound, qq_bound, rms_bound
from .dequantize import dequantize, real_weights
from .formats import from_fp8, round_float32, to_float32, to_fp8
from .gather import gather_qmm, gather_qqmm
from .matmul import qqaddmm, qqmm, quantized_addmm, quantized_matmul
from .modes import ALL_SETTINGS, MODES, Mode, Settings, resolve
from .packing import pack, unpack
from .quantize import NonFinite, quantize, quantized_elements

__all__ = [
    "ALL_SETTINGS",
    "MODES",
    "Mode",
    "NonFinite",
    "Settings",
    "bound",
    "dequantize",
    "from_fp8",
    "gather_qmm",
    "gather_qqmm",
    "pack",
    "qq_bound",
    "qqaddmm",
    "qqmm",
    "quantize",
    "quantized_addmm",
    "quantized_elements",
    "quantized_matmul",
    "real_weights",
    "resolve",
    "rms_bound",
    "round_float32",
    "to_float32",
    "to_fp8",
    "unpack",
]
