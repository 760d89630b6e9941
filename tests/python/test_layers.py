"""The layers: what they compute is what the ops do, and they cannot lose a setting."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import thinbit
from thinbit import MODES, QuantizedTensor, ThinbitError, nn

RANDOM = np.random.default_rng(4)
QQ_MODES = [name for name, mode in MODES.items() if not mode.has_bias]


def floats(*shape: int, dtype: npt.DTypeLike = np.float32) -> npt.NDArray[Any]:
    return RANDOM.standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_a_quantized_linear_multiplies_with_the_weight_it_was_quantized_from(
    mode: str, bias: bool
) -> None:
    layer = nn.Linear(floats(24, 128), floats(24) if bias else None)
    quantized = layer.to_quantized(mode=mode)
    assert isinstance(quantized, nn.QuantizedLinear)
    x = floats(2, 3, 128)
    expected = x @ quantized.weight.dequantize().T + (layer.bias if bias else 0)
    np.testing.assert_allclose(quantized(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("mode", QQ_MODES)
def test_a_qq_linear_adds_its_bias_in_every_mode(mode: str, bias: bool) -> None:
    layer = nn.Linear(floats(24, 128), floats(24) if bias else None)
    quantized = layer.to_quantized(mode=mode, quantize_input=True)
    assert isinstance(quantized, nn.QQLinear)
    x = floats(5, 128)
    scale = np.array(np.abs(x).max()) if mode == "nvfp4" else None
    rounded = QuantizedTensor.quantize(x, mode=mode, global_scale=scale).dequantize()
    expected = rounded @ quantized.weight.dequantize().T + (layer.bias if bias else 0)
    # quantize rounds ties toward zero, and qqmm to even: a few values of x differ by one code.
    np.testing.assert_allclose(quantized(x), expected, atol=0.25)
    assert np.corrcoef(quantized(x).ravel(), expected.ravel())[0, 1] > 0.9999


def test_a_qq_linear_gives_the_global_scales_to_the_op() -> None:
    layer = nn.Linear(floats(16, 64) * 1e-4, floats(16) * 1e-4)
    quantized = layer.to_quantized(mode="nvfp4", quantize_input=True)
    x = floats(4, 64) * 1e-3
    assert quantized.weight.global_scale is not None
    expected = thinbit.qqaddmm(
        layer.bias, x, quantized.weight, global_scale_x=np.array(np.abs(x).max(), np.float32)
    )
    np.testing.assert_array_equal(quantized(x), expected)
    # Without them a weight that small would be zero.
    assert np.abs(expected - layer.bias).max() > 0


def test_a_row_with_nan_spoils_no_other() -> None:
    layer = nn.Linear(floats(16, 64)).to_quantized(mode="nvfp4", quantize_input=True)
    x = floats(3, 64)
    x[1, 5] = np.nan
    result = layer(x)
    assert np.isnan(result[1]).all()
    assert np.isfinite(result[[0, 2]]).all()
    assert np.isfinite(layer(np.zeros((2, 64), np.float32))).all()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
def test_an_embedding_gives_the_rows_in_the_dtype_it_had(mode: str, dtype: npt.DTypeLike) -> None:
    layer = nn.Embedding(floats(40, 64, dtype=dtype))
    quantized = layer.to_quantized(mode=mode)
    indices = np.array([[3, 39], [0, 3]], np.int64)
    rows = quantized(indices)
    assert rows.shape == (2, 2, 64)
    assert rows.dtype == dtype
    np.testing.assert_array_equal(rows, quantized.weight.dequantize(dtype)[indices])
    np.testing.assert_array_equal(layer(indices), layer.weight[indices])


def test_an_embedding_is_an_output_layer_too() -> None:
    layer = nn.Embedding(floats(40, 64))
    x = floats(3, 64)
    np.testing.assert_allclose(layer.as_linear(x), x @ layer.weight.T, rtol=1e-5, atol=1e-5)
    quantized = layer.to_quantized(bits=8)
    np.testing.assert_array_equal(
        quantized.as_linear(x), thinbit.quantized_matmul(x, quantized.weight)
    )


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_a_float_linear_rounds_once(dtype: npt.DTypeLike) -> None:
    x, weight, bias = floats(2, 64, dtype=dtype), floats(8, 64, dtype=dtype), floats(8, dtype=dtype)
    wide = x.astype(np.float32) @ weight.astype(np.float32).T + bias.astype(np.float32)
    result = nn.Linear(weight, bias)(x)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, wide.astype(dtype))


def test_layers_take_arrays_of_mlx() -> None:
    mx = pytest.importorskip("mlx.core")
    weight, x = floats(8, 64), floats(2, 64)
    given = mx.array(weight).astype(mx.bfloat16)
    same = weight.astype(ml_dtypes.bfloat16)
    np.testing.assert_array_equal(nn.Linear(given)(mx.array(x)), x @ same.astype(np.float32).T)
    np.testing.assert_array_equal(
        nn.Linear(given).to_quantized()(mx.array(x)), nn.Linear(same).to_quantized()(x)
    )
    indices = np.array([1, 7])
    np.testing.assert_array_equal(nn.Embedding(given)(mx.array(indices)), same[indices])
    quantized = nn.Embedding(given).to_quantized(mode="mxfp4")
    assert quantized.dtype == "bfloat16"
    np.testing.assert_array_equal(
        quantized(mx.array(indices)), nn.Embedding(same).to_quantized(mode="mxfp4")(indices)
    )


REPRS = [
    (lambda: nn.Linear(floats(8, 64)), "Linear(input_dims=64, output_dims=8, bias=False)"),
    (lambda: nn.Embedding(floats(8, 64)), "Embedding(num_embeddings=8, dims=64)"),
    (
        lambda: nn.Linear(floats(8, 64), floats(8)).to_quantized(32, 3),
        "QuantizedLinear(input_dims=64, output_dims=8, bias=True, group_size=32, bits=3,"
        " mode=affine)",
    ),
    (
        lambda: nn.Linear(floats(8, 64)).to_quantized(mode="mxfp8", quantize_input=True),
        "QQLinear(input_dims=64, output_dims=8, bias=False, group_size=32, bits=8, mode=mxfp8)",
    ),
    (
        lambda: nn.Embedding(floats(8, 64)).to_quantized(mode="nvfp4"),
        "QuantizedEmbedding(num_embeddings=8, dims=64, group_size=16, bits=4, mode=nvfp4)",
    ),
]


@pytest.mark.parametrize(("make", "text"), REPRS)
def test_a_repr_tells_sizes_and_settings(make: Any, text: str) -> None:
    assert repr(make()) == text


MISTAKES = [
    (lambda: nn.Linear([1.0]), "Linear.weight.type", "a list"),
    (lambda: nn.Linear(floats(8)), "Linear.weight.shape", r"\[output_dims, input_dims\]"),
    (lambda: nn.Linear(floats(8, 64), floats(7)), "Linear.bias.shape", r"\[7\].*\[8\]"),
    (lambda: nn.Linear(floats(8, 64, dtype=np.float64)), "Linear.weight.dtype", "float64"),
    (lambda: nn.QuantizedLinear(floats(8, 64)), "QuantizedLinear.weight.type", "QuantizedTensor"),
    (
        lambda: nn.QQLinear(QuantizedTensor.quantize(floats(8, 64))),
        "QQLinear.weight.choice",
        "affine, and must be mxfp4, mxfp8 or nvfp4",
    ),
    (
        lambda: nn.Linear(floats(8, 64)).to_quantized(quantize_input=True),
        "QQLinear.weight.choice",
        "affine",
    ),
    (
        lambda: nn.QuantizedEmbedding(QuantizedTensor.quantize(floats(8, 64)), "int32"),
        "QuantizedEmbedding.dtype.choice",
        "int32",
    ),
    (lambda: nn.Linear(floats(8, 64))(floats(2, 32)), "linear.x.shape", "32.*64"),
    (lambda: nn.Embedding(floats(8, 64))(np.array([8])), "embedding.indices.range", "8.*0 to 7"),
    (
        lambda: nn.Embedding(floats(8, 64)).to_quantized()(np.array([-1])),
        "embedding.indices.range",
        "-1",
    ),
    (
        lambda: nn.Embedding(floats(8, 64)).to_quantized()(np.array(1)),
        "embedding.indices.rank",
        "no axis",
    ),
    (lambda: nn.Embedding(floats(8, 64))(floats(2)), "embedding.indices.dtype", "float32"),
]


@pytest.mark.parametrize(("call", "rule", "text"), MISTAKES)
def test_a_mistake_is_named(call: Any, rule: str, text: str) -> None:
    with pytest.raises(ThinbitError, match=text) as caught:
        call()
    assert caught.value.rule == rule
