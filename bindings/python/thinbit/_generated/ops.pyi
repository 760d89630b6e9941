# generated from codegen/schema/thinbit.yaml: do not edit
from typing import Any, Literal, TypeVar, overload

from numpy.typing import DTypeLike, NDArray

from thinbit._arrays import Array
from thinbit._context import Context
from thinbit._generated.records import QuantizedTensorFields
from thinbit._generated.results import QuantizeResult

_OutT = TypeVar("_OutT", bound=tuple[Any, ...])

__all__ = [
    "quantize",
    "dequantize",
    "quantized_matmul",
    "quantized_addmm",
    "gather_qmm",
    "qqmm",
    "qqaddmm",
    "gather_qqmm",
    "to_fp8",
    "from_fp8",
]

@overload
def quantize(
    w: NDArray[Any],
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[NDArray[Any], NDArray[Any]]: ...

@overload
def quantize(
    w: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[Any, Any]: ...

@overload
def quantize(
    w: NDArray[Any],
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[NDArray[Any], None]: ...

@overload
def quantize(
    w: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[Any, None]: ...

@overload
def quantize(
    w: NDArray[Any],
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[NDArray[Any], None]: ...

@overload
def quantize(
    w: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[Any, None]: ...

@overload
def quantize(
    w: NDArray[Any],
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[NDArray[Any], NDArray[Any] | None]: ...

@overload
def quantize(
    w: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    out: None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> QuantizeResult[Any, Any | None]: ...

@overload
def quantize(
    w: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    out: _OutT,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> _OutT: ...

@overload
def dequantize(
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    *,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def dequantize(
    w: NDArray[Any],
    scales: Array,
    biases: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    dtype: DTypeLike | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def dequantize(
    w: Array,
    scales: Array,
    biases: Array,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def dequantize(
    w: NDArray[Any],
    scales: Array,
    biases: None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    dtype: DTypeLike | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def dequantize(
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def dequantize(
    w: NDArray[Any],
    scales: Array,
    biases: None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    dtype: DTypeLike | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def dequantize(
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def dequantize(
    w: NDArray[Any],
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    dtype: DTypeLike | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def dequantize(
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_matmul(
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    *,
    transpose: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_matmul(
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    *,
    transpose: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_matmul(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: Array,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_matmul(
    x: Array,
    w: Array,
    scales: Array,
    biases: Array,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_matmul(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_matmul(
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_matmul(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_matmul(
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_matmul(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_matmul(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_addmm(
    c: Array,
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    *,
    transpose: bool = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_addmm(
    c: Array,
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    *,
    transpose: bool = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_addmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: Array,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_addmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array,
    biases: Array,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_addmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_addmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_addmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_addmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def quantized_addmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def quantized_addmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qmm(
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qmm(
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qmm(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: Array,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qmm(
    x: Array,
    w: Array,
    scales: Array,
    biases: Array,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["affine"] = ...,
    global_scale: None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qmm(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qmm(
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale: None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qmm(
    x: NDArray[Any],
    w: Array,
    scales: Array,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qmm(
    x: Array,
    w: Array,
    scales: Array,
    biases: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"],
    global_scale: Array | None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    biases: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    transpose: bool = ...,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale: Array | None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqmm(
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    *,
    global_scale_x: Array | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqmm(
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    *,
    global_scale_x: Array | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqaddmm(
    c: Array,
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    *,
    global_scale_x: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqaddmm(
    c: Array,
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    *,
    global_scale_x: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqaddmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqaddmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqaddmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqaddmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def qqaddmm(
    c: Array,
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def qqaddmm(
    c: Array,
    x: Array,
    w: Array,
    scales: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    alpha: float = ...,
    beta: float = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qqmm(
    x: NDArray[Any],
    w: QuantizedTensorFields,
    scales: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    global_scale_x: Array | None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qqmm(
    x: Array,
    w: QuantizedTensorFields,
    scales: None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    global_scale_x: Array | None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["mxfp4", "mxfp8"],
    global_scale_x: None = ...,
    global_scale_w: None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: Literal["nvfp4"] = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def gather_qqmm(
    x: NDArray[Any],
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    sorted_indices: bool = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def gather_qqmm(
    x: Array,
    w: Array,
    scales: Array | None = ...,
    lhs_indices: Array | None = ...,
    rhs_indices: Array | None = ...,
    *,
    group_size: int | None = ...,
    bits: int | None = ...,
    mode: str = ...,
    global_scale_x: Array | None = ...,
    global_scale_w: Array | None = ...,
    sorted_indices: bool = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def to_fp8(
    x: NDArray[Any],
    *,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def to_fp8(
    x: Array,
    *,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...

@overload
def from_fp8(
    x: NDArray[Any],
    *,
    dtype: DTypeLike | None = ...,
    out: NDArray[Any] | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> NDArray[Any]: ...

@overload
def from_fp8(
    x: Array,
    *,
    dtype: DTypeLike | None = ...,
    out: Array | None = ...,
    device: str | None = ...,
    stream: int | None = ...,
    context: Context | None = ...,
) -> Any: ...
