"""Few-bit weights: quantize, dequantize, and multiply with quantized matrices.

Arrays are anything with `__dlpack__`; results are numpy arrays, or of torch or cupy where the first
operand is. `MODES` is the table of modes.
"""

from importlib.metadata import version as _version

from thinbit._layout_check import check_layout as _check_layout

_check_layout()

from thinbit._context import Context  # noqa: E402
from thinbit._errors import ThinbitError  # noqa: E402
from thinbit._generated.info import Info  # noqa: E402
from thinbit._generated.modes import MODES, Mode, ModeName  # noqa: E402
from thinbit._generated.ops import *  # noqa: E402, F403
from thinbit._generated.ops import __all__ as _ops  # noqa: E402
from thinbit._generated.results import *  # noqa: E402, F403
from thinbit._generated.results import __all__ as _results  # noqa: E402
from thinbit._info import info  # noqa: E402
from thinbit.quantized_tensor import QuantizedTensor  # noqa: E402

__version__ = _version("thinbit")

__all__ = [
    "MODES",
    "Context",
    "Info",
    "Mode",
    "ModeName",
    "QuantizedTensor",
    "ThinbitError",
    "info",
]
__all__ += _ops
__all__ += _results
