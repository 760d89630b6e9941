"""What the functions of the Python API take, give back, and refuse."""

import inspect
import pickle
from typing import ClassVar

import ml_dtypes
import numpy as np
import pytest

import thinbit
import thinbit._generated.ops
from thinbit import ThinbitError

OPS = thinbit._generated.ops.__all__
FLOATS = [np.float32, np.float16, ml_dtypes.bfloat16]


@pytest.fixture
def w():
    return np.random.default_rng(1).standard_normal((8, 128)).astype(np.float32)


@pytest.fixture
def x():
    return np.random.default_rng(2).standard_normal((3, 128)).astype(np.float32)


def rule_of(call):
    with pytest.raises(ThinbitError) as caught:
        call()
    error = caught.value
    assert error.rule == f"{error.op}.{error.argument}.{error.rule.rpartition('.')[2]}"
    assert str(error).startswith(f"{error.op}: ")
    assert error.status in ("invalid_argument", "unsupported", "non_finite")
    return error.rule


class Legacy:
    """A producer from before DLPack 1.0: its __dlpack__ takes no max_version."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, stream=None):
        return self.array.__dlpack__()

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class TestInputs:
    @pytest.mark.parametrize("dtype", FLOATS)
    def test_results_keep_the_dtype_of_x(self, w, x, dtype):
        parts = thinbit.quantize(w.astype(dtype))
        assert parts.scales.dtype == dtype == parts.biases.dtype
        assert thinbit.quantized_matmul(x.astype(dtype), *parts).dtype == dtype

    def test_read_only_arrays_are_inputs(self, w):
        expected = thinbit.quantize(w)
        w.flags.writeable = False
        for found, wanted in zip(thinbit.quantize(w), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)

    def test_strided_and_broadcast_arrays_are_inputs(self, w):
        wide = np.repeat(w, 2, axis=1)[:, ::2]
        np.testing.assert_array_equal(thinbit.quantize(wide).wq, thinbit.quantize(w).wq)
        flipped = w[::-1, ::-1]
        np.testing.assert_array_equal(
            thinbit.quantize(flipped).wq, thinbit.quantize(flipped.copy()).wq
        )
        repeated = np.broadcast_to(w[:1], w.shape)
        np.testing.assert_array_equal(
            thinbit.quantize(repeated).wq, thinbit.quantize(repeated.copy()).wq
        )

    def test_producers_from_before_dlpack_1_are_inputs(self, w):
        found = thinbit.quantize(Legacy(w))
        assert isinstance(found.wq, np.ndarray)
        np.testing.assert_array_equal(found.wq, thinbit.quantize(w).wq)
        np.testing.assert_array_equal(thinbit.quantize(Legacy(w)).wq, found.wq)

    def test_torch_tensors_give_torch_tensors(self, w, x):
        torch = pytest.importorskip("torch")
        parts = thinbit.quantize(torch.from_numpy(w).to(torch.bfloat16))
        assert all(isinstance(part, torch.Tensor) for part in parts)
        assert (parts.wq.dtype, parts.scales.dtype) == (torch.uint32, torch.bfloat16)
        expected = thinbit.quantize(w.astype(ml_dtypes.bfloat16))
        np.testing.assert_array_equal(parts.wq.numpy(), expected.wq)
        product = thinbit.quantized_matmul(torch.from_numpy(x), *thinbit.quantize(w))
        assert product.dtype == torch.float32
        np.testing.assert_array_equal(
            product.numpy(), thinbit.quantized_matmul(x, *thinbit.quantize(w))
        )

    def test_a_tensor_that_requires_a_gradient_is_refused_with_torchs_reason(self, w):
        torch = pytest.importorskip("torch")
        with pytest.raises(ThinbitError, match="gradient") as caught:
            thinbit.quantize(torch.from_numpy(w).requires_grad_())
        assert caught.value.rule == "quantize.w.layout"

    def test_mlx_arrays_give_numpy_arrays(self, w):
        mx = pytest.importorskip("mlx.core")
        for dtype in (mx.float32, mx.float16, mx.bfloat16):
            parts = thinbit.quantize(mx.array(w).astype(dtype))
            assert all(isinstance(part, np.ndarray) for part in parts)
            assert parts.scales.dtype.name == str(dtype).rpartition(".")[2]

    @pytest.mark.parametrize(
        "wrong", [[[1.0] * 64], 1.5, np.float32(1), "w", ((1.0,),), np.ndarray, object()]
    )
    def test_what_is_no_array_is_refused_by_name(self, wrong):
        assert rule_of(lambda: thinbit.quantize(wrong)) == "quantize.w.dtype"

    @pytest.mark.parametrize(
        "dtype", ["f8", "i4", "u1", "c8", "c16", "?", ">f4", "S4", "O", "M8[s]", "g"]
    )
    def test_other_dtypes_are_refused(self, dtype):
        assert rule_of(lambda: thinbit.quantize(np.zeros((2, 64), dtype))) == "quantize.w.dtype"

    def test_other_dtypes_of_ml_dtypes_are_refused(self):
        w = np.zeros((2, 64), ml_dtypes.float8_e4m3fn)
        assert rule_of(lambda: thinbit.quantize(w)) == "quantize.w.dtype"

    def test_an_array_between_elements_is_refused(self):
        records = np.zeros((2, 64), np.dtype([("flag", "u1"), ("value", "f4")]))
        assert rule_of(lambda: thinbit.quantize(records["value"])) == "quantize.w.layout"

    def test_a_producer_without_a_capsule_is_refused(self):
        class Liar:
            def __dlpack__(self, **_):
                return "no capsule"

            def __dlpack_device__(self):
                return 1, 0

        assert rule_of(lambda: thinbit.quantize(Liar())) == "quantize.w.layout"

    def test_a_missing_operand_is_required(self, w, x):
        assert rule_of(lambda: thinbit.quantize(None)) == "quantize.w.required"
        assert rule_of(lambda: thinbit.to_fp8(None)) == "to_fp8.x.required"
        matmul = "quantized_matmul"
        assert rule_of(lambda: thinbit.quantized_matmul(x, None)) == f"{matmul}.w.required"
        packed = thinbit.quantize(w).wq
        assert rule_of(lambda: thinbit.quantized_matmul(x, packed)) == f"{matmul}.scales.required"


class TestSettings:
    @pytest.mark.parametrize("value", [0, -1, True, False, 2**31, 2**64, 1.0, "64", np.bool_(True)])
    @pytest.mark.parametrize("name", ["group_size", "bits"])
    def test_a_wrong_integer_is_no_choice(self, w, name, value):
        assert rule_of(lambda: thinbit.quantize(w, **{name: value})) == f"quantize.{name}.choice"

    def test_numpy_integers_are_integers(self, w):
        found = thinbit.quantize(w, group_size=np.int64(32), bits=np.uint8(8))
        np.testing.assert_array_equal(found.wq, thinbit.quantize(w, group_size=32, bits=8).wq)

    @pytest.mark.parametrize("value", ["mxpf4", "", "Affine", 1, None, 3.0, ["affine"]])
    def test_a_wrong_mode_is_no_choice(self, w, value):
        assert rule_of(lambda: thinbit.quantize(w, mode=value)) == "quantize.mode.choice"

    def test_a_misspelled_mode_gets_a_suggestion(self, w):
        with pytest.raises(ThinbitError, match="did you mean 'mxfp4'"):
            thinbit.quantize(w, mode="mxpf4")

    def test_a_wrong_mode_is_reported_before_a_wrong_setting(self, w):
        rule = "quantize.mode.choice"
        assert rule_of(lambda: thinbit.quantize(w, mode="mx", group_size=0)) == rule

    @pytest.mark.parametrize("value", [1, 0, None, "yes", np.array(True)])
    def test_a_flag_is_a_bool(self, w, x, value):
        rule = "quantized_matmul.transpose.choice"
        assert (
            rule_of(lambda: thinbit.quantized_matmul(x, *thinbit.quantize(w), transpose=value))
            == rule
        )

    @pytest.mark.parametrize("value", [np.nan, np.inf, 1e300, "1", None, True, 1j])
    def test_a_factor_is_a_finite_number(self, w, x, value):
        c = np.zeros(8, np.float32)
        rule = "quantized_addmm.alpha.finite"
        assert (
            rule_of(lambda: thinbit.quantized_addmm(c, x, *thinbit.quantize(w), alpha=value))
            == rule
        )

    @pytest.mark.parametrize("dtype", ["float16", np.float16, np.dtype("f2"), np.dtype("f2").type])
    def test_a_dtype_has_several_spellings(self, dtype):
        assert thinbit.from_fp8(np.zeros(3, np.uint8), dtype=dtype).dtype == np.float16

    def test_bfloat16_is_a_dtype(self):
        for dtype in ("bfloat16", ml_dtypes.bfloat16):
            assert thinbit.from_fp8(np.zeros(3, np.uint8), dtype=dtype).dtype == ml_dtypes.bfloat16

    @pytest.mark.parametrize("dtype", ["float64", np.float64, "uint8", "f2", object()])
    def test_a_wrong_dtype_is_no_choice(self, dtype):
        rule = "from_fp8.dtype.choice"
        assert rule_of(lambda: thinbit.from_fp8(np.zeros(3, np.uint8), dtype=dtype)) == rule

    @pytest.mark.parametrize(
        "device", ["gpu", "cpu:x", "cpu:1", "metal:0", "cuda:-1", "", 0, "cuda:99999999999"]
    )
    def test_a_wrong_device_is_no_choice(self, w, device):
        assert rule_of(lambda: thinbit.quantize(w, device=device)) == "quantize.device.choice"

    @pytest.mark.parametrize("device", ["cuda", "cuda:1", "metal"])
    def test_a_device_without_a_backend_is_an_error_of_the_call(self, w, device):
        with pytest.raises(ThinbitError, match=f"quantize: the device is {device[:4]}") as caught:
            thinbit.quantize(w, device=device)
        error = caught.value
        assert (error.op, error.argument, error.status) == ("quantize", "device", "unsupported")
        assert error.rule == "quantize.device.unsupported"

    def test_the_cpu_has_no_streams(self, w):
        assert rule_of(lambda: thinbit.quantize(w, stream=5)) == "quantize.stream.forbidden"
        rule = "context_create.stream.forbidden"
        assert rule_of(lambda: thinbit.Context("cpu", stream=5)) == rule

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            (3, "is an int, and must be an array"),
            (3.0, "is a float, and must be an array"),
            (np.zeros((2, 64), np.dtype("f4").newbyteorder()), "in that of this machine"),
            (np.array([["a"]]), "and thinbit's arrays are of float32"),
        ],
    )
    def test_what_is_no_array_is_named(self, given, text):
        with pytest.raises(ThinbitError, match=text):
            thinbit.quantize(given)

    def test_a_context_has_its_own_device(self, w):
        context = thinbit.Context()
        rule = "quantize.device.forbidden"
        assert rule_of(lambda: thinbit.quantize(w, device="cpu", context=context)) == rule
        assert rule_of(lambda: thinbit.quantize(w, context="cpu")) == "quantize.context.choice"

    @pytest.mark.parametrize("threads", [0, -1, True, 1.5, "2", 2**40])
    def test_a_wrong_number_of_threads_is_refused(self, threads):
        rule = "context_create.num_threads.range"
        assert rule_of(lambda: thinbit.Context(threads=threads)) == rule

    def test_everything_after_the_operands_is_keyword_only(self):
        for name in OPS:
            parameters = inspect.signature(getattr(thinbit, name)).parameters
            keywords = {p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
            assert {"out", "device", "stream", "context"} <= keywords
            assert not {"mode", "bits", "group_size", "transpose", "dtype"} & (
                set(parameters) - keywords
            )


class TestOut:
    def test_out_is_returned_as_it_is(self, w, x):
        parts = thinbit.quantize(w)
        out = np.empty((3, 8), np.float32)
        assert thinbit.quantized_matmul(x, *parts, out=out) is out
        np.testing.assert_array_equal(out, thinbit.quantized_matmul(x, *parts))

    def test_out_of_quantize_is_a_tuple(self, w):
        expected = thinbit.quantize(w)
        out = tuple(np.empty_like(part) for part in expected)
        assert thinbit.quantize(w, out=out) is out
        for found, wanted in zip(out, expected, strict=True):
            np.testing.assert_array_equal(found, wanted)

    def test_out_has_none_for_what_the_mode_has_not(self, w):
        expected = thinbit.quantize(w, mode="mxfp4")
        out = (np.empty_like(expected.wq), np.empty_like(expected.scales), None)
        assert thinbit.quantize(w, mode="mxfp4", out=out) is out
        np.testing.assert_array_equal(out[0], expected.wq)
        extra = (*out[:2], out[1])
        rule = "quantize.biases.forbidden"
        assert rule_of(lambda: thinbit.quantize(w, mode="mxfp4", out=extra)) == rule
        assert rule_of(lambda: thinbit.quantize(w, out=out)).startswith("quantize.")

    @pytest.mark.parametrize("wrong", [(), [None] * 3, np.zeros(3), (None, None)])
    def test_out_of_quantize_is_nothing_but_a_tuple(self, w, wrong):
        assert rule_of(lambda: thinbit.quantize(w, out=wrong)) == "quantize.out.shape"

    def test_out_may_have_any_strides(self, w, x):
        parts = thinbit.quantize(w)
        expected = thinbit.quantized_matmul(x, *parts)
        for out in (
            np.empty((3, 8), np.float32, order="F"),
            np.empty((6, 16), np.float32)[::2, ::2],
            np.empty((3, 8), np.float32)[::-1, ::-1],
        ):
            thinbit.quantized_matmul(x, *parts, out=out)
            np.testing.assert_array_equal(out, expected)

    def test_out_may_be_bfloat16(self):
        out = np.empty(3, ml_dtypes.bfloat16)
        assert thinbit.from_fp8(np.full(3, 0x38, np.uint8), dtype="bfloat16", out=out) is out
        assert out.tolist() == [1, 1, 1]

    def test_out_may_be_another_librarys(self, w, x):
        torch = pytest.importorskip("torch")
        out = torch.empty(3, 8)
        assert thinbit.quantized_matmul(x, *thinbit.quantize(w), out=out) is out
        np.testing.assert_array_equal(
            out.numpy(), thinbit.quantized_matmul(x, *thinbit.quantize(w))
        )

    def test_a_wrong_out_is_refused(self, w, x):
        parts = thinbit.quantize(w)
        read_only = np.empty((3, 8), np.float32)
        read_only.flags.writeable = False
        wrong = {
            "shape": np.empty((8, 3), np.float32),
            "dtype": np.empty((3, 8), np.float16),
            "layout": read_only,
            "overlap": np.lib.stride_tricks.as_strided(np.empty(8, np.float32), (3, 8), (0, 4)),
        }
        for kind, out in wrong.items():
            rule = rule_of(lambda out=out: thinbit.quantized_matmul(x, *parts, out=out))
            assert rule == f"quantized_matmul.out.{kind}"


class TestErrors:
    def test_an_error_is_a_value_error_with_fields(self, w):
        with pytest.raises(ValueError, match="the last axis of w has 100 elements") as caught:
            thinbit.quantize(w[:, :100])
        error = caught.value
        fields = (error.status, error.op, error.argument, error.rule)
        assert fields == ("invalid_argument", "quantize", "w", "quantize.w.multiple")

    def test_an_error_crosses_process_boundaries(self, w):
        with pytest.raises(ThinbitError) as caught:
            thinbit.quantize(w, bits=7)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (str(copy), vars(copy)) == (str(caught.value), vars(caught.value))

    def test_non_finite_values_have_a_status_of_their_own(self, w):
        w[1, 2] = np.nan
        with pytest.raises(ThinbitError) as caught:
            thinbit.quantize(w)
        assert caught.value.status == "non_finite"


class TestDocs:
    SECTIONS: ClassVar = ("Args:", "Returns:", "Raises:")

    @pytest.mark.parametrize("name", OPS)
    def test_every_function_documents_every_parameter(self, name):
        function = getattr(thinbit, name)
        doc = inspect.getdoc(function)
        assert all(section in doc for section in self.SECTIONS)
        for parameter in inspect.signature(function).parameters:
            assert f"\n    {parameter}: " in doc

    @pytest.mark.parametrize("name", thinbit.__all__)
    def test_every_public_name_is_there_and_documented(self, name):
        if name not in ("MODES", "ModeName"):
            assert inspect.getdoc(getattr(thinbit, name))

    def test_the_mode_table_is_data(self):
        assert list(thinbit.MODES) == ["affine", "mxfp4", "mxfp8", "nvfp4"]
        for name, mode in thinbit.MODES.items():
            assert mode.name == name
            assert mode.default_bits in mode.bits
            assert mode.default_group_size in mode.group_sizes
