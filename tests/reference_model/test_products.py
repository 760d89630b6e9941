"""The reference products: exact sums, broadcasting, gathering, and the rows that hold NaN."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import reference_model as model
from reference_model import datasets
from reference_model.products import product

Array = npt.NDArray[Any]
BF16 = ml_dtypes.bfloat16
FP_MODES = ["mxfp4", "mxfp8", "nvfp4"]


def operand(seed: int, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return datasets.normal(seed, shape).astype(np.float32)


def assert_close(reference: tuple[Array, Array], x: Array, w: Array) -> None:
    """x @ w by numpy, whose sums may differ in the last bits."""
    ref, magnitude = reference
    expected = x.astype(np.float64) @ w
    assert ref.shape == magnitude.shape == expected.shape
    np.testing.assert_allclose(ref, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(magnitude, np.abs(x.astype(np.float64)) @ np.abs(w), rtol=1e-12)


def test_sums_are_correctly_rounded_in_any_order() -> None:
    terms = np.ldexp(datasets.normal(61, (1, 999)), np.arange(999) % 90)
    terms = np.concatenate([terms, -terms[:, ::-1], [[1.0]]], axis=1)
    ones = np.ones((terms.shape[1], 1))
    assert product(terms, ones).ref == 1.0
    assert product(terms[:, ::-1], ones).ref == 1.0
    exact = sum((Fraction(abs(term)) for term in terms[0].tolist()), Fraction(0))
    assert float(exact) == product(terms, ones).R


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([1, np.inf], np.inf),
        ([np.inf, -np.inf], np.nan),
        ([np.nan, 1], np.nan),
        ([-np.inf, 3], -np.inf),
    ],
)
def test_sums_of_infinities_follow_ieee(terms: list[float], expected: float) -> None:
    np.testing.assert_equal(product(np.array([terms]), np.ones((2, 1))).ref[0, 0], expected)


@pytest.mark.parametrize(
    ("x_shape", "w_shape"),
    [
        ((5, 64), (64, 64)),
        ((64,), (64, 64)),
        ((64,), (3, 64, 64)),
        ((5, 64), (3, 64, 64)),
        ((2, 1, 5, 64), (3, 64, 64)),
        ((3, 5, 64), (64, 64)),
        ((0, 64), (64, 64)),
        ((0, 5, 64), (64, 64)),
        ((5, 64), (0, 64, 64)),
    ],
)
@pytest.mark.parametrize("transpose", [True, False])
def test_products_broadcast_as_numpy_matmul_does(
    transpose: bool, x_shape: tuple[int, ...], w_shape: tuple[int, ...]
) -> None:
    x, parts = operand(62, x_shape), model.quantize(operand(63, w_shape))
    w = model.real_weights(*parts)
    reference = model.quantized_matmul(x, *parts, transpose=transpose)
    assert_close(reference, x, w.swapaxes(-1, -2) if transpose else w)


@pytest.mark.parametrize("transpose", [True, False])
def test_groups_run_along_the_last_axis_of_w(transpose: bool) -> None:
    w = operand(64, (32, 96))
    parts = model.quantize(w, "mxfp8")
    x = operand(65, (2, 96 if transpose else 32))
    reference = model.quantized_matmul(x, *parts, transpose=transpose, mode="mxfp8")
    assert reference.ref.shape == (2, 32 if transpose else 96)


@pytest.mark.parametrize("x_dtype", [np.float32, np.float16, BF16])
def test_activations_are_never_rounded(x_dtype: npt.DTypeLike) -> None:
    x = operand(66, (2, 64)).astype(x_dtype)
    parts = model.quantize(operand(67, (3, 64)))
    assert_close(model.quantized_matmul(x, *parts), x, model.real_weights(*parts).T)


@pytest.mark.parametrize("c_shape", [(7,), (5, 1), (1,), (2, 5, 7)])
def test_addmm_is_beta_c_plus_alpha_product(c_shape: tuple[int, ...]) -> None:
    x, c, parts = (
        operand(68, (2, 5, 64)),
        operand(69, c_shape),
        model.quantize(operand(70, (7, 64))),
    )
    plain = model.quantized_matmul(x, *parts)
    ref, magnitude = model.quantized_addmm(c, x, *parts, alpha=-0.5, beta=3.0)
    np.testing.assert_allclose(ref, 3.0 * c.astype(np.float64) - 0.5 * plain.ref, rtol=1e-15)
    np.testing.assert_allclose(
        magnitude, np.abs(3.0 * c.astype(np.float64)) + 0.5 * plain.R, rtol=1e-15
    )


def test_addmm_refuses_a_c_that_would_widen_the_result() -> None:
    x, parts = operand(68, (5, 64)), model.quantize(operand(70, (7, 64)))
    with pytest.raises(ValueError, match="dimensions"):
        model.quantized_addmm(operand(69, (2, 5, 7)), x, *parts)


def test_qqaddmm_is_beta_c_plus_alpha_qqmm() -> None:
    x, c, w = operand(71, (5, 64)), operand(72, (7,)), operand(73, (7, 64))
    plain, sum_ = model.qqmm(x, w), model.qqaddmm(c, x, w, alpha=2.0, beta=-1.0)
    np.testing.assert_allclose(sum_.ref, 2.0 * plain.ref - c, rtol=1e-15)


@pytest.mark.parametrize("mode", FP_MODES)
def test_qqmm_multiplies_two_quantized_operands(mode: str) -> None:
    x, w = operand(74, (2, 5, 64)), operand(75, (7, 64))
    both = [model.real_weights(*model.quantize(part, mode), mode=mode) for part in (x, w)]
    assert_close(model.qqmm(x, w, mode=mode), both[0], both[1].T)
    wq, scales, _ = model.quantize(w, mode)
    np.testing.assert_array_equal(
        model.qqmm(x, wq, scales, mode=mode).ref, model.qqmm(x, w, mode=mode).ref
    )
    one_row = model.qqmm(x[0, 0], w, mode=mode)
    np.testing.assert_array_equal(one_row.ref, model.qqmm(x, w, mode=mode).ref[0, 0])


def test_qqmm_uses_both_global_scales() -> None:
    x, w = operand(76, (3, 32)) * np.float32(1e-5), operand(77, (4, 32)) * np.float32(1e-4)
    scales = [float(np.abs(part).max()) for part in (x, w)]
    reference = model.qqmm(x, w, global_scale_x=scales[0], global_scale_w=scales[1])
    assert not model.qqmm(x, w).ref.any()
    exact = x.astype(np.float64) @ w.astype(np.float64).T
    assert np.linalg.norm(reference.ref - exact) < 0.3 * np.linalg.norm(exact)
    with pytest.raises(ValueError, match="both or neither"):
        model.qqmm(x, w, global_scale_x=scales[0])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, BF16])
def test_a_non_finite_activation_makes_its_row_nan(dtype: npt.DTypeLike, value: float) -> None:
    x, w = operand(78, (2, 3, 32)).astype(dtype), operand(79, (4, 32))
    clean = model.qqmm(x, w).ref
    x[1, 2, 17] = value
    dirty = model.qqmm(x, w).ref
    assert np.isnan(dirty[1, 2]).all()
    clean[1, 2] = np.nan
    np.testing.assert_array_equal(dirty, clean)


def test_quantized_activations_refuse_affine() -> None:
    with pytest.raises(ValueError, match="E2M1 or E4M3"):
        model.qqmm(operand(80, (1, 64)), operand(81, (1, 64)), mode="affine")


@pytest.mark.parametrize(
    ("lhs", "rhs", "shape"),
    [
        (None, [4, 0], (2,)),
        ([[1], [0]], [5, 5, 0], (2, 3)),
        ([1, 1], None, (2,)),
        (None, None, (2,)),
        ([], [1], (0,)),
    ],
)
def test_gather_indices_are_flat_and_broadcast(
    lhs: list[Any] | None, rhs: list[Any] | None, shape: tuple[int, ...]
) -> None:
    """x has 2 batches; w has 6, or 2 where its index is missing."""
    x, w = operand(82, (2, 3, 32)), operand(83, (2, 3, 5, 32))[:, : 3 if rhs is not None else 1]
    w = w if rhs is not None else w[:, 0]
    parts = model.quantize(w, "mxfp8")
    indices = [None if index is None else np.array(index, np.int64) for index in (lhs, rhs)]
    ref, _ = model.gather_qmm(
        x, *parts, lhs_indices=indices[0], rhs_indices=indices[1], mode="mxfp8"
    )
    real = model.real_weights(*parts, mode="mxfp8").reshape(-1, 5, 32)
    pairs = np.broadcast_arrays(*(np.arange(2) if i is None else i for i in indices))
    assert pairs[0].shape == shape
    assert ref.shape == (*shape, 3, 5)
    for place in np.ndindex(shape):
        expected = x[pairs[0][place]].astype(np.float64) @ real[pairs[1][place]].T
        np.testing.assert_allclose(ref[place], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ["affine", *FP_MODES])
def test_empty_rows_columns_and_batches_have_empty_products(mode: str) -> None:
    def call(x_shape: tuple[int, ...], w_shape: tuple[int, ...], transpose: bool) -> Array:
        parts = model.quantize(operand(90, w_shape), mode)
        return model.gather_qmm(operand(91, x_shape), *parts, transpose=transpose, mode=mode).ref

    assert call((0, 64), (5, 64), True).shape == (0, 5)
    assert call((2, 64), (0, 64), True).shape == (2, 0)
    assert call((2, 64), (64, 0), False).shape == (2, 0)
    assert call((0, 2, 64), (0, 5, 64), True).shape == (0, 2, 5)
    if mode != "affine":
        w, factors = operand(92, (0, 5, 64)), np.zeros(0, np.float32)
        x_scale, w_scale = (1.0, factors) if mode == "nvfp4" else (None, None)
        result = model.gather_qqmm(
            operand(93, (0, 2, 64)), w, mode=mode, global_scale_x=x_scale, global_scale_w=w_scale
        )
        assert result.ref.shape == (0, 2, 5)


@pytest.mark.parametrize("bad", [[-1], [3]])
def test_gather_refuses_indices_out_of_range(bad: list[int]) -> None:
    x, parts = operand(84, (1, 64)), model.quantize(operand(85, (3, 5, 64)))
    with pytest.raises(IndexError):
        model.gather_qmm(x, *parts, rhs_indices=np.array(bad, np.int32))
    with pytest.raises(ValueError, match="int32"):
        model.gather_qmm(x, *parts, rhs_indices=np.array([0.0]))


def test_each_expert_has_its_own_global_scale() -> None:
    x, w = operand(86, (2, 32)), operand(87, (3, 4, 32)) * np.float32(1e-4)
    w[1] *= 100
    scales = np.abs(w).max(axis=(1, 2))
    packed = [model.quantize(w[e], global_scale=scales[e], mode="nvfp4") for e in range(3)]
    wq = np.stack([parts[0] for parts in packed])
    blocks = np.stack([parts[1] for parts in packed])
    index = np.array([2, 1], np.int32)
    gathered = model.gather_qmm(x, wq, blocks, rhs_indices=index, mode="nvfp4", global_scale=scales)
    on_the_fly = model.gather_qqmm(
        x, w, rhs_indices=index, global_scale_x=4.0, global_scale_w=scales
    )
    for place, e in enumerate(index):
        single = model.quantized_matmul(x, wq[e], blocks[e], mode="nvfp4", global_scale=scales[e])
        np.testing.assert_array_equal(gathered.ref[place], single.ref)
        both = model.qqmm(x, w[e], global_scale_x=4.0, global_scale_w=scales[e])
        np.testing.assert_array_equal(on_the_fly.ref[place], both.ref)


def test_bounds_are_those_of_the_contract() -> None:
    assert model.bound(np.float32) == (2.0**-23, 1e-6)
    assert model.bound(np.float16) == (2.0**-10, 2.0**-11)
    assert model.bound(BF16) == (2.0**-8, 2.0**-9)
    assert model.qq_bound(np.float32) == (2.0**-23, 1e-6)
    assert model.qq_bound(np.float16) == (2.0**-10, 1e-6)
    assert model.qq_bound(BF16) == (2.0**-8, 1e-6)
    assert [model.rms_bound(dtype) for dtype in (np.float32, np.float16, BF16)] == [
        3e-6,
        1e-3,
        4e-3,
    ]
