"""Mistakes in how the layers of golden/small.yaml are cut."""

from __future__ import annotations

from schema_case import Case

ROWS = (
    "{layer: RowLinear, sharding: by-rows, "
    "fields: {weight: weight.rows, bias: bias.rows, group: group}}"
)
COLUMNS = "sharding: by-columns, fields: {weight: weight.columns, bias: bias, group: group}}"
FLOAT = "{layer: ColumnLinear, " + COLUMNS
RECORD = "{layer: ColumnPicking, " + COLUMNS
SCALE = "{name: scale_x, global_scale_of: x, beside: weight, over: group}"
BIND = "bind: {x: x, weight: weight, bias: null}"
SUM = "\n            then: {sum_over: group, add: bias}\n\n  - name: ColumnPicking"
ROW_BIND = "bind: {weight: weight, x: x, bias: bias}"

CASES = (
    Case("sharding_unknown", "sharding: by-rows", "sharding: by-row"),
    Case("sharding_twice", "sharding: by-rows", "sharding: by-columns"),
    Case("sharding_declared_twice", "{name: by-rows,", "{name: by-columns,"),
    Case("sharding_to_no_layer", ROWS, ROWS.replace("RowLinear", "RowsLinear")),
    Case("sharding_loses_the_group", ROWS, ROWS.replace(", group: group", "")),
    Case("sharding_loses_a_field", ROWS, ROWS.replace(" bias: bias.rows,", "")),
    Case("sharding_gives_a_field_too_many", ROWS, ROWS.replace("bias: b", "biases: b")),
    Case("sharding_takes_what_is_not_there", ROWS, ROWS.replace("bias.rows", "bais.rows")),
    Case("sharding_cuts_no_such_part", ROWS, ROWS.replace("bias.rows", "bias.columnss")),
    Case("sharding_of_no_group", ROWS, ROWS.replace("group: group", "group: bias")),
    Case(
        "sharding_swaps_fields",
        FLOAT,
        FLOAT.replace("weight.columns, bias: bias", "bias, bias: weight.columns"),
    ),
    Case("sharding_cuts_nothing", FLOAT, FLOAT.replace("weight.columns", "weight")),
    Case("sharding_cuts_rows_and_columns", FLOAT, FLOAT.replace("bias: bias", "bias: bias.rows")),
    Case(
        "sharding_turns_float_into_a_record", FLOAT, FLOAT.replace("ColumnLinear", "ColumnPicking")
    ),
    Case("columns_without_a_sum", SUM, "\n\n  - name: ColumnPicking"),
    Case(
        "rows_with_a_sum",
        ROW_BIND,
        ROW_BIND.replace("bias: bias", "bias: null")
        + "\n            then: {sum_over: group, add: bias}",
    ),
    Case("columns_with_a_scale_of_one_rank", SCALE, SCALE.replace(", over: group", "")),
    Case("sum_over_no_group", SUM, SUM.replace("sum_over: group", "sum_over: weight")),
    Case("sum_adds_what_is_not_there", SUM, SUM.replace("add: bias", "add: weight")),
    Case("scale_over_no_group", SCALE, SCALE.replace("over: group", "over: weight")),
    Case("bias_added_by_every_rank", BIND, BIND.replace("bias: null", "bias: bias")),
    Case(
        "group_absent",
        '{name: group, type: group, doc: "The ranks of rows."}',
        '{name: group, type: group, nullable: true, doc: "The ranks of rows."}',
    ),
)
