"""Checks of the schema's meaning: one small edit, and the text that a person gets to read.

Each case edits golden/small.yaml; what is then said stands in golden/errors.txt.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from golden_files import assert_golden, edited, small_schema
from layer_cases import CASES as LAYER_CASES
from schema_case import Case
from sharding_cases import CASES as SHARDING_CASES

from codegen.problems import SchemaError
from codegen.schema_file import read_schema

CODEGEN = Path(__file__).resolve().parents[2] / "codegen"


W = '{name: w, type: tensor, dtypes: floats, shape: "[E..., N, K]", multiple_of: {K: group_size}'
SCALES_OUT = 'dtypes: "if(mode.has_bias, same(w), uint8)", shape: "[E..., N, K / group_size]"'
X = '{name: x, type: tensor, dtypes: floats, shape: "[X..., M?, K]", view: "[batch..., M, K]"'
LHS = "{name: lhs_indices, type: tensor, nullable: true, omittable: true, dtypes: indices"
RECORD = "{name: w, type: quantized_tensor, per_expert: true, accepts_float: true"
SIGNATURE = 'signature: [w, "*", group_size, bits, mode]'
GATHER_SIGNATURE = 'signature: [c, x, w, scales, lhs_indices, "*"'
DEQUANTIZE_SIGNATURE = 'signature: [w, scales, biases, "*"'
DTYPE = "{name: dtype, type: dtype, omittable: true, default: float32, one_of: floats"
GROUP_FIELD = "{name: group_size, type: int32, unit: elements, default: mode.default_group_size"
BETA = "{name: beta, type: float32, omittable: true, default: 1.0, value: finite"
WIDEN_X = '{name: x, type: tensor, dtypes: [uint8], shape: "[S...]"'
WIDEN_OUT = '{name: out, type: tensor, out: true, dtypes: dtype, shape: "[S...]"'
GATHER_OUT = (
    '{name: out, type: tensor, out: true, dtypes: same(x), shape: "[batch..., M?, N]", '
    'view: "[batch..., M, N]"'
)

CASES = (
    # The text and its structure.
    Case("not_yaml", "format: 1\n", "format: [1\n"),
    Case("key_twice", "abi_version: 1\n", "abi_version: 1\nabi_version: 2\n"),
    Case("anchor", "abi_version: 1", "abi_version: &one 1"),
    Case("tag", "abi_version: 1", "abi_version: !!int 1"),
    Case("implicit_type", "has_bias: true", "has_bias: yes"),
    Case("key_no_string", "abi_version: 1", "1: 1"),
    Case("unknown_key", 'value: finite, doc: "The tensor."', 'valeu: finite, doc: "The tensor."'),
    Case("undocumented", DTYPE + ', doc: "The dtype of the result."}', DTYPE + "}"),
    Case("no_expression", "same(x), shape", "same(x, shape"),
    Case("no_shape", '"[S...]", doc: "The bytes."', '"S...", doc: "The bytes."'),
    Case("no_view", 'view: "[batch..., M, N]", doc: "What', 'view: "[batch..., M, N", doc: "What'),
    # Names.
    Case("unknown_dtype", "dtypes: [uint32], shape", "dtypes: [uint23], shape"),
    Case("unknown_dtype_set", WIDEN_X, WIDEN_X.replace("[uint8]", "flaots")),
    Case("unknown_dtype_in_set", "floats: [float32, float16]", "floats: [float32, flaot16]"),
    Case("unknown_mode", "nvfp4, modes: [nvfp4]", "nvfp4, modes: [nvpf4]"),
    Case(
        "unknown_default_mode",
        "omittable: true, default: affine",
        "omittable: true, default: afine",
    ),
    Case("unknown_backend", "backends: {cpu: all, cuda: all}", "backends: {cpu: all, cud: all}"),
    Case("unknown_type", RECORD, RECORD.replace("quantized", "quantised")),
    Case("unknown_scale_dtypes", "scale_dtypes: floats", "scale_dtypes: float"),
    Case("unknown_pair", "paired_with: global_scale_w", "paired_with: global_scale"),
    Case("unknown_axes", "index_of: X", "index_of: Y"),
    Case("unknown_group", "{K: group_size}", "{K: groupsize}"),
    Case("unknown_result", "broadcastable(out)", "broadcastable(output)"),
    Case("unknown_field", "flat: {global_scale: ", "flat: {global_scales: "),
    Case("unknown_choices", DTYPE, DTYPE.replace("floats", "float")),
    Case("unknown_batch", '"broadcast(X, lhs_indices)"', '"broadcast(X, rhs_indices)"'),
    Case("unknown_dim", "dims: {K: ", "dims: {L: "),
    Case("dtype_twice", "{name: uint8, value: 3", "{name: float16, value: 3"),
    Case("argument_twice", BETA, BETA.replace("beta", "c")),
    Case("op_twice", "- name: widen", "- name: quantize"),
    Case("fact_twice", "{name: num_threads, type: int", "{name: version, type: int"),
    Case("fact_unknown_type", "type: strings", "type: lists"),
    Case("fact_name_taken", "{name: num_threads, type: int", "{name: description, type: int"),
    Case("no_version", 'version: "1.2.3"', 'version: "1.2"'),
    Case("value_twice", "{name: int32, value: 5", "{name: int32, value: 4"),
    Case(
        "dlpack_twice", "value: 2, dlpack_code: 2, bits: 16", "value: 2, dlpack_code: 2, bits: 32"
    ),
    Case("value_zero", "{name: float32, value: 1", "{name: float32, value: 0"),
    Case("value_out_of_place", "{name: int32, value: 5", "{name: int32, value: 7"),
    Case("ok_is_not_zero", "{name: ok, value: 0", "{name: ok, value: 9"),
    # The mode table.
    Case(
        "default_not_legal",
        "default_bits: 4\n    group_sizes: [32",
        "default_bits: 5\n    group_sizes: [32",
    ),
    Case("lists_descend", "bits: [4, 8]", "bits: [8, 4]"),
    Case(
        "no_whole_words",
        "group_sizes: [16]\n    default_group_size: 16",
        "group_sizes: [12]\n    default_group_size: 12",
    ),
    # Signatures.
    Case("unbound", SIGNATURE, SIGNATURE.replace(", mode", "")),
    Case("unbound_in_record", DEQUANTIZE_SIGNATURE, DEQUANTIZE_SIGNATURE.replace("biases, ", "")),
    Case("signature_unknown", SIGNATURE, SIGNATURE.replace("bits", "bitz")),
    Case("star_last", SIGNATURE, 'signature: [w, group_size, bits, mode, "*"]'),
    Case(
        "default_before_operand", GATHER_SIGNATURE, 'signature: [c, lhs_indices, x, w, scales, "*"'
    ),
    # Keys and presence.
    Case("key_says_nothing", BETA, BETA + ", unit: bits"),
    Case("key_of_results", GATHER_OUT, GATHER_OUT + ", value: finite"),
    Case("omittable_without_default", BETA, BETA.replace("default: 1.0, ", "")),
    Case("default_not_omittable", BETA, BETA.replace("omittable: true, ", "")),
    Case(
        "absent_but_not_nullable",
        "{name: biases, type: tensor, nullable: true, present_if",
        "{name: biases, type: tensor, present_if",
    ),
    Case(
        "two_conditions",
        "nullable: true, allowed_if: mode.has_global_scale, dtypes",
        "nullable: true, present_if: mode.has_bias, allowed_if: mode.has_global_scale, dtypes",
    ),
    Case("result_may_be_absent", GATHER_OUT, GATHER_OUT + ", nullable: true"),
    Case("index_needed", LHS, LHS.replace("nullable: true, omittable: true, ", "")),
    # Defaults.
    Case(
        "default_not_a_choice",
        "default_mode: nvfp4, modes: [nvfp4]",
        "default_mode: affine, modes: [nvfp4]",
    ),
    Case("default_mode_implied", "default_mode: nvfp4, modes: [nvfp4]", "modes: [nvfp4]"),
    Case("default_dtype_not_a_choice", DTYPE, DTYPE.replace("default: float32", "default: uint8")),
    Case("default_of_wrong_kind", BETA, BETA.replace("1.0", "true")),
    Case(
        "default_bool_is_a_word",
        "{name: transpose, type: bool, omittable: true, default: true",
        "{name: transpose, type: bool, omittable: true, default: 1",
    ),
    Case(
        "default_of_another_column",
        GROUP_FIELD,
        GROUP_FIELD.replace("mode.default_group_size", "mode.default_bits"),
    ),
    Case("index_of_floats", LHS, LHS.replace("dtypes: indices", "dtypes: floats")),
    # Missing facts.
    Case("no_dtypes", WIDEN_X, WIDEN_X.replace("dtypes: [uint8], ", "")),
    Case("no_shape_key", WIDEN_OUT, WIDEN_OUT.replace(', shape: "[S...]"', "")),
    Case("no_unit", GROUP_FIELD, GROUP_FIELD.replace("unit: elements, ", "")),
    Case("no_choices", DTYPE, DTYPE.replace(", one_of: floats", "")),
    Case("float_unchecked", BETA, BETA.replace(", value: finite", "")),
    # Expressions.
    Case("unbound_name", "K * bits / 32", "K * bit / 32"),
    Case(
        "unknown_column",
        "present_if: mode.has_bias, dtypes: same(w)",
        "present_if: mode.has_biass, dtypes: same(w)",
    ),
    Case("condition_no_truth", "if(mode.has_bias, same(w), uint8)", "if(K, same(w), uint8)"),
    Case(
        "no_mode_here",
        WIDEN_OUT,
        WIDEN_OUT.replace("dtypes: dtype", 'dtypes: "if(mode.has_bias, dtype, uint8)"'),
    ),
    Case(
        "condition_no_column",
        "present_if: mode.has_bias, dtypes: same(w)",
        "present_if: bits, dtypes: same(w)",
    ),
    Case("dtype_is_no_size", SCALES_OUT, SCALES_OUT.replace("K / group_size", "K / same(w)")),
    Case(
        "dims_unbound",
        '{K: "if(transpose, columns, rows)", N',
        '{K: "if(transpose, columns, row)", N',
    ),
    # Shapes.
    Case(
        "dim_never_bound",
        '{K: "if(transpose, columns, rows)", N: "if(transpose, rows, columns)"}',
        '{K: "if(transpose, columns, rows)"}',
    ),
    Case("no_leading_axes", '"[E..., N, K]", multiple_of', '"[N, K]", multiple_of'),
    Case("optional_not_first", "[X..., M?, K]", "[X..., M, K?]"),
    Case("cannot_solve", 'rows, columns * bits / 32]"', 'rows, 32 / columns]"'),
    Case("optional_axis_of_result", '"[E..., N, K * bits / 32]"', '"[E..., N?, K * bits / 32]"'),
    Case("view_of_other_axes", 'view: "[batch..., M, K]"', 'view: "[batch..., K, M]"'),
    Case("result_without_axes", WIDEN_OUT, WIDEN_OUT.replace('"[S...]"', "scalar")),
    # References that cannot be meant.
    Case("same_as_later", WIDEN_X, WIDEN_X.replace("[uint8]", "same(out)")),
    Case(
        "several_dtypes_of_a_result",
        WIDEN_OUT,
        WIDEN_OUT.replace("dtypes: dtype", "dtypes: floats"),
    ),
    Case("multiple_of_not_last", "multiple_of: {K: group_size}", "multiple_of: {N: group_size}"),
    Case("batch_without_index", '"broadcast(X, lhs_indices)"', '"broadcast(X, E)"'),
    # C.
    Case(
        "padding",
        '{name: reserved, type: reserved, doc: "Must be 0."}\n      - {name: wq',
        "{name: wq",
    ),
    Case("tail_padding", BETA, '{name: more, type: reserved, doc: "Must be 0."}\n      - ' + BETA),
    # Sentences and names.
    Case("no_period", "Quantize a tensor.", "Quantize a tensor"),
    Case("unfinished", "Quantize a tensor.", "TODO: quantize a tensor."),
    Case("breaks_comments", "Quantize a tensor.", "Quantize */ a tensor."),
    Case(
        "argument_too_long",
        WIDEN_OUT,
        WIDEN_OUT.replace("out,", "exact_values_of_the_given_e4m3_bytes,"),
    ),
    Case("op_too_long", "- name: widen", "- name: widen_bytes_to_floats_of_any_dtype"),
    Case(
        "rule_too_long",
        "- name: widen",
        "- name: widen_bytes_to_floats_at_once",
        ((WIDEN_OUT, WIDEN_OUT.replace("out,", "exact_values_of_the_bytes,")),),
    ),
    Case("taken_by_python", "- name: widen", "- name: lambda"),
    Case("taken_by_swift", "swift: widened", "swift: init"),
    Case("taken_by_the_header", "- name: widen", "- name: tensor"),
    Case("macro_taken", "{name: invalid_argument, value: 1", "{name: mode_affine, value: 1"),
    Case("swift_file_taken", "swift: widened", "swift: quantized"),
    Case("set_named_as_dtype", "indices: [int32, uint32]", "int32: [int32, uint32]"),
    Case(
        "result_named_as_operand",
        GATHER_OUT,
        GATHER_OUT.replace("name: out", "name: scales"),
        (("broadcastable(out)", "broadcastable(scales)"),),
    ),
    Case(
        "labels_collide",
        BETA,
        BETA.replace("beta", "transpose_"),
        (("global_scale_w, beta", "global_scale_w, transpose_"),),
    ),
    # Records and capabilities.
    Case(
        "record_unknown_to_the_core",
        "  - name: quantized_tensor\n",
        "  - name: quantized_tensors\n",
    ),
    Case(
        "record_needs_scales",
        "{name: scales, type: tensor, dtypes: mode",
        "{name: scale, type: tensor, dtypes: mode",
    ),
    Case("record_called_otherwise", RECORD, RECORD.replace("name: w", "name: weight")),
    Case(
        "floats_with_biases",
        "type: quantized_tensor, doc",
        "type: quantized_tensor, accepts_float: true, doc",
    ),
    Case("status_needed", "{name: internal, value: 6", "{name: defect, value: 6"),
    Case(
        "settings_twice",
        BETA,
        '{name: mode, type: mode, omittable: true, default: affine, doc: "M."}\n      - ' + BETA,
    ),
    Case("no_backend", "backends: {cpu: all, cuda: all}", "backends: {}"),
    *LAYER_CASES,
    *SHARDING_CASES,
)


@cache
def text_of(case: Case) -> str:
    """The edit and what is said about it."""
    try:
        read_schema(edited((case.old, case.new), *case.more), "small.yaml")
    except SchemaError as error:
        said = str(error)
    else:
        pytest.fail(f"{case.name}: nothing is said")
    lines = [f"== {case.name}"]
    for old, new in ((case.old, case.new), *case.more):
        lines += [f"- {line.strip()}" for line in old.strip("\n").splitlines()]
        lines += [f"+ {line.strip()}" for line in new.strip("\n").splitlines()]
    return "\n".join([*lines, said, ""])


def test_the_small_schema_is_right() -> None:
    assert len(read_schema(small_schema(), "small.yaml").ops) == 4


def test_every_error_reads_as_its_golden_text() -> None:
    assert_golden("errors.txt", "\n".join(text_of(case) for case in CASES))


def test_the_names_of_the_cases_are_distinct() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_code_has_a_case() -> None:
    said = "".join(text_of(case) for case in CASES)
    used = {
        code
        for path in CODEGEN.glob("*.py")
        for code in re.findall(r'"(S0\d\d)"', path.read_text())
    }
    assert used == set(re.findall(r"\b(S0\d\d):", said))


def test_every_code_is_documented() -> None:
    used = {
        code
        for path in CODEGEN.glob("*.py")
        for code in re.findall(r'"(S0\d\d)"', path.read_text())
    }
    documented = (CODEGEN.parent / "docs" / "schema.md").read_text()
    assert used == set(re.findall(r"\bS0\d\d\b", documented))
