"""What the Python lowering refuses, and what it does with names that Python keeps to itself."""

import ast
import dataclasses
from pathlib import Path

import pytest

from codegen import lower_python
from codegen.cpp_expression import LoweringError
from codegen.schema_file import load_schema

ROOT = Path(__file__).resolve().parents[2]
OPS = "bindings/python/thinbit/_generated/ops.py"


@pytest.fixture(scope="module")
def schema():
    return load_schema(ROOT)


def with_op(schema, name, **changes):
    op = dataclasses.replace(schema.op(name), **changes)
    return dataclasses.replace(schema, ops=(op,))


def renamed(schema, old, new):
    """The schema with the one op from_fp8, whose argument has another name."""
    op = schema.op("from_fp8")
    args = tuple(dataclasses.replace(arg, name=new) if arg.name == old else arg for arg in op.args)
    signature = tuple(new if name == old else name for name in op.signature)
    return with_op(schema, "from_fp8", args=args, signature=signature)


@pytest.mark.parametrize(
    ("op", "argument"),
    [
        ("quantized_matmul", "mode"),
        ("quantized_matmul", "biases"),
        ("gather_qmm", "rhs_indices"),
        ("qqaddmm", "beta"),
        ("qqmm", "global_scale_x"),
        ("to_fp8", "x"),
    ],
)
def test_a_field_that_nothing_binds_is_refused(schema, op, argument):
    signature = tuple(name for name in schema.op(op).signature if name != argument)
    with pytest.raises(LoweringError, match=f"{op}: nothing binds the field {argument}"):
        lower_python.lower(with_op(schema, op, signature=signature))


@pytest.mark.parametrize("name", ["out", "device", "stream", "context"])
def test_a_parameter_that_every_function_has_is_refused(schema, name):
    with pytest.raises(LoweringError, match=f"{name} is a parameter that every Python function"):
        lower_python.lower(renamed(schema, "dtype", name))


@pytest.mark.parametrize("name", ["in", "class", "self", "lambda", "register", "default"])
def test_keywords_are_argument_names(schema, name):
    files = lower_python.lower(renamed(schema, "x", name))
    tree = ast.parse(files[OPS])
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef))
    spelled = function.args.args[0].arg
    assert spelled == (name if name in ("register", "default") else f"{name}_")
    ast.parse(files[f"{OPS}i"])
    assert f'"{name}"' in files[OPS.replace("ops.py", "operations.py")]


def test_every_python_file_can_be_parsed_and_says_what_it_is(schema):
    for path, text in lower_python.lower(schema).items():
        assert "generated from codegen/schema/thinbit.yaml: do not edit" in text.splitlines()[0]
        if path.endswith((".py", ".pyi")):
            ast.parse(text, path)


def test_no_line_of_the_declarations_is_more_than_plain_c(schema):
    text = lower_python.lower(schema)["bindings/python/native/cdef.gen.h"]
    assert "#" not in text
    assert "THINBIT" not in text
    assert "__attribute__" not in text
