"""What the Swift lowering refuses, and what it does with names that Swift keeps to itself."""

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from codegen import lower_c, lower_info, lower_swift
from codegen.schema_file import load_schema
from codegen.swift_types import UnboundArgument, mode_suffix

ROOT = Path(__file__).resolve().parents[2]
GENERATED = "bindings/swift/Sources/Thinbit/Generated"


@pytest.fixture(scope="module")
def schema():
    return load_schema(ROOT)


def with_op(schema, name, **changes):
    op = dataclasses.replace(schema.op(name), **changes)
    ops = tuple(op if other.name == name else other for other in schema.ops)
    return dataclasses.replace(schema, ops=ops)


def renamed(schema, op_name, names):
    """The schema with other names for arguments of one op."""
    op = schema.op(op_name)
    args = tuple(dataclasses.replace(arg, name=names.get(arg.name, arg.name)) for arg in op.args)
    return with_op(
        schema, op_name, args=args, signature=tuple(names.get(name, name) for name in op.signature)
    )


@pytest.mark.parametrize(
    ("op", "argument"),
    [
        ("quantized_matmul", "mode"),
        ("quantized_matmul", "biases"),
        ("gather_qmm", "rhs_indices"),
        ("qqaddmm", "beta"),
        ("qqmm", "global_scale_x"),
        ("quantize", "bits"),
        ("to_fp8", "x"),
    ],
)
def test_a_field_that_nothing_binds_is_refused(schema, op, argument):
    signature = tuple(name for name in schema.op(op).signature if name != argument)
    with pytest.raises(UnboundArgument, match=f"{op}: nothing in Swift binds the field {argument}"):
        lower_swift.lower(with_op(schema, op, signature=signature))


def test_a_parameter_that_every_function_has_is_refused(schema):
    with pytest.raises(ValueError, match="context is a parameter that every Swift function"):
        lower_swift.lower(renamed(schema, "from_fp8", {"x": "context"}))


def test_only_what_a_mode_leaves_open_is_a_parameter_of_its_entry(schema):
    text = lower_swift.lower(schema)[f"{GENERATED}/Quantized.gen.swift"]
    heads = {}
    for mode in schema.modes:
        head = text.split(f"public func quantized{mode_suffix(mode.name)}(")[1].split("{\n")[0]
        heads[mode.name] = " ".join(head.split())
    assert "groupSize: Int? = nil, bits: Int? = nil" in heads["affine"]
    assert heads["affine"].endswith("(wq: Tensor, scales: Tensor, biases: Tensor)")
    assert "globalScale" not in heads["affine"]
    assert "groupSize" not in heads["mxfp4"]
    assert heads["mxfp4"].endswith("(wq: Tensor, scales: Tensor)")
    assert "globalScale: Tensor? = nil" in heads["nvfp4"]


def test_the_record_may_take_the_place_of_its_parts_in_every_op_that_has_one(schema):
    files = lower_swift.lower(schema)
    for op in schema.ops:
        text = files[f"{GENERATED}/{op.swift[0].upper()}{op.swift[1:]}.gen.swift"]
        assert ("QuantizedTensor," in text) == (op.record_arg is not None), op.name


def test_every_file_says_what_it_is(schema):
    for path, text in lower_swift.lower(schema).items():
        assert text.startswith("// generated from codegen/schema/thinbit.yaml: do not edit\n")
        assert path.endswith(".gen.swift")


@pytest.mark.skipif(
    shutil.which("swiftc") is None and not os.environ.get("CI"), reason="there is no swiftc"
)
def test_keywords_and_local_names_are_argument_names(schema, tmp_path):
    words = {"c": "in", "x": "self", "alpha": "default", "beta": "class", "transpose": "inout"}
    strange = renamed(schema, "quantized_addmm", words)
    strange = renamed(strange, "to_fp8", {"x": "params"})
    strange = renamed(strange, "from_fp8", {"x": "context_", "dtype": "init"})
    made = lower_c.lower(strange) | lower_swift.lower(strange) | lower_info.lower(strange)
    for path, content in made.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    sources = ROOT / "bindings" / "swift" / "Sources" / "Thinbit"
    shutil.copy(ROOT / "core/include/module.modulemap", tmp_path / "core/include")
    files = [*sources.glob("*.swift"), *(tmp_path / GENERATED).glob("*.swift")]
    options = ["-swift-version", "6", "-package-name", "thinbit", "-module-name", "Thinbit"]
    subprocess.run(
        ["swiftc", "-typecheck", *options, "-I", tmp_path / "core/include", *files], check=True
    )
    text = (tmp_path / GENERATED / "QuantizedAddMM.gen.swift").read_text(encoding="utf-8")
    assert "_ in_: Tensor" in text
    assert "default default_: Float = 1.0" in text
    assert "`inout` inout_: Bool = true" in text
