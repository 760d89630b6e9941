"""What a well-formed schema means, and whether it means anything: checks with stable codes.

S001 to S020 belong to the loader, the JSON Schema and the expression parser. Here:

    S021  a name that nothing has: dtype, set, mode, backend, type, argument
    S022  two entries of one list with the same name
    S023  two entries of one table with the same number
    S024  a number that is reserved, or out of its place
    S025  a row of the mode table that contradicts itself
    S026  a signature that does not hold exactly the arguments of its op
    S027  a key that says nothing about this kind of argument
    S028  keys about presence that contradict one another
    S029  a default that is missing, of the wrong kind, or not among the choices
    S030  a fact that is missing: shape, dtypes, unit, value, choices
    S031  an expression with a name that is not bound there, or of the wrong kind
    S032  a shape that binds nothing, or binds what is not there
    S033  a reference to an argument that exists, but cannot be meant
    S034  a C struct with implicit padding
    S035  a sentence that is none, or that a comment or docstring cannot hold
    S036  a name that is too long for the error struct
    S037  a name that is taken, or that collides with another in some language
    S038  a record, its argument, or a status that is not what the core expects
    S039  an op that no backend can run
    S040  a layer that leaves an argument of an op, or a field of another layer, unbound
    S041  a binding of a layer for what is not there, or to what is not there
    S042  a binding of the wrong kind, or of parts that do not come from one record
    S043  a layer that contradicts itself
"""

from __future__ import annotations

from codegen import check_arguments, check_spelling, check_tables
from codegen.c_types import PaddingError, params_struct, record_struct
from codegen.check_layers import check_layers
from codegen.check_names import repeated
from codegen.check_ops import check_op
from codegen.check_records import check_record
from codegen.load import Document
from codegen.model import Op, Record, Schema
from codegen.problems import Path, Problems


def check(
    schema: Schema,
    document: Document,
    problems: Problems,
    broken: set[Path],
    layers_broken: bool = False,
) -> None:
    """Collect every semantic error.

    `broken` holds the paths of ops and records that cannot be looked at; `layers_broken` tells that
    the layers cannot.
    """
    check_tables.check(document, problems)
    check_spelling.check_text(document, problems)
    for table in ("records", "ops"):
        repeated(document.place((table,)), document.value[table], problems)
    repeated(document.place(("info", "fields")), document.value["info"]["fields"], problems)
    for table in ("shardings", "shard_texts", "file_texts"):
        repeated(document.place((table,)), document.value[table], problems)
    tables_hold = not problems.found or bool(broken)
    records = [r for i, r in enumerate(schema.records) if ("records", i) not in broken]
    for record in records:
        check_arguments.check_fields(schema, record, problems)
        check_record(schema, record, problems)
        _layout(record, problems)
    if len(records) < len(schema.records) or _any_within(problems, "records", document):
        return
    for i, op in enumerate(schema.ops):
        if ("ops", i) in broken:
            continue
        before = len(problems.found)
        check_arguments.check_arguments(schema, op, problems)
        if len(problems.found) == before:
            check_op(schema, op, problems)
            _layout(op, problems)
    # What a layer binds is known only where the ops are right.
    if tables_hold and not problems.found and not layers_broken:
        check_layers(schema, problems)
    if tables_hold and not problems.found:
        check_spelling.check_names(schema, document, problems)


def _any_within(problems: Problems, key: str, document: Document) -> bool:
    """Whether anything is wrong inside a top-level key."""
    start = document.mark((key,))
    later = [m for k in document.value if (m := document.mark((k,))) > start]
    return any(start <= p.mark and not any(p.mark >= m for m in later) for p in problems.found)


def _layout(owner: Op | Record, problems: Problems) -> None:
    """Whether the C struct holds its fields without gaps."""
    try:
        params_struct(owner) if isinstance(owner, Op) else record_struct(owner)
    except PaddingError as error:
        args = owner.args if isinstance(owner, Op) else owner.fields
        problems.add(args[error.position].mark, "S034", str(error))
