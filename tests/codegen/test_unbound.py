"""An argument that nothing passes on is an error of the generator, and the error names it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from golden_files import edited, small_schema

from codegen import lower_core, lower_python, lower_swift, lower_vector_runner
from codegen.c_types import params_struct, record_struct
from codegen.model import Arg, Schema
from codegen.problems import SchemaError
from codegen.schema_file import load_schema, read_schema
from codegen.targets import GenerationError, lower_all

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = load_schema(ROOT)
OPS = [op.name for op in SCHEMA.ops]


@pytest.mark.parametrize("name", OPS)
def test_an_argument_that_the_signature_lacks_is_named(name: str) -> None:
    text = (ROOT / "codegen/schema/thinbit.yaml").read_text()
    op = SCHEMA.op(name)
    line = next(
        line
        for line in text[text.index(f"- name: {name}\n") :].splitlines()
        if "signature:" in line
    )
    for flat in op.flat_args:
        kept = [f'"{n}"' if n == "*" else n for n in op.signature if n != flat.name]
        if kept[-1:] == ['"*"']:
            kept.pop()
        if not kept:
            continue
        new = f"    signature: [{', '.join(kept)}]"
        start = text.index(f"- name: {name}\n")
        changed = text[:start] + text[start:].replace(line, new, 1)
        with pytest.raises(SchemaError, match=rf"S026: {name}\.{flat.name}: unbound"):
            read_schema(changed, "schema")


def with_unknown_type(schema: Schema, name: str) -> Schema:
    """A schema with one argument of a type that no lowering knows."""
    op = schema.ops[0]
    args = tuple(replace(a, type="colour") if a.name == name else a for a in op.args)
    return replace(schema, ops=(replace(op, args=args), *schema.ops[1:]))


@pytest.mark.parametrize("lowering", [lower_core.lower, lower_vector_runner.lower])
def test_a_type_that_a_lowering_does_not_know_is_named(lowering: object) -> None:
    schema = with_unknown_type(read_schema(small_schema(), "small.yaml"), "bits")
    with pytest.raises(GenerationError, match=r"quantize.*bits|bits.*colour"):
        lower_all(schema, (lowering,))  # type: ignore[arg-type]


@pytest.mark.parametrize("lowering", [lower_python.lower, lower_swift.lower])
def test_a_binding_that_reaches_a_field_by_no_argument_refuses(lowering: object) -> None:
    """An input that the signature hides would stay 0 in the C struct."""
    schema = read_schema(small_schema(), "small.yaml")
    op = schema.ops[1]
    hidden = replace(op, signature=tuple(n for n in op.signature if n != "sorted_indices"))
    ops = (schema.ops[0], hidden, *schema.ops[2:])
    with pytest.raises(GenerationError, match=r"gather_addmm.*sorted_indices"):
        lower_all(replace(schema, ops=ops), (lowering,))  # type: ignore[arg-type]


def fields_of(args: tuple[Arg, ...]) -> list[str]:
    return [arg.name for arg in args if arg.type not in ("reserved", "handle")]


@pytest.mark.parametrize("name", OPS)
def test_the_core_reads_every_field_of_every_params_struct(name: str) -> None:
    op = SCHEMA.op(name)
    code = lower_core.lower(SCHEMA)[f"core/generated/{name}.gen.cpp"]
    for field in params_struct(op).fields[1:]:
        assert re.search(rf"\bparams\.{field.name}\b", code), f"{name}: {field.name}"


def test_the_core_reads_every_field_of_every_record() -> None:
    code = lower_core.lower(SCHEMA)["core/generated/records.gen.cpp"]
    for record in SCHEMA.records:
        for field in record_struct(record).fields[1:]:
            assert re.search(rf"\bparams\.{field.name}\b", code), f"{record.name}: {field.name}"


@pytest.mark.parametrize("name", OPS)
def test_the_bindings_fill_every_field_of_every_params_struct(name: str) -> None:
    op = SCHEMA.op(name)
    swift = lower_swift.lower(SCHEMA)
    (text,) = [
        t for p, t in swift.items() if p.endswith(f"/{op.swift[0].upper()}{op.swift[1:]}.gen.swift")
    ]
    shim = lower_python.lower(SCHEMA)["bindings/python/native/shim.gen.c"]
    start = shim.index(f"thinbit_{name}_params params")
    body = shim[start : shim.index("};", start)]
    runner = lower_vector_runner.lower(SCHEMA)["tests/core/vector_calls.gen.cpp"]
    run = runner[runner.index(f"void run_{name}(") :]
    run = run[: run.index("\n}\n")]
    for field in params_struct(op).fields[1:]:
        assert re.search(rf"\b`?{field.name}`?: ", text), f"Swift, {name}: {field.name}"
        assert re.search(rf"\.{field.name} = ", body), f"Python, {name}: {field.name}"
        if field.name != "reserved":
            assert re.search(rf"params\.{field.name}\b", run), f"runner, {name}: {field.name}"


def test_one_unbound_argument_does_not_hide_another() -> None:
    text = edited(
        ('signature: [w, "*", group_size, bits, mode]', 'signature: [w, "*", mode]'),
    )
    with pytest.raises(SchemaError) as caught:
        read_schema(text, "small.yaml")
    assert len(caught.value.problems) == 2
