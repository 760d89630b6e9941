# generated from codegen/schema/thinbit.yaml: do not edit
"""The layers of the schema."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy.typing as npt

from thinbit._arrays import Array
from thinbit._generated import ops
from thinbit.distributed import Group
from thinbit.nn.cut import Cut
from thinbit.nn.derived_values import global_scale_beside, rows_of, sum_over
from thinbit.nn.float_products import float_linear, float_rows
from thinbit.nn.layer import Field, Layer
from thinbit.quantized_tensor import QuantizedTensor

__all__ = [
    "Sharding",
    "Linear",
    "Embedding",
    "QuantizedLinear",
    "QuantizedEmbedding",
    "QQLinear",
    "AllToShardedLinear",
    "ShardedToAllLinear",
    "QuantizedAllToShardedLinear",
    "QuantizedShardedToAllLinear",
    "QQAllToShardedLinear",
    "QQShardedToAllLinear",
]

Sharding = Literal["all-to-sharded", "sharded-to-all"]
"""How a layer is cut into one for each rank."""

SHARDINGS = get_args(Sharding)
"""Every way."""


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

    def to_sharded(
        self, sharding: Sharding, segments: int = 1, group: Group | None = None
    ) -> AllToShardedLinear | ShardedToAllLinear:
        """This rank's part of the layer; this one stays as it is.

        Args:
            sharding: How it is cut.
            segments: How many parts along the cut axis are projections of their own, such as the 3
                of a fused query, key and value: each of them is cut.
            group: The ranks; all of the job when not given.

        Raises:
            ThinbitError: the layer cannot be cut evenly.
        """
        cut = Cut(sharding, SHARDINGS, segments, group)
        if sharding == "all-to-sharded":
            return AllToShardedLinear(
                weight=cut.rows("weight", self.weight),
                group=cut.group,
                bias=cut.rows("bias", self.bias),
            )
        return ShardedToAllLinear(
            weight=cut.columns("weight", self.weight),
            group=cut.group,
            bias=self.bias,
        )

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

    def to_sharded(
        self, sharding: Sharding, segments: int = 1, group: Group | None = None
    ) -> QuantizedAllToShardedLinear | QuantizedShardedToAllLinear:
        """This rank's part of the layer; this one stays as it is.

        Args:
            sharding: How it is cut.
            segments: How many parts along the cut axis are projections of their own, such as the 3
                of a fused query, key and value: each of them is cut.
            group: The ranks; all of the job when not given.

        Raises:
            ThinbitError: the layer cannot be cut evenly.
        """
        cut = Cut(sharding, SHARDINGS, segments, group)
        if sharding == "all-to-sharded":
            return QuantizedAllToShardedLinear(
                weight=cut.rows("weight", self.weight),
                group=cut.group,
                bias=cut.rows("bias", self.bias),
            )
        return QuantizedShardedToAllLinear(
            weight=cut.columns("weight", self.weight),
            group=cut.group,
            bias=self.bias,
        )

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
        global_scale_x = global_scale_beside(self.weight, x, over=None)
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

    def to_sharded(
        self, sharding: Sharding, segments: int = 1, group: Group | None = None
    ) -> QQAllToShardedLinear | QQShardedToAllLinear:
        """This rank's part of the layer; this one stays as it is.

        Args:
            sharding: How it is cut.
            segments: How many parts along the cut axis are projections of their own, such as the 3
                of a fused query, key and value: each of them is cut.
            group: The ranks; all of the job when not given.

        Raises:
            ThinbitError: the layer cannot be cut evenly.
        """
        cut = Cut(sharding, SHARDINGS, segments, group)
        if sharding == "all-to-sharded":
            return QQAllToShardedLinear(
                weight=cut.rows("weight", self.weight),
                group=cut.group,
                bias=cut.rows("bias", self.bias),
            )
        return QQShardedToAllLinear(
            weight=cut.columns("weight", self.weight),
            group=cut.group,
            bias=self.bias,
        )

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


class AllToShardedLinear(Layer):
    """This rank's part of the output of a linear layer, with a float weight.

    Attributes:
        weight: The rows of the weight that this rank has. [rank_output_dims, input_dims];
            float32, float16 or bfloat16.
        group: The ranks among which the layer was cut.
        bias: This rank's part of what is added to every row of the result.
            [rank_output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "tensor", ("rank_output_dims", "input_dims"), ("float32", "float16", "bfloat16"), (), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("rank_output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: Any
    group: Group
    bias: Any | None

    def __init__(self, weight: Array, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def rank_output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """This rank's part of x @ weight^T + bias; nothing is exchanged.

        Args:
            x: The activations, the same on every rank. [X..., input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., rank_output_dims], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return float_linear(x, self.weight, self.bias)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("input_dims", self.input_dims),
            ("rank_output_dims", self.rank_output_dims),
            ("bias", self.bias is not None),
            ("group", self.group),
        )


class ShardedToAllLinear(Layer):
    """A linear layer of which each rank has a part of the input, and all have the whole output,
    with a float weight.

    Attributes:
        weight: The columns of the weight that this rank has. [output_dims,
            rank_input_dims]; float32, float16 or bfloat16.
        group: The ranks among which the layer was cut.
        bias: What is added to every row of the result, once; the same on every rank.
            [output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "tensor", ("output_dims", "rank_input_dims"), ("float32", "float16", "bfloat16"), (), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: Any
    group: Group
    bias: Any | None

    def __init__(self, weight: Array, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def rank_input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """The sum over all ranks of x @ weight^T, and the bias added to it once; every rank has to
        call it.

        Args:
            x: This rank's part of the activations. [X..., rank_input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x, the same on every rank.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return sum_over(self.group, float_linear(x, self.weight, None), self.bias)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("rank_input_dims", self.rank_input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
            ("group", self.group),
        )


class QuantizedAllToShardedLinear(Layer):
    """This rank's part of the output of a linear layer, with a quantized weight.

    Attributes:
        weight: The rows of the weight that this rank has. [rank_output_dims, input_dims].
        group: The ranks among which the layer was cut.
        bias: This rank's part of what is added to every row of the result.
            [rank_output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("rank_output_dims", "input_dims"), (), ("affine", "mxfp4", "mxfp8", "nvfp4"), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("rank_output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    group: Group
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def rank_output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """This rank's part of x @ weight^T + bias; nothing is exchanged.

        Args:
            x: The activations, the same on every rank. [X..., input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., rank_output_dims], of the dtype of x.

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
            ("rank_output_dims", self.rank_output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
            ("group", self.group),
        )


class QuantizedShardedToAllLinear(Layer):
    """A linear layer of which each rank has a part of the input, and all have the whole output,
    with a quantized weight.

    Attributes:
        weight: The columns of the weight that this rank has. [output_dims,
            rank_input_dims].
        group: The ranks among which the layer was cut.
        bias: What is added to every row of the result, once; the same on every rank.
            [output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("output_dims", "rank_input_dims"), (), ("affine", "mxfp4", "mxfp8", "nvfp4"), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    group: Group
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def rank_input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """The sum over all ranks of x @ weight^T, and the bias added to it once; every rank has to
        call it.

        Args:
            x: This rank's part of the activations. [X..., rank_input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x, the same on every rank.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        return sum_over(
            self.group,
            ops.quantized_matmul(x, self.weight, transpose=True),
            self.bias,
        )

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("rank_input_dims", self.rank_input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
            ("group", self.group),
        )


class QQAllToShardedLinear(Layer):
    """This rank's part of the output of a linear layer, with a quantized weight, which
    quantizes its input too.

    Attributes:
        weight: The rows of the weight that this rank has. [rank_output_dims, input_dims].
        group: The ranks among which the layer was cut.
        bias: This rank's part of what is added to every row of the result.
            [rank_output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("rank_output_dims", "input_dims"), (), ("mxfp4", "mxfp8", "nvfp4"), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("rank_output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    group: Group
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def rank_output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """This rank's part of x @ weight^T + bias; nothing is exchanged.

        Args:
            x: The activations, the same on every rank. [X..., input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., rank_output_dims], of the dtype of x.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        global_scale_x = global_scale_beside(self.weight, x, over=None)
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
            ("rank_output_dims", self.rank_output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
            ("group", self.group),
        )


class QQShardedToAllLinear(Layer):
    """A linear layer of which each rank has a part of the input, and all have the whole output,
    with a quantized weight, which quantizes its input too.

    Where the weight has a global scale, that of the input is the largest magnitude of x on any
    rank, found in every call: it is that of the layer that was cut.

    Attributes:
        weight: The columns of the weight that this rank has. [output_dims,
            rank_input_dims].
        group: The ranks among which the layer was cut.
        bias: What is added to every row of the result, once; the same on every rank.
            [output_dims]; float32, float16 or bfloat16; optional.
    """

    FIELDS = (
        Field("weight", "quantized_tensor", ("output_dims", "rank_input_dims"), (), ("mxfp4", "mxfp8", "nvfp4"), False),
        Field("group", "group", (), (), (), False),
        Field("bias", "tensor", ("output_dims",), ("float32", "float16", "bfloat16"), (), True),
    )
    QUANTIZES_INPUT = False
    weight: QuantizedTensor
    group: Group
    bias: Any | None

    def __init__(self, weight: QuantizedTensor, group: Group, bias: Array | None = None) -> None:
        """Make the layer of its fields; ThinbitError where they do not fit together."""
        super().__init__(weight=weight, group=group, bias=bias)

    @property
    def output_dims(self) -> int:
        """Axis 0 of weight."""
        return int(self.weight.shape[0])

    @property
    def rank_input_dims(self) -> int:
        """Axis 1 of weight."""
        return int(self.weight.shape[1])

    def __call__(self, x: Array) -> Any:
        """The sum over all ranks of x @ weight^T, and the bias added to it once; every rank has to
        call it.

        Args:
            x: This rank's part of the activations. [X..., rank_input_dims]; float32, float16 or
                bfloat16.

        Returns:
            [X..., output_dims], of the dtype of x, the same on every rank.

        Raises:
            ThinbitError: what is given does not fit the layer.
        """
        global_scale_x = global_scale_beside(self.weight, x, over=self.group)
        return sum_over(
            self.group,
            ops.qqmm(x, self.weight, global_scale_x=global_scale_x),
            self.bias,
        )

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """What the one line of `repr` shows."""
        return (
            ("rank_input_dims", self.rank_input_dims),
            ("output_dims", self.output_dims),
            ("bias", self.bias is not None),
            ("group_size", self.weight.group_size),
            ("bits", self.weight.bits),
            ("mode", self.weight.mode),
            ("group", self.group),
        )

SHARDABLE = (Linear, QuantizedLinear, QQLinear,)
"""The layers that can be cut."""
