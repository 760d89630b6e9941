# generated from codegen/schema/thinbit.yaml: do not edit
"""The ops; their types stand in the stub beside this file."""

from thinbit import _numpy_calls
from thinbit._arguments import DefaultMode as _DefaultMode
from thinbit._arguments import boolean as _boolean
from thinbit._arguments import dtype as _dtype
from thinbit._arguments import forbid as _forbid
from thinbit._arguments import integer as _integer
from thinbit._arguments import mode as _mode
from thinbit._arguments import real as _real
from thinbit._call import run as _run
from thinbit._generated import operations as _operations
from thinbit._generated.records import QuantizedTensorFields as _QuantizedTensorFields
from thinbit._generated.results import QuantizeResult as _QuantizeResult

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


def quantize(
    w,
    *,
    group_size=None,
    bits=None,
    mode=_DefaultMode("affine"),
    global_scale=None,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Quantize a float tensor, group by group along its last axis.

    All arithmetic is float32 and the same bytes come out of every backend. A group of nvfp4
    whose largest magnitude is at most 6 * 2^-10 becomes zero unless a global scale is given.

    Args:
        w: The float tensor to quantize: at least two axes, the last divisible by the group
            size. [E..., N, K]; float32, float16 or bfloat16.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'. Default:
            'affine'.
        global_scale: The largest magnitude of the whole tensor: one positive finite
            float32. One element; float32; optional, and only where the mode has a global
            scale.
        out: A tuple (wq, scales, biases) of arrays to write to, None for one that the mode
            has not; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        wq: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
        32-bit words. [E..., N, K * bits / 32]; uint32. scales: One scale for each group. [E...,
        N, K / group_size]; the dtype of w where the mode has biases, else uint8. biases: One
        bias for each group, in units of the weight. [E..., N, K / group_size]; the dtype of w;
        there exactly when the mode has biases. Arrays of the kind of the first operand (numpy,
        torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'quantize.<argument>.<kind>'; or,
            with the status 'non_finite', a value is NaN or infinite, or its scale
            overflows; or the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.quantize(
            w,
            global_scale,
            group_size,
            bits,
            mode,
            out,
            context,
        )
        if result is not None:
            return _QuantizeResult(*result)
    return _run(
        _operations.QUANTIZE,
        (w, global_scale),
        (
            _integer("quantize", "group_size", group_size, mode, "group_sizes"),
            _integer("quantize", "bits", bits, mode, "bits"),
            _mode("quantize", "mode", mode, ("affine", "mxfp4", "mxfp8", "nvfp4")),
        ),
        out,
        device,
        stream,
        context,
    )


def dequantize(
    w,
    scales=None,
    biases=None,
    *,
    group_size=None,
    bits=None,
    mode=_DefaultMode("affine"),
    global_scale=None,
    dtype=None,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """The float tensor that a quantized one stands for.

    affine rounds twice, code * scale and then the sum with the bias, to the dtype of the
    scales; the other modes multiply in float32 and round once.

    Args:
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        biases: One bias for each group, in units of the weight. [E..., rows, columns /
            group_size]; the dtype of scales; there exactly when the mode has biases.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'. Default:
            'affine'.
        global_scale: The largest magnitude of the whole tensor: one positive finite float32
            (in dequantize and the gather ops also one for each matrix of the leading axes).
            One element; float32; optional, and only where the mode has a global scale.
        dtype: The dtype of the result: that of the scales for affine, float32 for the other
            modes, when not given. One of 'float32', 'float16' or 'bfloat16', or numpy's
            name for it. Default: the dtype of scales where the mode has biases, else
            float32.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The values. [E..., rows, columns]; dtype. An array of the kind of the first operand
        (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'dequantize.<argument>.<kind>';
            or the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.dequantize(
            w,
            scales,
            biases,
            global_scale,
            group_size,
            bits,
            mode,
            dtype,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "dequantize",
            "w",
            ("scales", scales),
            ("biases", biases),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale", global_scale),
        )
        scales = w.scales
        biases = w.biases
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale = w.global_scale
        w = w.packed
    return _run(
        _operations.DEQUANTIZE,
        (w, scales, biases, global_scale),
        (
            _integer("dequantize", "group_size", group_size, mode, "group_sizes"),
            _integer("dequantize", "bits", bits, mode, "bits"),
            _mode("dequantize", "mode", mode, ("affine", "mxfp4", "mxfp8", "nvfp4")),
            _dtype("dequantize", "dtype", dtype, ("float32", "float16", "bfloat16")),
        ),
        out,
        device,
        stream,
        context,
    )


def quantized_matmul(
    x,
    w,
    scales=None,
    biases=None,
    *,
    transpose=True,
    group_size=None,
    bits=None,
    mode=_DefaultMode("affine"),
    global_scale=None,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Multiply a float matrix by a quantized one: x @ w^T, or x @ w.

    Sums are accumulated in float32 and rounded once to the dtype of x. Leading axes broadcast
    as in numpy's matmul; a one-dimensional x is one row, and the result is one-dimensional.

    Args:
        x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        biases: One bias for each group, in units of the weight. [E..., rows, columns /
            group_size]; the dtype of scales; there exactly when the mode has biases.
        transpose: Whether w is (N, K), and multiplied as its transpose; else it is (K, N).
            Default: True.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'. Default:
            'affine'.
        global_scale: The largest magnitude of the whole tensor: one positive finite float32
            (in dequantize and the gather ops also one for each matrix of the leading axes).
            One element; float32; optional, and only where the mode has a global scale.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The product. [batch..., M?, N]; the dtype of x. An array of the kind of the first
        operand (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is
            'quantized_matmul.<argument>.<kind>'; or the status is 'unsupported',
            'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.quantized_matmul(
            x,
            w,
            scales,
            biases,
            global_scale,
            transpose,
            group_size,
            bits,
            mode,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "quantized_matmul",
            "w",
            ("scales", scales),
            ("biases", biases),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale", global_scale),
        )
        scales = w.scales
        biases = w.biases
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale = w.global_scale
        w = w.packed
    return _run(
        _operations.QUANTIZED_MATMUL,
        (x, w, scales, biases, global_scale),
        (
            _boolean("quantized_matmul", "transpose", transpose),
            _integer("quantized_matmul", "group_size", group_size, mode, "group_sizes"),
            _integer("quantized_matmul", "bits", bits, mode, "bits"),
            _mode("quantized_matmul", "mode", mode, ("affine", "mxfp4", "mxfp8", "nvfp4")),
        ),
        out,
        device,
        stream,
        context,
    )


def quantized_addmm(
    c,
    x,
    w,
    scales=None,
    biases=None,
    *,
    transpose=True,
    group_size=None,
    bits=None,
    mode=_DefaultMode("affine"),
    global_scale=None,
    alpha=1.0,
    beta=1.0,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """A quantized product with a fused epilogue: beta * c + alpha * (x @ w^T).

    The sum is made in float32, before the one rounding to the dtype of x.

    Args:
        c: What is added: a bias (N,), or anything that broadcasts to the result.
            Broadcastable(out); float32, float16 or bfloat16.
        x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        biases: One bias for each group, in units of the weight. [E..., rows, columns /
            group_size]; the dtype of scales; there exactly when the mode has biases.
        transpose: Whether w is (N, K), and multiplied as its transpose; else it is (K, N).
            Default: True.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'. Default:
            'affine'.
        global_scale: The largest magnitude of the whole tensor: one positive finite float32
            (in dequantize and the gather ops also one for each matrix of the leading axes).
            One element; float32; optional, and only where the mode has a global scale.
        alpha: Factor of the product. Default: 1.0.
        beta: Factor of c. Default: 1.0.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The sum. [batch..., M?, N]; the dtype of x. An array of the kind of the first operand
        (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is
            'quantized_addmm.<argument>.<kind>'; or the status is 'unsupported',
            'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.quantized_addmm(
            c,
            x,
            w,
            scales,
            biases,
            global_scale,
            transpose,
            group_size,
            bits,
            mode,
            alpha,
            beta,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "quantized_addmm",
            "w",
            ("scales", scales),
            ("biases", biases),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale", global_scale),
        )
        scales = w.scales
        biases = w.biases
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale = w.global_scale
        w = w.packed
    return _run(
        _operations.QUANTIZED_ADDMM,
        (c, x, w, scales, biases, global_scale),
        (
            _boolean("quantized_addmm", "transpose", transpose),
            _integer("quantized_addmm", "group_size", group_size, mode, "group_sizes"),
            _integer("quantized_addmm", "bits", bits, mode, "bits"),
            _mode("quantized_addmm", "mode", mode, ("affine", "mxfp4", "mxfp8", "nvfp4")),
            _real("quantized_addmm", "alpha", alpha),
            _real("quantized_addmm", "beta", beta),
        ),
        out,
        device,
        stream,
        context,
    )


def gather_qmm(
    x,
    w,
    scales=None,
    biases=None,
    lhs_indices=None,
    rhs_indices=None,
    *,
    transpose=True,
    group_size=None,
    bits=None,
    mode=_DefaultMode("affine"),
    global_scale=None,
    sorted_indices=False,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Multiply matrices picked from x by quantized matrices picked from w, as a mixture of experts does.

    An index counts the matrices of its operand, over all axes but the last two. The indices
    broadcast together, and their shape is the batch shape of the result. A missing index picks
    every matrix of its operand in order.

    Args:
        x: The activations. [X..., M?, K]; float32, float16 or bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        biases: One bias for each group, in units of the weight. [E..., rows, columns /
            group_size]; the dtype of scales; there exactly when the mode has biases.
        lhs_indices: Which matrix of x: integers from 0; every one in order when not given.
            The indices' common shape; int32, uint32 or int64; optional.
        rhs_indices: Which matrix of w: integers from 0; every one in order when not given.
            The indices' common shape; int32, uint32 or int64; optional.
        transpose: Whether the matrices of w are (N, K), and multiplied as their transposes;
            else they are (K, N). Default: True.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'. Default:
            'affine'.
        global_scale: The largest magnitude of the whole tensor: one positive finite float32
            (in dequantize and the gather ops also one for each matrix of the leading axes).
            One element; float32; optional, and only where the mode has a global scale.
        sorted_indices: A promise, which is checked, that the given indices ascend. Default:
            False.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The products. [batch..., M?, N]; the dtype of x. An array of the kind of the first
        operand (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'gather_qmm.<argument>.<kind>';
            or the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.gather_qmm(
            x,
            w,
            scales,
            biases,
            lhs_indices,
            rhs_indices,
            global_scale,
            transpose,
            group_size,
            bits,
            mode,
            sorted_indices,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "gather_qmm",
            "w",
            ("scales", scales),
            ("biases", biases),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale", global_scale),
        )
        scales = w.scales
        biases = w.biases
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale = w.global_scale
        w = w.packed
    return _run(
        _operations.GATHER_QMM,
        (x, w, scales, biases, lhs_indices, rhs_indices, global_scale),
        (
            _boolean("gather_qmm", "transpose", transpose),
            _integer("gather_qmm", "group_size", group_size, mode, "group_sizes"),
            _integer("gather_qmm", "bits", bits, mode, "bits"),
            _mode("gather_qmm", "mode", mode, ("affine", "mxfp4", "mxfp8", "nvfp4")),
            _boolean("gather_qmm", "sorted_indices", sorted_indices),
        ),
        out,
        device,
        stream,
        context,
    )


def qqmm(
    x,
    w,
    scales=None,
    *,
    group_size=None,
    bits=None,
    mode=_DefaultMode("nvfp4"),
    global_scale_x=None,
    global_scale_w=None,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Multiply with both sides quantized: x is quantized row by row with the mode and group size of w, then x @ w^T.

    w is quantized already, or a float tensor that is quantized on the fly when no scales are
    given. A row of x with NaN or infinity gives NaN in that row of the result, and touches
    nothing else.

    Args:
        x: The activations, quantized by the call. [X..., M?, K]; float32, float16 or
            bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it. Or a float tensor,
            quantized by the call, where no scales are given.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'mxfp4', 'mxfp8' or 'nvfp4'. Default: 'nvfp4'.
        global_scale_x: The largest magnitude of x; there exactly when the weight's is. One
            element; float32; optional, and only where the mode has a global scale.
        global_scale_w: The largest magnitude of the whole tensor: one positive finite
            float32 (in dequantize and the gather ops also one for each matrix of the
            leading axes). One element; float32; optional, and only where the mode has a
            global scale.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The product. [batch..., M?, N]; the dtype of x. An array of the kind of the first
        operand (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'qqmm.<argument>.<kind>'; or the
            status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.qqmm(
            x,
            w,
            scales,
            global_scale_x,
            global_scale_w,
            group_size,
            bits,
            mode,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "qqmm",
            "w",
            ("scales", scales),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale_w", global_scale_w),
        )
        scales = w.scales
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale_w = w.global_scale
        w = w.packed
    return _run(
        _operations.QQMM,
        (x, w, scales, global_scale_x, global_scale_w),
        (
            _integer("qqmm", "group_size", group_size, mode, "group_sizes"),
            _integer("qqmm", "bits", bits, mode, "bits"),
            _mode("qqmm", "mode", mode, ("mxfp4", "mxfp8", "nvfp4")),
        ),
        out,
        device,
        stream,
        context,
    )


def qqaddmm(
    c,
    x,
    w,
    scales=None,
    *,
    group_size=None,
    bits=None,
    mode=_DefaultMode("nvfp4"),
    global_scale_x=None,
    global_scale_w=None,
    alpha=1.0,
    beta=1.0,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Multiply with both sides quantized, and add: beta * c + alpha * (x @ w^T).

    The sum is made in float32, before the one rounding to the dtype of x.

    Args:
        c: What is added: a bias (N,), or anything that broadcasts to the result.
            Broadcastable(out); float32, float16 or bfloat16.
        x: The activations, quantized by the call. [X..., M?, K]; float32, float16 or
            bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it. Or a float tensor,
            quantized by the call, where no scales are given.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'mxfp4', 'mxfp8' or 'nvfp4'. Default: 'nvfp4'.
        global_scale_x: The largest magnitude of x; there exactly when the weight's is. One
            element; float32; optional, and only where the mode has a global scale.
        global_scale_w: The largest magnitude of the whole tensor: one positive finite
            float32 (in dequantize and the gather ops also one for each matrix of the
            leading axes). One element; float32; optional, and only where the mode has a
            global scale.
        alpha: Factor of the product. Default: 1.0.
        beta: Factor of c. Default: 1.0.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The sum. [batch..., M?, N]; the dtype of x. An array of the kind of the first operand
        (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'qqaddmm.<argument>.<kind>'; or
            the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.qqaddmm(
            c,
            x,
            w,
            scales,
            global_scale_x,
            global_scale_w,
            group_size,
            bits,
            mode,
            alpha,
            beta,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "qqaddmm",
            "w",
            ("scales", scales),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale_w", global_scale_w),
        )
        scales = w.scales
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale_w = w.global_scale
        w = w.packed
    return _run(
        _operations.QQADDMM,
        (c, x, w, scales, global_scale_x, global_scale_w),
        (
            _integer("qqaddmm", "group_size", group_size, mode, "group_sizes"),
            _integer("qqaddmm", "bits", bits, mode, "bits"),
            _mode("qqaddmm", "mode", mode, ("mxfp4", "mxfp8", "nvfp4")),
            _real("qqaddmm", "alpha", alpha),
            _real("qqaddmm", "beta", beta),
        ),
        out,
        device,
        stream,
        context,
    )


def gather_qqmm(
    x,
    w,
    scales=None,
    lhs_indices=None,
    rhs_indices=None,
    *,
    group_size=None,
    bits=None,
    mode=_DefaultMode("nvfp4"),
    global_scale_x=None,
    global_scale_w=None,
    sorted_indices=False,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Multiply matrices picked from x by matrices picked from w, both sides quantized.

    Indices as in gather_qmm, operands as in qqmm: x is quantized by the call, w is quantized
    already or a float tensor.

    Args:
        x: The activations, quantized by the call. [X..., M?, K]; float32, float16 or
            bfloat16.
        w: Packed weight: each row is one little-endian stream of codes of `bits` bits, in
            32-bit words. [E..., rows, columns * bits / 32]; uint32. Or a QuantizedTensor,
            in place of this argument and those that describe it. Or a float tensor,
            quantized by the call, where no scales are given.
        scales: One scale for each group. [E..., rows, columns / group_size]; the dtype of
            the mode's scales.
        lhs_indices: Which matrix of x: integers from 0; every one in order when not given.
            The indices' common shape; int32, uint32 or int64; optional.
        rhs_indices: Which matrix of w: integers from 0; every one in order when not given.
            The indices' common shape; int32, uint32 or int64; optional.
        group_size: Elements that share a scale; the mode's default when not given. Unit:
            elements.
        bits: Bits for each element; the mode's default when not given. Unit: bits.
        mode: How values are encoded. One of 'mxfp4', 'mxfp8' or 'nvfp4'. Default: 'nvfp4'.
        global_scale_x: The largest magnitude of x; there exactly when the weight's is. One
            element; float32; optional, and only where the mode has a global scale.
        global_scale_w: The largest magnitude of the whole tensor: one positive finite
            float32 (in dequantize and the gather ops also one for each matrix of the
            leading axes). One element; float32; optional, and only where the mode has a
            global scale.
        sorted_indices: A promise, which is checked, that the given indices ascend. Default:
            False.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The products. [batch..., M?, N]; the dtype of x. An array of the kind of the first
        operand (numpy, torch or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'gather_qqmm.<argument>.<kind>';
            or the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.gather_qqmm(
            x,
            w,
            scales,
            lhs_indices,
            rhs_indices,
            global_scale_x,
            global_scale_w,
            group_size,
            bits,
            mode,
            sorted_indices,
            out,
            context,
        )
        if result is not None:
            return result
    if isinstance(w, _QuantizedTensorFields):
        _forbid(
            "gather_qqmm",
            "w",
            ("scales", scales),
            ("group_size", group_size),
            ("bits", bits),
            ("mode", mode),
            ("global_scale_w", global_scale_w),
        )
        scales = w.scales
        group_size = w.group_size
        bits = w.bits
        mode = w.mode
        global_scale_w = w.global_scale
        w = w.packed
    return _run(
        _operations.GATHER_QQMM,
        (x, w, scales, lhs_indices, rhs_indices, global_scale_x, global_scale_w),
        (
            _integer("gather_qqmm", "group_size", group_size, mode, "group_sizes"),
            _integer("gather_qqmm", "bits", bits, mode, "bits"),
            _mode("gather_qqmm", "mode", mode, ("mxfp4", "mxfp8", "nvfp4")),
            _boolean("gather_qqmm", "sorted_indices", sorted_indices),
        ),
        out,
        device,
        stream,
        context,
    )


def to_fp8(
    x,
    *,
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """Round floats to E4M3FN bytes: half to even, saturating at 448; NaN gives 0x7F.

    Args:
        x: The values. [S...]; float32, float16 or bfloat16.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The E4M3FN bytes. [S...]; uint8. An array of the kind of the first operand (numpy, torch
        or cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'to_fp8.<argument>.<kind>'; or
            the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.to_fp8(
            x,
            out,
            context,
        )
        if result is not None:
            return result
    return _run(
        _operations.TO_FP8,
        (x,),
        (),
        out,
        device,
        stream,
        context,
    )


def from_fp8(
    x,
    *,
    dtype="float32",
    out=None,
    device=None,
    stream=None,
    context=None,
):
    """The exact values of E4M3FN bytes.

    Args:
        x: The E4M3FN bytes. [S...]; uint8.
        dtype: The dtype of the result. One of 'float32', 'float16' or 'bfloat16', or
            numpy's name for it. Default: 'float32'.
        out: The array to write to: exact dtype and shape, any strides; it is returned.
        device: Where to run: 'cpu', 'cuda:0' or 'metal'; where the first operand is, when
            not given.
        stream: The CUDA stream, as an address; torch's current one, else the default one,
            when not given.
        context: A Context to run in; that of the thread, device and stream, when not given.

    Returns:
        The values. [S...]; dtype. An array of the kind of the first operand (numpy, torch or
        cupy; numpy for others), or `out`.

    Raises:
        ThinbitError: an argument breaks a rule: `rule` is 'from_fp8.<argument>.<kind>'; or
            the status is 'unsupported', 'out_of_memory' or 'device'.
    """
    if device is None and stream is None:
        result = _numpy_calls.from_fp8(
            x,
            dtype,
            out,
            context,
        )
        if result is not None:
            return result
    return _run(
        _operations.FROM_FP8,
        (x,),
        (
            _dtype("from_fp8", "dtype", dtype, ("float32", "float16", "bfloat16")),
        ),
        out,
        device,
        stream,
        context,
    )
