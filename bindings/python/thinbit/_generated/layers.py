# generated from codegen/schema/thinbit.yaml: do not edit
"""The layers of the schema."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from thinbit._arrays import Array
from thinbit._generated import ops
from thinbit.nn.derived_values import global_scale_beside, rows_of
from thinbit.nn.float_products import float_linear, float_rows
from thinbit.nn.layer import Field, Layer
from thinbit.quantized_tensor import QuantizedTensor

__all__ = [
    "Linear",
    "Embedding",
    "QuantizedLinear",
    "QuantizedEmbedding",
    "QQLinear",
]


class Linear(Layer):
    """A linear layer with a float weight: x @ weight^T + bias.

    Attributes:
        weight: The weight. [output_dims, input_dims]; float32, float16 or bfloat16.
        bias: What is added to every row of the result. [output_dims]; float32, float16 or
            bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "tensor", ("output_dims", "input_dims"), ("float32", "float16", "bfloat16"), (), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = True
    weight: Any
    bias: Any | None

    def __init__(self, weight: Array, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """x @ weight^T + bias, summed in float32 and rounded once to the dtype of x.

        Args:
            x: The activations. [X..., input_dims]; float32, float16 or bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return float_linear(x, self.weight, self.bias)

    def to_quantized(
        self,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
        quantize_input: bool = False,
    ) -> QuantizedLinear | QQLinear:
        """The same layer with a quantized weight; this one stays as it is.

        Args:
            group_size: Elements that share a scale; the mode's default when not given.
            bits: Bits for each element; the mode's default when not given.
            mode: How values are encoded.
            quantize_input: Whether the layer quantizes its input too: QQLinear.

        Raises:
            ThinbitError: as `QuantizedTensor.quantize`; or the layer lacks the mode.
        """
        weight = QuantizedTensor.quantize(
            self.weight, group_size=group_size, bits=bits, mode=mode
        )
        if quantize_input:
            return QQLinear(weight=weight, bias=self.bias)
        return QuantizedLinear(weight=weight, bias=self.bias)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("input_dims", self.input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
        )


class Embedding(Layer):
    """A table of float rows, which indices pick.

    Attributes:
        weight: One row for each index. [num_embeddings, dims]; float32, float16 or
            bfloat16.
    """

    FIELDS = (
        Field("weight", "tensor", ("num_embeddings", "dims"), ("float32", "float16", "bfloat16"), (), False),
    )
    QUANTIZES_INPUT = False
    weight: Any

    def __init__(self, weight: Array) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight)

    @property
    def num_embeddings(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, indices: Array) -> Any:
        """The rows that the indices pick.

        Args:
            indices: Row numbers from 0. [I..., n]; int32, uint32 or int64.

        Returns:
            [I..., n, dims], of the dtype of the weight.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return float_rows(self.weight, indices)

    def as_linear(self, x: Array) -> Any:
        """x @ weight^T, as the output layer of a model whose embeddings are tied has it.

        Args:
            x: The activations. [X..., dims]; float32, float16 or bfloat16.

        Returns:
            [X..., num_embeddings], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return float_linear(x, self.weight, None)

    def to_quantized(
        self,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> QuantizedEmbedding:
        """The same layer with a quantized weight; this one stays as it is.

        Args:
            group_size: Elements that share a scale; the mode's default when not given.
            bits: Bits for each element; the mode's default when not given.
            mode: How values are encoded.

        Raises:
            ThinbitError: as `QuantizedTensor.quantize`; or the layer lacks the mode.
        """
        weight = QuantizedTensor.quantize(
            self.weight, group_size=group_size, bits=bits, mode=mode
        )
        return QuantizedEmbedding(weight=weight, dtype=self.weight.dtype)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("num_embeddings", self.num_embeddings),
            ("dims", self.dims),
        )


class QuantizedLinear(Layer):
    """A linear layer with a quantized weight: x @ weight^T + bias.

    Attributes:
        weight: The quantized weight. [output_dims, input_dims].
        bias: What is added to every row of the result. [output_dims]; float32, float16 or
            bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("output_dims", "input_dims"), (), ("affine", "mxfp4", "mxfp8", "nvfp4"), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """x @ weight^T + bias, the bias added before the one rounding to the dtype of x.

        Args:
            x: The activations. [X..., input_dims]; float32, float16 or bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        if self.bias is not None:
            return ops.quantized_addmm(
                self.bias,
                x,
                self.weight,
                transpose=True,
                alpha=1.0,
                beta=1.0,
            )
        return ops.quantized_matmul(x, self.weight, transpose=True)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("input_dims", self.input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
        )


class QuantizedEmbedding(Layer):
    """A table of quantized rows, which indices pick.

    Attributes:
        weight: One row for each index. [num_embeddings, dims].
        dtype: The dtype of the rows: that of the scales for affine, float32 for the other
            modes, when not given. float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("num_embeddings", "dims"), (), ("affine", "mxfp4", "mxfp8", "nvfp4"), False),
        Field("dtype", "dtype", (), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    dtype: str | None

    def __init__(self, weight: QuantizedTensor, dtype: npt.DTypeLike | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, dtype=dtype)

    @property
    def num_embeddings(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, indices: Array) -> Any:
        """The values of the rows that the indices pick; no other row is read.

        Args:
            indices: Row numbers from 0. [I..., n]; int32, uint32 or int64.

        Returns:
            [I..., n, dims], of the layer's dtype.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        rows = rows_of(self.weight, indices)
        return ops.dequantize(rows, dtype=self.dtype)

    def as_linear(self, x: Array) -> Any:
        """x @ weight^T, as the output layer of a model whose embeddings are tied has it.

        Args:
            x: The activations. [X..., dims]; float32, float16 or bfloat16.

        Returns:
            [X..., num_embeddings], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return ops.quantized_matmul(x, self.weight, transpose=True)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("num_embeddings", self.num_embeddings),
            ("dims", self.dims),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
        )


class QQLinear(Layer):
    """A linear layer that quantizes its input too, row by row, in the mode of its weight.

    Where the weight has a global scale, that of the input is the largest magnitude of x, found
    in every call: then the rows of one call share it.

    Attributes:
        weight: The quantized weight. [output_dims, input_dims].
        bias: What is added to every row of the result. [output_dims]; float32, float16 or
            bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("output_dims", "input_dims"), (), ("mxfp4", "mxfp8", "nvfp4"), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """Quantizes x, multiplies, and adds the bias before the one rounding to the dtype of x.

        Args:
            x: The activations. [X..., input_dims]; float32, float16 or bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        global_scale_x = global_scale_beside(self.weight, x)
        if self.bias is not None:
            return ops.qqaddmm(
                self.bias,
                x,
                self.weight,
                global_scale_x=global_scale_x,
                alpha=1.0,
                beta=1.0,
            )
        return ops.qqmm(x, self.weight, global_scale_x=global_scale_x)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("input_dims", self.input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
        )
