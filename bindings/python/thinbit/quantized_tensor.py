"""A quantized weight as one value that knows how to read itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from thinbit._arguments import integer
from thinbit._arguments import mode as mode_number
from thinbit._arrays import Array, bytes_of, dtype_name, largest_magnitude, size_in_bytes
from thinbit._call import infer
from thinbit._context import Context, context_for
from thinbit._errors import ThinbitError, renamed
from thinbit._generated import ops
from thinbit._generated.modes import MODES
from thinbit._generated.operations import DEQUANTIZE
from thinbit._generated.records import QuantizedTensorFields
from thinbit._numpy_calls import prepare_quantized_tensor, set_quantized_class

_E2M1_MAX, _E4M3_MAX = 6.0, 448.0


class QuantizedTensor(QuantizedTensorFields):
    """A quantized weight: packed codes, scales, and what is needed to read them.

    `x @ q.T` and `x @ q` multiply, and every product of thinbit takes it in place of the flat
    operands. It is checked when it is made, and does not change. Two are equal when mode, group
    size, bits, shapes and all bytes are.

    Attributes:
        packed: uint32 (..., N, K * bits / 32).
        scales: (..., N, K / group_size).
        biases: As scales, in affine; else None.
        global_scale: One float32, or one for each matrix of the leading axes, in nvfp4; or None.
        mode: The mode's name.
        group_size: Elements that share a scale.
        bits: Bits for each element.
    """

    __slots__ = ("_prepared",)
    _prepared: Any  # what C reads the parts from, where all are numpy's; else None
    __array_ufunc__ = None  # numpy's `x @ q.T` then asks the view of q
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        packed: Array,
        scales: Array,
        biases: Array | None = None,
        *,
        global_scale: Array | None = None,
        mode: str = "affine",
        group_size: int | None = None,
        bits: int | None = None,
    ) -> None:
        """Make a quantized tensor from its parts.

        Args:
            packed: uint32 (..., N, K * bits / 32).
            scales: (..., N, K / group_size); floats in affine, else uint8.
            biases: As scales, in affine; None in the other modes.
            global_scale: One float32, or one for each matrix of the leading axes; optional,
                in nvfp4.
            mode: "affine", "mxfp4", "mxfp8" or "nvfp4".
            group_size: Elements that share a scale; the mode's default when not given.
            bits: Bits for each element; the mode's default when not given.

        Raises:
            ThinbitError: the parts do not fit together; the rule is
                'quantized_tensor.<argument>.<kind>'.
        """
        op = "quantized_tensor"
        number = mode_number(op, "mode", mode, tuple(MODES))
        table = MODES[mode]
        scalars = (
            integer(op, "group_size", group_size, mode, "group_sizes"),
            integer(op, "bits", bits, mode, "bits"),
            number,
            0,
        )
        try:
            context = context_for(op, packed, None, None)
            infer(DEQUANTIZE, (packed, scales, biases, global_scale), scalars, context)
        except ThinbitError as error:
            raise renamed(error, op) from None
        super().__init__(
            packed=packed,
            scales=scales,
            biases=biases,
            global_scale=global_scale,
            mode=mode,
            group_size=scalars[0] or table.default_group_size,
            bits=scalars[1] or table.default_bits,
        )
        self._prepare()

    def _prepare(self) -> None:
        prepared = prepare_quantized_tensor(
            self.packed,
            self.scales,
            self.biases,
            self.global_scale,
            self.mode,
            self.group_size,
            self.bits,
        )
        object.__setattr__(self, "_prepared", prepared)

    def __setstate__(self, state: Any) -> None:
        """Copies and pickles hold the fields alone."""
        super().__setstate__(state)  # type: ignore[misc]
        self._prepare()

    @classmethod
    def quantize(
        cls,
        w: Array,
        *,
        mode: str = "affine",
        group_size: int | None = None,
        bits: int | None = None,
        global_scale: Array | None = None,
        device: str | None = None,
        stream: int | None = None,
        context: Context | None = None,
    ) -> QuantizedTensor:
        """Quantize a float tensor (..., N, K), group by group along its last axis.

        Args:
            w: float32, float16 or bfloat16.
            mode: "affine", "mxfp4", "mxfp8" or "nvfp4".
            group_size: Elements that share a scale; the mode's default when not given.
            bits: Bits for each element; the mode's default when not given.
            global_scale: One float32. Where nvfp4 gets none, it is the largest magnitude of w, so
                that small weights do not become zero; 1 for a tensor of zeros.
            device: Where to run; where w is, when not given.
            stream: The CUDA stream, as an address.
            context: A Context to run in.

        Raises:
            ThinbitError: as `thinbit.quantize`.
        """
        table = MODES.get(mode) if isinstance(mode, str) else None
        if global_scale is None and table is not None and table.has_global_scale:
            global_scale = _global_scale(w)
        parts: Any = ops.quantize(
            w,
            mode=mode,
            group_size=group_size,
            bits=bits,
            global_scale=global_scale,
            device=device,
            stream=stream,
            context=context,
        )
        return cls(*parts, global_scale=global_scale, mode=mode, group_size=group_size, bits=bits)

    def dequantize(
        self,
        dtype: npt.DTypeLike | None = None,
        *,
        out: Array | None = None,
        device: str | None = None,
        stream: int | None = None,
        context: Context | None = None,
    ) -> Any:
        """The float tensor that this stands for, (..., N, K).

        Args:
            dtype: "float32", "float16" or "bfloat16"; that of the scales in affine, else float32,
                when not given.
            out: The array to write to: exact dtype and shape, any strides; it is returned.
            device: Where to run.
            stream: The CUDA stream, as an address.
            context: A Context to run in.

        Raises:
            ThinbitError: as `thinbit.dequantize`.
        """
        return ops.dequantize(
            self, dtype=dtype, out=out, device=device, stream=stream, context=context
        )

    def with_parts(self, change: Callable[[Any], Any]) -> QuantizedTensor:
        """The same spec and global scale with other codes: `change` is given each other part."""
        return QuantizedTensor(
            change(self.packed),
            change(self.scales),
            None if self.biases is None else change(self.biases),
            global_scale=self.global_scale,
            mode=self.mode,
            group_size=self.group_size,
            bits=self.bits,
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor that this stands for, (..., N, K)."""
        *leading, words = tuple(self.packed.shape)
        return (*leading, words * 32 // self.bits)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all parts together."""
        parts = (self.packed, self.scales, self.biases, self.global_scale)
        return sum(size_in_bytes(part) for part in parts if part is not None)

    @property
    def bits_per_weight(self) -> float:
        """Bits of all parts together, for each element; NaN for an empty tensor."""
        elements = math.prod(self.shape)
        return 8 * self.nbytes / elements if elements else math.nan

    @property
    def T(self) -> TransposedQuantizedTensor:
        """The transpose, for `x @ q.T`: nothing is moved."""
        return TransposedQuantizedTensor(self)

    def __rmatmul__(self, x: Array) -> Any:
        """`x @ q`, where q is (K, N)."""
        return ops.quantized_matmul(x, self, transpose=False)

    def __eq__(self, other: object) -> bool:
        """Whether mode, group size, bits, shapes and all bytes are equal."""
        if not isinstance(other, QuantizedTensor):
            return NotImplemented
        if (self.mode, self.group_size, self.bits) != (other.mode, other.group_size, other.bits):
            return False
        names = ("packed", "scales", "biases", "global_scale")
        return all(_same(getattr(self, name), getattr(other, name)) for name in names)

    def __repr__(self) -> str:
        """One line: shape, mode, bits, group size, and the bits for each weight."""
        return (
            f"QuantizedTensor({self.shape}, {self.mode}, bits={self.bits},"
            f" group_size={self.group_size}, {self.bits_per_weight:.2f} bits/weight)"
        )


class TransposedQuantizedTensor:
    """The transpose of a QuantizedTensor: it can be multiplied with, and nothing else."""

    __slots__ = ("T",)
    __array_ufunc__ = None

    def __init__(self, tensor: QuantizedTensor) -> None:
        """A view of `tensor`, which `.T` gives back."""
        self.T = tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, (..., K, N)."""
        *leading, rows, columns = self.T.shape
        return (*leading, columns, rows)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.T.ndim

    def __rmatmul__(self, x: Array) -> Any:
        """`x @ q.T`, where q is (N, K)."""
        return ops.quantized_matmul(x, self.T, transpose=True)

    def __repr__(self) -> str:
        """One line."""
        return f"{self.T!r}.T"


def _global_scale(w: Any) -> Any:
    """The largest magnitude of w, 1 for zeros; None where it is no legal scale, or w no array."""
    if not hasattr(w, "__dlpack__"):
        return None
    largest = largest_magnitude(w) or 1.0
    return np.array(largest, np.float32) if is_global_scale(largest) else None


def is_global_scale(value: float) -> bool:
    """Whether a value is a legal global scale: positive, and 448 * 6 over it is finite."""
    factor = np.float32(_E4M3_MAX * _E2M1_MAX)
    with np.errstate(over="ignore", divide="ignore"):
        return 0 < value < math.inf and bool(np.isfinite(factor / np.float32(value)))


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    if tuple(a.shape) != tuple(b.shape) or dtype_name(a) != dtype_name(b):
        return False
    return np.array_equal(bytes_of(a), bytes_of(b))


set_quantized_class(QuantizedTensor)
