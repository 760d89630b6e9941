# generated from codegen/schema/thinbit.yaml: do not edit
"""The functions of the C shim with the names of what they take."""

from __future__ import annotations

from typing import Final

from thinbit._call import Operation
from thinbit._generated.results import QuantizeResult
from thinbit._native import lib

QUANTIZE: Final = Operation(
    name="quantize",
    function=lib.thinbit_python_quantize,
    inputs=("w", "global_scale"),
    outputs=("wq", "scales", "biases"),
    primary=0,
    result=QuantizeResult,
)
DEQUANTIZE: Final = Operation(
    name="dequantize",
    function=lib.thinbit_python_dequantize,
    inputs=("w", "scales", "biases", "global_scale"),
    outputs=("out",),
    primary=0,
    result=None,
)
QUANTIZED_MATMUL: Final = Operation(
    name="quantized_matmul",
    function=lib.thinbit_python_quantized_matmul,
    inputs=("x", "w", "scales", "biases", "global_scale"),
    outputs=("out",),
    primary=0,
    result=None,
)
QUANTIZED_ADDMM: Final = Operation(
    name="quantized_addmm",
    function=lib.thinbit_python_quantized_addmm,
    inputs=("c", "x", "w", "scales", "biases", "global_scale"),
    outputs=("out",),
    primary=1,
    result=None,
)
GATHER_QMM: Final = Operation(
    name="gather_qmm",
    function=lib.thinbit_python_gather_qmm,
    inputs=("x", "w", "scales", "biases", "lhs_indices", "rhs_indices", "global_scale"),
    outputs=("out",),
    primary=0,
    result=None,
)
QQMM: Final = Operation(
    name="qqmm",
    function=lib.thinbit_python_qqmm,
    inputs=("x", "w", "scales", "global_scale_x", "global_scale_w"),
    outputs=("out",),
    primary=0,
    result=None,
)
QQADDMM: Final = Operation(
    name="qqaddmm",
    function=lib.thinbit_python_qqaddmm,
    inputs=("c", "x", "w", "scales", "global_scale_x", "global_scale_w"),
    outputs=("out",),
    primary=1,
    result=None,
)
GATHER_QQMM: Final = Operation(
    name="gather_qqmm",
    function=lib.thinbit_python_gather_qqmm,
    inputs=("x", "w", "scales", "lhs_indices", "rhs_indices", "global_scale_x", "global_scale_w"),
    outputs=("out",),
    primary=0,
    result=None,
)
TO_FP8: Final = Operation(
    name="to_fp8",
    function=lib.thinbit_python_to_fp8,
    inputs=("x",),
    outputs=("out",),
    primary=0,
    result=None,
)
FROM_FP8: Final = Operation(
    name="from_fp8",
    function=lib.thinbit_python_from_fp8,
    inputs=("x",),
    outputs=("out",),
    primary=0,
    result=None,
)
