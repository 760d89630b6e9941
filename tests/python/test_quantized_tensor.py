"""A quantized weight as one value."""

import math
import pickle

import ml_dtypes
import numpy as np
import pytest

import thinbit
from thinbit import QuantizedTensor, ThinbitError

MODES = list(thinbit.MODES)


def values(*shape, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("mode", MODES)
def test_its_product_is_that_of_the_flat_operands(mode):
    w, x = values(8, 128), values(3, 128)
    q = QuantizedTensor.quantize(w, mode=mode)
    flat = thinbit.quantized_matmul(
        x, q.packed, q.scales, q.biases, mode=mode, global_scale=q.global_scale
    )
    np.testing.assert_array_equal(x @ q.T, flat)
    np.testing.assert_array_equal(thinbit.quantized_matmul(x, q), flat)
    np.testing.assert_allclose(flat, x @ q.dequantize().T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_without_t_it_is_multiplied_as_it_is(mode):
    q, x = QuantizedTensor.quantize(values(8, 128), mode=mode), values(3, 8)
    np.testing.assert_allclose(x @ q, x @ q.dequantize(), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(x @ q, thinbit.quantized_matmul(x, q, transpose=False))


def test_products_are_batched_and_broadcast():
    w, x = values(2, 8, 64), values(5, 1, 3, 64)
    q = QuantizedTensor.quantize(w)
    assert (x @ q.T).shape == (5, 2, 3, 8)
    assert (values(64) @ q.T).shape == (2, 8)
    np.testing.assert_allclose(
        x @ q.T, x @ np.swapaxes(q.dequantize(), -1, -2), rtol=1e-4, atol=1e-4
    )


def test_every_product_takes_it():
    w, x = values(4, 8, 64), values(4, 3, 64)
    affine, mx = QuantizedTensor.quantize(w), QuantizedTensor.quantize(w, mode="mxfp8")
    zero, one = np.zeros(8, np.float32), np.array([1], np.int32)
    np.testing.assert_array_equal(thinbit.quantized_addmm(zero, x, affine), x @ affine.T)
    np.testing.assert_array_equal(
        thinbit.gather_qmm(x, affine, rhs_indices=one, lhs_indices=one)[0], (x @ affine.T)[1]
    )
    product = thinbit.qqmm(x, mx)
    assert product.shape == (4, 3, 8)
    np.testing.assert_array_equal(thinbit.qqaddmm(zero, x, mx), product)
    picked = thinbit.gather_qqmm(x, mx, lhs_indices=one, rhs_indices=one)
    np.testing.assert_array_equal(picked[0], product[1])
    flat = thinbit.qqmm(x, mx.packed, mx.scales, mode="mxfp8")
    np.testing.assert_array_equal(flat, product)


def test_what_describes_it_is_not_given_again():
    q, x = QuantizedTensor.quantize(values(8, 64)), values(3, 64)
    for name, value in {
        "scales": q.scales,
        "biases": q.biases,
        "global_scale": np.array(1, np.float32),
        "group_size": 64,
        "bits": 4,
        "mode": "affine",
    }.items():
        with pytest.raises(ThinbitError) as caught:
            thinbit.quantized_matmul(x, q, **{name: value})
        assert caught.value.rule == f"quantized_matmul.{name}.forbidden"
        assert caught.value.argument == name


def test_affine_is_no_mode_of_a_product_of_two_quantized_operands():
    q = QuantizedTensor.quantize(values(8, 64))
    with pytest.raises(ThinbitError) as caught:
        thinbit.qqmm(values(3, 64), q)
    assert caught.value.rule == "qqmm.mode.choice"


@pytest.mark.parametrize("dtype", [None, "float16", np.float32, ml_dtypes.bfloat16])
def test_dequantize_gives_the_dtype_that_is_asked_for(dtype):
    q = QuantizedTensor.quantize(values(8, 64).astype(np.float16))
    found = q.dequantize(dtype)
    assert found.dtype == (np.float16 if dtype is None else dtype)
    flat = thinbit.dequantize(q.packed, q.scales, q.biases, dtype=dtype)
    assert found.tobytes() == flat.tobytes()


def test_nvfp4_takes_the_largest_magnitude_as_its_global_scale():
    w = values(8, 64) * 1e-4
    q = QuantizedTensor.quantize(w, mode="nvfp4")
    assert q.global_scale.shape == ()
    assert float(q.global_scale) == np.abs(w).max()
    error = np.linalg.norm(q.dequantize() - w) / np.linalg.norm(w)
    assert error < 0.2
    flat = thinbit.quantize(w, mode="nvfp4")
    assert not thinbit.dequantize(flat.wq, flat.scales, mode="nvfp4").any()


def test_nvfp4_takes_zeros_and_nothing():
    for shape in ((2, 32), (0, 32)):
        q = QuantizedTensor.quantize(np.zeros(shape, np.float32), mode="nvfp4")
        assert float(q.global_scale) == 1
        assert q.dequantize().shape == shape
        assert not q.dequantize().any()


def test_nvfp4_reports_a_nan_as_the_weights_error():
    w = np.full((1, 16), np.nan, np.float32)
    with pytest.raises(ThinbitError) as caught:
        QuantizedTensor.quantize(w, mode="nvfp4")
    assert (caught.value.status, caught.value.argument) == ("non_finite", "w")


def test_it_knows_its_size():
    q = QuantizedTensor.quantize(values(2, 8, 128), bits=3, group_size=32)
    assert (q.shape, q.ndim, q.T.shape, q.T.ndim) == ((2, 8, 128), 3, (2, 128, 8), 3)
    assert q.nbytes == q.packed.nbytes + q.scales.nbytes + q.biases.nbytes
    assert q.bits_per_weight == 3 + 64 / 32
    assert q.T.T is q
    assert math.isnan(QuantizedTensor.quantize(np.zeros((0, 64), np.float32)).bits_per_weight)


def test_its_repr_is_one_line():
    q = QuantizedTensor.quantize(values(8, 64))
    expected = "QuantizedTensor((8, 64), affine, bits=4, group_size=64, 5.00 bits/weight)"
    assert repr(q) == expected
    assert repr(q.T) == f"{expected}.T"


def test_defaults_are_resolved():
    q = QuantizedTensor.quantize(values(8, 64), mode="mxfp8")
    assert (q.mode, q.group_size, q.bits) == ("mxfp8", 32, 8)
    assert (q.biases, q.global_scale) == (None, None)


@pytest.mark.parametrize("mode", MODES)
def test_equality_is_that_of_the_bytes(mode):
    w = values(8, 64)
    q, same = (QuantizedTensor.quantize(w, mode=mode) for _ in range(2))
    assert q == same
    other = same.packed.copy()
    other[3, 1] ^= 1
    parts = {"global_scale": q.global_scale, "mode": mode}
    assert q != QuantizedTensor(other, q.scales, q.biases, **parts)
    assert q == QuantizedTensor(q.packed.copy(), q.scales.copy(), q.biases, **parts)
    assert q != w
    with pytest.raises(TypeError):
        hash(q)


def test_every_part_counts_for_equality():
    w = values(4, 64)
    affine, nvfp4 = QuantizedTensor.quantize(w), QuantizedTensor.quantize(w, mode="nvfp4")

    def changed(q, name):
        parts = {n: getattr(q, n) for n in ("packed", "scales", "biases", "global_scale", "mode")}
        part = parts[name].copy()
        part.reshape(-1).view(np.uint8)[0] ^= 1
        return QuantizedTensor(**{**parts, name: part})

    for q, names in ((affine, ("packed", "scales", "biases")), (nvfp4, ("scales", "global_scale"))):
        for name in names:
            assert changed(q, name) != q
            assert changed(changed(q, name), name) == q


@pytest.mark.parametrize("sign", [1, -1])
def test_the_global_scale_is_a_magnitude(sign):
    w = sign * np.abs(values(4, 64)).astype(np.float32)
    assert QuantizedTensor.quantize(w, mode="nvfp4").global_scale == np.abs(w).max()


def test_equality_does_not_ask_for_the_library():
    torch = pytest.importorskip("torch")
    w = values(8, 64).astype(ml_dtypes.bfloat16)
    ours = QuantizedTensor.quantize(w)
    theirs = QuantizedTensor.quantize(torch.from_numpy(w.astype(np.float32)).bfloat16())
    assert isinstance(theirs.packed, torch.Tensor)
    assert ours == theirs
    assert theirs.nbytes == ours.nbytes
    x = torch.ones(2, 64)
    assert isinstance(x @ theirs.T, torch.Tensor)


@pytest.mark.parametrize("mode", MODES)
def test_it_can_be_pickled(mode):
    q = QuantizedTensor.quantize(values(8, 64).astype(ml_dtypes.bfloat16), mode=mode)
    copy = pickle.loads(pickle.dumps(q))
    assert copy == q
    assert copy.biases is None or copy.biases.dtype == q.biases.dtype


def test_it_does_not_change():
    q = QuantizedTensor.quantize(values(8, 64))
    with pytest.raises(AttributeError):
        q.mode = "mxfp4"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"scales": np.zeros((8, 1), np.uint8)}, "quantized_tensor.scales.dtype"),
        ({"scales": None}, "quantized_tensor.scales.required"),
        ({"biases": None}, "quantized_tensor.biases.required"),
        ({"scales": np.zeros((7, 1), np.float32)}, "quantized_tensor.scales.shape"),
        ({"packed": np.zeros((8, 8), np.int32)}, "quantized_tensor.w.dtype"),
        ({"bits": 7}, "quantized_tensor.bits.choice"),
        ({"group_size": 0}, "quantized_tensor.group_size.choice"),
        ({"mode": "mxfp4"}, "quantized_tensor.group_size.choice"),
        ({"mode": "affin"}, "quantized_tensor.mode.choice"),
        ({"global_scale": np.array(1, np.float32)}, "quantized_tensor.global_scale.forbidden"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(change, rule):
    q = QuantizedTensor.quantize(values(8, 64))
    parts = {name: getattr(q, name) for name in ("packed", "scales", "biases", "mode")}
    parts |= {"group_size": 64, "bits": 4}
    QuantizedTensor(**parts)
    with pytest.raises(ThinbitError, match="quantized_tensor: ") as caught:
        QuantizedTensor(**(parts | change))
    assert caught.value.rule == rule
    assert caught.value.op == "quantized_tensor"
