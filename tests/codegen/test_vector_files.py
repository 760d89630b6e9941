"""The conformance vectors: complete, valid but for the one rule they break, small and stable."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codegen import lower_vectors
from codegen.expression import unparse
from codegen.model import Mode, Op
from codegen.rules import derive, op_rules
from codegen.schema_file import load_schema
from codegen.vectors.breaches import Broken, breaches
from codegen.vectors.case import Array, Bounded, Case, Exact, Failure
from codegen.vectors.file_format import Writer
from codegen.vectors.layouts import LAYOUTS, store
from codegen.vectors.reference import expected
from python.vector_file import Case as ReadCase
from python.vector_file import Error, Output, read_vectors

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = load_schema(ROOT)
OPS = [op.name for op in SCHEMA.ops]
FLOATS = SCHEMA.dtype_set("floats")
LARGEST_FILE = 1_000_000
LARGEST_TOTAL = 4_000_000


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {Path(path).stem: content for path, content in lower_vectors.lower(SCHEMA).items()}


@pytest.fixture(scope="module")
def read_cases(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[ReadCase]]:
    folder = tmp_path_factory.mktemp("vectors")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: read_vectors(folder / name) for name in files}


@pytest.fixture(scope="module")
def broken_calls() -> list[Broken]:
    return [broken for op in SCHEMA.ops for broken in breaches(SCHEMA, op)]


# Completeness


def dtypes_to_cover(op: Op, mode: Mode) -> list[dict[str, str]]:
    """What the dtypes of a call have to be, one entry for each call that has to be there."""
    if op.name == "quantize":
        return [{"w": dtype} for dtype in FLOATS]
    if op.name == "dequantize":
        return [{"scales": s, "out": dtype} for s in mode.scale_dtypes for dtype in FLOATS]
    scales = {True: FLOATS, False: ("uint8",) * len(FLOATS)}[mode.has_bias]
    return [{"x": x, "scales": s} for x, s in zip(FLOATS, scales, strict=True)]


def outputs_of(case: ReadCase) -> tuple[Output, ...]:
    return () if isinstance(case.expected, Error) else case.expected


def dtypes_of(case: ReadCase) -> dict[str, str]:
    found = {k: v.dtype.name for k, v in case.arguments.items() if isinstance(v, np.ndarray)}
    return found | {out.name: out.dtype.name for out in outputs_of(case) if out.dtype is not None}


@pytest.mark.parametrize("name", [op.name for op in SCHEMA.ops if op.modes])
def test_every_mode_width_group_size_dtype_and_transpose_has_a_case(
    name: str, read_cases: dict[str, list[ReadCase]]
) -> None:
    op = SCHEMA.op(name)
    cases = [case for case in read_cases[name] if outputs_of(case)]
    turns = [True, False] if any(a.name == "transpose" for a in op.inputs) else [None]
    for mode in op.modes:
        for bits in mode.bits:
            for group_size in mode.group_sizes:
                setting = {"mode": mode.name, "bits": bits, "group_size": group_size}
                fitting = [c for c in cases if setting.items() <= c.arguments.items()]
                for wanted in dtypes_to_cover(op, mode):
                    for turn in turns:
                        assert any(
                            wanted.items() <= dtypes_of(c).items()
                            and c.arguments.get("transpose") is turn
                            for c in fitting
                        ), (setting, wanted, turn)


@pytest.mark.parametrize("name", OPS)
def test_inputs_lie_in_memory_in_every_way(
    name: str, read_cases: dict[str, list[ReadCase]]
) -> None:
    tensors = [
        value
        for case in read_cases[name]
        if outputs_of(case)
        for value in case.arguments.values()
        if isinstance(value, np.ndarray)
    ]
    strided = [t for t in tensors if min(t.shape, default=0) > 1]
    steps = [tuple(s // t.itemsize for s in t.strides) for t in strided]
    assert any(0 in strides for strides in steps)
    assert any(max(strides) < 0 for strides in steps)
    assert any(strides[-1] == 2 for strides in steps)
    assert any(strides[0] == 1 for strides in steps)
    assert any(at_an_offset(t) for t in tensors)


def at_an_offset(tensor: Array) -> bool:
    memory = tensor.base
    return isinstance(memory, bytes) and tensor.flags.c_contiguous and tensor.nbytes < len(memory)


def test_every_index_dtype_and_promise_is_there(read_cases: dict[str, list[ReadCase]]) -> None:
    for name in ("gather_qmm", "gather_qqmm"):
        cases = [case for case in read_cases[name] if outputs_of(case)]
        for argument in ("lhs_indices", "rhs_indices"):
            given = [c.arguments[argument] for c in cases if argument in c.arguments]
            assert {t.dtype.name for t in given} == set(SCHEMA.dtype_set("indices"))
            assert len(given) < len(cases)
        assert any(case.arguments.get("sorted_indices") for case in cases)


@pytest.mark.parametrize("name", OPS)
def test_what_may_be_left_out_is_left_out_and_given(
    name: str, read_cases: dict[str, list[ReadCase]]
) -> None:
    cases = [case for case in read_cases[name] if outputs_of(case)]
    for flat in SCHEMA.op(name).flat_args:
        given = [case for case in cases if flat.name in case.arguments]
        assert given
        assert flat.required or len(given) < len(cases), flat.name


def test_an_op_without_calls_is_refused() -> None:
    unknown = replace(SCHEMA.ops[0], name="dream")
    with pytest.raises(ValueError, match="dream has no conformance vectors"):
        lower_vectors.lower(replace(SCHEMA, ops=(unknown,)))


# Breaches


def test_every_rule_that_each_language_can_break_is_broken(broken_calls: list[Broken]) -> None:
    wanted = {rule.id for rule in derive(SCHEMA) if not rule.c_only}
    assert {broken.rule.id for broken in broken_calls} == wanted


def test_every_error_expected_is_that_of_a_rule(read_cases: dict[str, list[ReadCase]]) -> None:
    rules = {rule.id: rule for rule in derive(SCHEMA)}
    for name, cases in read_cases.items():
        for case in cases:
            if isinstance(case.expected, Error):
                rule, error = rules[case.expected.rule], case.expected
                assert (rule.op, rule.argument) == (name, error.argument)
                assert rule.status == error.status


def test_every_call_was_valid_before_the_breach(broken_calls: list[Broken]) -> None:
    for broken in broken_calls:
        assert expected(SCHEMA.op(broken.rule.op), broken.valid)


def is_beyond_the_model(broken: Broken) -> bool:
    """Whether the model, which knows numbers and not calls, has no reason to refuse."""
    rule = broken.rule
    return (
        rule.kind == "sorted"
        or (rule.kind == "finite" and rule.argument in ("alpha", "beta"))
        or (rule.kind == "dtype" and rule.argument.startswith("global_scale"))
        or (rule.kind == "rank" and rule.argument == "out")
        or (rule.op.startswith("gather") and broken.label.endswith("/batch"))
    )


def test_the_model_refuses_them_too(broken_calls: list[Broken]) -> None:
    for broken in broken_calls:
        if is_beyond_the_model(broken):
            continue
        with pytest.raises((ValueError, IndexError, TypeError, KeyError, AttributeError)):
            expected(SCHEMA.op(broken.rule.op), broken.broken)


def test_a_breach_changes_no_more_than_it_must(broken_calls: list[Broken]) -> None:
    for broken in broken_calls:
        names = broken.valid.keys() | broken.broken.keys()
        changed = {n for n in names if broken.valid.get(n) is not broken.broken.get(n)}
        assert changed
        # Rows of another length need x and w to agree on it.
        assert len(changed) == 1 or changed == {"x", "w"}


# Bounds


def test_bounds_are_the_contracts(read_cases: dict[str, list[ReadCase]]) -> None:
    of_float_x = {
        "float32": (2.0**-23, 1e-6),
        "float16": (2.0**-10, 2.0**-11),
        "bfloat16": (2.0**-8, 2.0**-9),
    }
    for op in SCHEMA.ops:
        if op.batch is None:
            continue
        record = op.record_arg
        assert record is not None
        for case in read_cases[op.name]:
            for out in outputs_of(case):
                relative, of_r = of_float_x[case.arguments["x"].dtype.name]
                if record.accepts_float:
                    of_r = 1e-6
                assert (out.relative, out.of_r) == (relative, of_r)
                assert out.reference is not None and out.r is not None
                most = out.r * (1 + 1e-12)
                assert np.all((np.abs(out.reference) <= most) | np.isnan(out.reference))


# The files


@pytest.mark.parametrize("name", OPS)
def test_what_was_written_is_read_again(name: str, read_cases: dict[str, list[ReadCase]]) -> None:
    cases = lower_vectors.cases(SCHEMA, SCHEMA.op(name))
    assert len({case.name for case in cases}) == len(cases)
    for written, got in zip(cases, read_cases[name], strict=True):
        assert (got.name, got.op) == (written.name, name)
        assert list(got.arguments) == list(written.arguments)
        for argument, value in written.arguments.items():
            found = got.arguments[argument]
            if isinstance(value, np.ndarray):
                assert found.dtype == value.dtype
                assert (found.shape, found.tobytes()) == (value.shape, value.tobytes())
            else:
                assert type(found) is type(value)
                assert found == value or (value != value and found != found)
        assert_same_expectation(written, got)


def assert_same_expectation(written: Case, got: ReadCase) -> None:
    if isinstance(written.expectation, Failure):
        failure = written.expectation
        assert got.expected == Error(failure.status, failure.rule, failure.argument)
        return
    for output, found in zip(written.expectation, outputs_of(got), strict=True):
        assert found.name == output.name
        match output:
            case Exact(value=value):
                assert (found.dtype, found.shape) == (value.dtype, value.shape)
                assert found.data == value.tobytes()
            case Bounded():
                assert found.dtype is not None
                assert found.reference is not None and found.r is not None
                assert (found.dtype.name, found.shape) == (output.dtype, output.ref.shape)
                assert found.reference.tobytes() == output.ref.tobytes()
                assert found.r.tobytes() == output.r.tobytes()
            case _:
                assert found.dtype is None


def test_the_format_byte_by_byte() -> None:
    x = np.array([[1.0, -2.0]], np.float32)
    out = np.array([[0x38, 0xC0]], np.uint8)
    case = Case(
        "é", "to_fp8", {"x": x, "b": True, "n": -1, "f": 0.5}, (Exact("out", out),), "reversed"
    )
    failure = Case("no", "to_fp8", {"mode": "x"}, Failure("device", "a.b.c", "b"))
    assert Writer(SCHEMA).file([case, failure]) == b"".join(
        [
            b"TBVEC001" + struct.pack("<I", 2),
            b"\2\0\xc3\xa9" + b"\6\0to_fp8" + b"\4\0",
            b"\1\0x" + b"\1" + b"\1\2" + struct.pack("<qq", 1, 2),
            b"\1" + struct.pack("<qqQQff", -2, -1, 4, 8, -2.0, 1.0),
            b"\1\0b" + b"\5\1" + b"\1\0n" + b"\2" + b"\xff" * 8 + b"\1\0f" + b"\3",
            struct.pack("<d", 0.5),
            b"\0\1" + b"\3\0out" + b"\4\2" + struct.pack("<qq", 1, 2) + b"\0" + b"\x38\xc0",
            b"\2\0no" + b"\6\0to_fp8" + b"\1\0" + b"\4\0mode" + b"\4" + b"\1\0x",
            b"\1" + b"\6\0device" + b"\5\0a.b.c" + b"\1\0b",
        ]
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3), (0, 3), (2, 0)])
def test_a_layout_keeps_the_elements(layout: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int), dtype=np.int64).reshape(shape) + 7
    stored = store(array, layout)
    strides = None if stored.strides is None else tuple(8 * stride for stride in stored.strides)
    assert stored.shape == shape
    if array.size:
        got = np.ndarray(shape, np.int64, stored.data, stored.byte_offset, strides)
        assert got.tolist() == array.tolist()
    others = set(np.frombuffer(stored.data, np.int64).tolist()) - set(array.ravel().tolist())
    assert others <= {-1}


def test_the_files_are_small(files: dict[str, bytes]) -> None:
    sizes = {name: len(content) for name, content in files.items()}
    assert max(sizes.values()) <= LARGEST_FILE, sizes
    assert sum(sizes.values()) <= LARGEST_TOTAL, sizes


def test_the_bytes_depend_on_no_hash_seed(files: dict[str, bytes]) -> None:
    script = (
        "import hashlib, pathlib; from codegen.schema_file import load_schema\n"
        "from codegen.lower_vectors import lower\n"
        "files = sorted(lower(load_schema(pathlib.Path('.'))).items())\n"
        "print(hashlib.sha256(b''.join(content for _, content in files)).hexdigest())\n"
    )
    here = hashlib.sha256(b"".join(content for _, content in sorted(files.items()))).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."}
        there = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here


# The rules


def test_rules_fit_the_c_error_struct() -> None:
    for rule in derive(SCHEMA):
        assert rule.id == f"{rule.op}.{rule.argument}.{rule.kind}"
        assert max(len(rule.op), len(rule.argument)) < 32
        assert len(rule.id) < 64
        assert rule.text.endswith(".")
        assert rule.status in {status.name for status in SCHEMA.statuses}


def test_no_rule_stands_twice() -> None:
    rules = derive(SCHEMA)
    assert len({rule.id for rule in rules}) == len(rules)


def test_the_rules_of_quantize() -> None:
    rules = [rule for rule in op_rules(SCHEMA, SCHEMA.op("quantize")) if not rule.c_only]
    assert [rule.id.removeprefix("quantize.") for rule in rules] == [
        "w.dtype",
        "w.rank",
        "w.multiple",
        "w.finite",
        "group_size.choice",
        "bits.choice",
        "mode.choice",
        "global_scale.forbidden",
        "global_scale.dtype",
        "global_scale.shape",
        "global_scale.positive",
    ]


def test_a_fact_taken_away_takes_its_rules_away() -> None:
    op = SCHEMA.op("quantize")
    w = op.arg("w")
    for kind, without in {
        "finite": replace(w, value=None),
        "multiple": replace(w, multiple_of=()),
    }.items():
        loose = replace(op, args=tuple(without if a is w else a for a in op.args))
        kept = {rule.id for rule in op_rules(SCHEMA, loose)}
        assert {rule.id for rule in op_rules(SCHEMA, op)} - kept == {f"quantize.w.{kind}"}


def test_a_rule_quotes_the_schema() -> None:
    texts = {rule.id: rule.text for rule in derive(SCHEMA)}
    biases = next(a for a in SCHEMA.records[0].fields if a.name == "biases")
    assert biases.present_if is not None
    assert f"`{unparse(biases.present_if)}`" in texts["dequantize.biases.required"]
    assert "float32, float16 or bfloat16" in texts["quantize.w.dtype"]
