"""Mistakes in the layers of golden/small.yaml."""

from __future__ import annotations

from schema_case import Case

ROWS = "w: rows.packed, scales: rows.scales, biases: rows.biases"
ROWS_SPEC = "group_size: rows.group_size, bits: rows.bits, mode: rows.mode"
BIASED = "{c: bias, x: x, w: weight.packed"
TO_PICKING = "{layer: PickingLinear, fields: {weight: quantized, bias: bias}, weight: weight}"
TO_TABLE = "fields: {weight: quantized, dtype: weight.dtype}"
DTYPE = "{name: dtype, type: dtype, nullable: true, one_of: floats, doc"
COUNT = "{name: weight, type: quantized_tensor, shape: "
PICKING_MODES = "type: quantized_tensor, modes: [nvfp4], shape"

CASES = (
    Case("layer_unbound", ROWS_SPEC, ROWS_SPEC.replace(", mode: rows.mode", "")),
    Case("layer_unbound_by_hand", "{x: x, weight: weight, bias: bias}", "{x: x, weight: weight}"),
    Case("layer_binds_nothing_of_the_op", ROWS, ROWS.replace("scales: r", "scale: r")),
    Case("layer_unknown_op", "op: dequantize", "op: dequantise"),
    Case("layer_unknown_value", ROWS, ROWS.replace("rows.packed", "row.packed")),
    Case("layer_unknown_part", ROWS, ROWS.replace("rows.scales", "rows.scale")),
    Case("layer_mode_of_its_own", ROWS_SPEC, ROWS_SPEC.replace("rows.mode", "true")),
    Case("layer_parts_of_two_records", ROWS, ROWS.replace("rows.biases", "weight.biases")),
    Case(
        "layer_part_in_another_place", ROWS_SPEC, ROWS_SPEC.replace("rows.bits", "rows.group_size")
    ),
    Case("layer_wrong_kind", BIASED, BIASED.replace("c: bias", "c: true")),
    Case("layer_may_be_absent", "c: x, x: x", "c: bias, x: x"),
    Case("layer_lacks_a_mode", PICKING_MODES, PICKING_MODES.replace("nvfp4", "affine, nvfp4")),
    Case("layer_unknown_mode", PICKING_MODES, PICKING_MODES.replace("nvfp4", "nvpf4")),
    Case(
        "layer_last_call_conditional",
        "- op: dequantize",
        "- op: dequantize\n            when: dtype",
    ),
    Case("layer_unknown_condition", "when: bias", "when: biases"),
    Case("layer_twice", "- name: PickingLinear", "- name: Table"),
    Case("layer_field_twice", DTYPE, DTYPE.replace("name: dtype", "name: weight")),
    Case("layer_field_is_a_word", DTYPE, DTYPE.replace("name: dtype", "name: class")),
    Case(
        "layer_unknown_type", COUNT + '"[count', COUNT.replace("quantized", "quantised") + '"[count'
    ),
    Case(
        "layer_record_absent",
        COUNT + '"[count',
        COUNT.replace("shape", "nullable: true, shape") + '"[count',
    ),
    Case("layer_without_shape", COUNT + '"[count, dims]", ', COUNT.removesuffix("shape: ")),
    Case("layer_no_shape", '"[count, dims]"', '"[count, 2 * dims]"'),
    Case("layer_leading_axes", '"[count, dims]"', '"[E..., count, dims]"'),
    Case("layer_shape_unreadable", '"[count, dims]"', '"[count, dims"'),
    Case("layer_without_dtypes", DTYPE, DTYPE.replace(" one_of: floats,", "")),
    Case("layer_unknown_set", DTYPE, DTYPE.replace("floats", "float")),
    Case(
        "layer_size_only_of_an_optional_field",
        'nullable: true, dtypes: floats, shape: "[output_dims]", doc: "The bias."}\n'
        "    repr: [input_dims, bias]",
        'nullable: true, dtypes: floats, shape: "[outputs]", doc: "The bias."}\n'
        "    repr: [input_dims, bias]",
    ),
    Case("layer_shows_what_is_not_there", "repr: [count, dims]", "repr: [counts, dims]"),
    Case("layer_becomes_nothing", TO_PICKING, TO_PICKING.replace("PickingLinear", "PickLinear")),
    Case("layer_loses_a_field", TO_PICKING, TO_PICKING.replace(", bias: bias", "")),
    Case("layer_gives_a_field_too_many", TO_TABLE, TO_TABLE.replace("dtype: w", "dtypes: w")),
    Case(
        "layer_keeps_a_float_record",
        TO_PICKING,
        TO_PICKING.replace("quantized, bias", "weight, bias"),
    ),
    Case("layer_keeps_what_it_lacks", TO_PICKING, TO_PICKING.replace("bias: bias", "bias: biases")),
    Case(
        "layer_quantizes_nothing", TO_PICKING, TO_PICKING.replace("weight: weight}", "weight: x}")
    ),
    Case(
        "layer_quantizes_two_weights",
        TO_PICKING,
        TO_PICKING.replace("weight: weight}", "weight: bias}"),
    ),
    Case("layer_rows_of_nothing", "rows_of: weight", "rows_of: weights"),
    Case(
        "layer_scale_of_nothing",
        "global_scale_x, global_scale_of: x",
        "global_scale_x, global_scale_of: weight",
    ),
)
