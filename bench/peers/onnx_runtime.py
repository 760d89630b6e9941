"""ONNX Runtime's MatMulNBits: 2, 4 and 8 bits in groups, activations float32 or rounded to int8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper

from bench import data
from bench.model import Float64, Product, Sample, Variant
from bench.peers.nothing_else import ProductsOnly

_GROUP = 64
_Arrays = dict[str, npt.NDArray[Any]]


class _Multiplication:
    """One model with a node for each copy, so that a pass is one call."""

    def __init__(
        self, bits: int, level: int, n: int, k: int, least_bytes: int, threads: int
    ) -> None:
        self._k, self._n = k, n
        part = _random_weight(min(n, 512), k, bits)
        self._values = _values({name: each[: data.SAMPLE] for name, each in part.items()}, bits)
        weight = {name: data.whole(each, n) for name, each in part.items()}
        self.nbytes = sum(each.nbytes for each in weight.values())
        self.copies = data.copies_for(self.nbytes, least_bytes)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Its threads spin while a pass runs, and leave the CPU to the next competitor after it.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        model = _model(weight, self.copies, bits, level, n, k)
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._x = np.empty((0, k), np.float32)

    def set_rows(self, rows: int) -> None:
        if rows != self._x.shape[0]:
            self._x = data.activations(rows, self._k)

    def run(self) -> None:
        self._session.run(None, {"x": self._x})

    def sample(self) -> Sample:
        result = self._session.run(["y0"], {"x": self._x})[0]
        columns = result[:, : data.SAMPLE].astype(np.float64)
        return Sample(columns, self._x.astype(np.float64), self._values)


def _random_weight(rows: int, k: int, bits: int) -> _Arrays:
    generator, groups = np.random.default_rng(3), k // _GROUP
    shape = (rows, groups, _GROUP * bits // 8)
    zeros = generator.integers(0, 256, (rows, (groups * bits + 7) // 8), np.uint8)
    return {
        "codes": generator.integers(0, 256, shape, np.uint8),
        "scales": generator.random((rows, groups), np.float32) * np.float32(0.01),
        "zeros": zeros,
    }


def _values(weight: _Arrays, bits: int) -> Float64:
    rows, groups = weight["scales"].shape
    codes = _codes(weight["codes"].reshape(rows, -1), bits).reshape(rows, groups, _GROUP)
    zeros = _codes(weight["zeros"], bits)[:, :groups]
    scaled = (codes - zeros[..., None]) * weight["scales"].astype(np.float64)[..., None]
    return scaled.reshape(rows, -1)


def _codes(stream: npt.NDArray[np.uint8], bits: int) -> Float64:
    flat = np.unpackbits(stream, axis=-1, bitorder="little")
    codes: Float64 = flat.reshape(stream.shape[0], -1, bits) @ (2.0 ** np.arange(bits))
    return codes


def _model(weight: _Arrays, copies: int, bits: int, level: int, n: int, k: int) -> bytes:
    nodes, initializers, outputs = [], [], []
    for i in range(copies):
        names = []
        for j, (name, each) in enumerate(weight.items()):
            kind = TensorProto.FLOAT if each.dtype == np.float32 else TensorProto.UINT8
            # Different scales, or it would find that all copies are one.
            array = each * np.float32(1 + 0.01 * i) if j == 1 else each
            shape = array.shape if j == 0 else (array.size,)
            tensor = helper.make_tensor(f"{name}{i}", kind, shape, array.tobytes(), raw=True)
            initializers.append(tensor)
            names.append(tensor.name)
        settings: dict[str, Any] = {
            "K": k,
            "N": n,
            "bits": bits,
            "block_size": _GROUP,
            "accuracy_level": level,
        }
        nodes.append(
            helper.make_node(
                "MatMulNBits", ["x", *names], [f"y{i}"], domain="com.microsoft", **settings
            )
        )
        outputs.append(helper.make_tensor_value_info(f"y{i}", TensorProto.FLOAT, ["M", n]))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["M", k])
    graph = helper.make_graph(nodes, "products", [x], outputs, initializers)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model: bytes = helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString()
    return model


class _OnnxRuntime(ProductsOnly):
    def version(self) -> str:
        return f"{onnxruntime.__version__} (models made with onnx {onnx.__version__})"

    def variants(self) -> Sequence[Variant]:
        found = []
        for bits, level, group in (
            (2, 4, "low"),
            (4, 4, "four"),
            (4, 1, "four"),
            (8, 4, "eight"),
            (8, 1, "eight"),
        ):
            name = f"{bits} bits g{_GROUP}, level {level}"
            inside = "int8" if level == 4 else "f32"
            found.append(Variant("onnx_runtime", name, "f32", inside, group, key=(bits, level)))
        return found

    def product(self, variant: Variant, n: int, k: int, least_bytes: int, threads: int) -> Product:
        bits, level = variant.key
        return _Multiplication(bits, level, n, k, least_bytes, threads)


PEER = _OnnxRuntime()
