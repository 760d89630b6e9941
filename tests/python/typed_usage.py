"""Code of a user who runs mypy --strict: each comment is what mypy says about its line."""

from typing import Any, reveal_type

import numpy as np
from numpy.typing import NDArray

import thinbit

w: NDArray[np.float32] = np.zeros((8, 128), np.float32)
x: NDArray[np.float32] = np.zeros((3, 128), np.float32)
mode_name: str = "affine"
tensor: Any = None

affine = thinbit.quantize(w)
reveal_type(affine.biases)  # NDArray[Any]
reveal_type(thinbit.quantize(w, mode="affine", bits=8).biases)  # NDArray[Any]
reveal_type(thinbit.quantize(w, mode="mxfp4").biases)  # None
reveal_type(thinbit.quantize(w, mode="nvfp4", global_scale=x).biases)  # None
reveal_type(thinbit.quantize(w, mode=mode_name).biases)  # NDArray[Any] | None
reveal_type(thinbit.quantize(w).wq)  # NDArray[Any]

out = (affine.wq, affine.scales, affine.biases)
reveal_type(thinbit.quantize(w, out=out)[2])  # NDArray[Any]

packed: NDArray[np.uint32] = affine.wq
scales: NDArray[np.float32] = affine.scales
product = thinbit.quantized_matmul(x, packed, scales, scales)
reveal_type(product)  # NDArray[Any]
q = thinbit.QuantizedTensor.quantize(w, mode="mxfp4")
reveal_type(q)  # thinbit.quantized_tensor.QuantizedTensor
reveal_type(thinbit.quantized_matmul(x, q))  # NDArray[Any]
reveal_type(thinbit.quantized_matmul(tensor, q))  # Any
reveal_type(thinbit.to_fp8(x))  # NDArray[Any]
reveal_type(thinbit.MODES["affine"].bits)  # tuple[int, ...]

thinbit.quantized_matmul(x, q, group_size=32)  # error: call-overload
thinbit.quantize([1.0])  # error: call-overload
thinbit.quantize(w, 64)  # error: call-overload
