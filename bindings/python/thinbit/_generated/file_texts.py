# generated from codegen/schema/thinbit.yaml: do not edit
"""What is wrong with a checkpoint's files: the same words in every language."""

# ruff: noqa: E501

from __future__ import annotations


def is_folder() -> str:
    """`this is a folder`."""
    return "this is a folder"


def not_regular() -> str:
    """`this is not a regular file`."""
    return "this is not a regular file"


def changed() -> str:
    """`the file changed while it was read`."""
    return "the file changed while it was read"


def too_large(*, size: object, most: object) -> str:
    """`the file has {size} bytes; at most {most} are read`."""
    return f"the file has {size} bytes; at most {most} are read"


def too_short(*, size: object) -> str:
    """`the file has {size} bytes; a safetensors file has at least 8, which hold the length of its header`."""
    return f"the file has {size} bytes; a safetensors file has at least 8, which hold the length of its header"


def header_cut(*, length: object, rest: object) -> str:
    """`the header is said to have {length} bytes, but {rest} follow: the file is cut short, or is not a safetensors file`."""
    return f"the header is said to have {length} bytes, but {rest} follow: the file is cut short, or is not a safetensors file"


def header_too_long(*, length: object, most: object) -> str:
    """`the header has {length} bytes; at most {most} are legal`."""
    return f"the header has {length} bytes; at most {most} are legal"


def header_start() -> str:
    """`the header does not start with a brace, as a safetensors header does`."""
    return "the header does not start with a brace, as a safetensors header does"


def json_not_utf8(*, what: object, byte: object) -> str:
    """`{what} is not UTF-8 at byte {byte}`."""
    return f"{what} is not UTF-8 at byte {byte}"


def json_syntax(*, what: object) -> str:
    """`{what} is not JSON`."""
    return f"{what} is not JSON"


def json_too_deep(*, what: object, most: object) -> str:
    """`{what} is nested more than {most} deep`."""
    return f"{what} is nested more than {most} deep"


def json_key_twice(*, what: object, key: object) -> str:
    """`{what} has the key {key} twice`."""
    return f"{what} has the key {key} twice"


def json_half_pair(*, what: object) -> str:
    """`{what} holds half of a surrogate pair, which is no Unicode text`."""
    return f"{what} holds half of a surrogate pair, which is no Unicode text"


def json_not_object(*, what: object, value: object) -> str:
    """`{what} holds {value}, not a JSON object`."""
    return f"{what} holds {value}, not a JSON object"


def metadata_not_object(*, value: object) -> str:
    """`__metadata__ is {value}; it must map strings to strings`."""
    return f"__metadata__ is {value}; it must map strings to strings"


def metadata_not_string(*, value: object, key: object) -> str:
    """`__metadata__ has {value} under {key}; only strings`."""
    return f"__metadata__ has {value} under {key}; only strings"


def tensor_not_object(*, name: object, value: object) -> str:
    """`tensor {name} is {value}; it must be an object`."""
    return f"tensor {name} is {value}; it must be an object"


def tensor_lacks(*, name: object, key: object) -> str:
    """`tensor {name} has no {key}`."""
    return f"tensor {name} has no {key}"


def tensor_dtype(*, name: object, value: object) -> str:
    """`tensor {name} has the unknown dtype {value}`."""
    return f"tensor {name} has the unknown dtype {value}"


def tensor_shape(*, name: object, value: object) -> str:
    """`tensor {name} has the shape {value}; sizes are integers from 0`."""
    return f"tensor {name} has the shape {value}; sizes are integers from 0"


def tensor_axes(*, name: object, axes: object, most: object) -> str:
    """`tensor {name} has {axes} axes; {most} is the most there can be`."""
    return f"tensor {name} has {axes} axes; {most} is the most there can be"


def tensor_offsets(*, name: object, value: object) -> str:
    """`tensor {name} has data_offsets {value}; two integers from 0`."""
    return f"tensor {name} has data_offsets {value}; two integers from 0"


def tensor_backwards(*, name: object, value: object) -> str:
    """`tensor {name} has data_offsets {value}, which run backwards`."""
    return f"tensor {name} has data_offsets {value}, which run backwards"


def tensor_cut(*, name: object, value: object, size: object) -> str:
    """`tensor {name} has data_offsets {value}, and the data has {size} bytes: the file is cut short, or its header is wrong`."""
    return f"tensor {name} has data_offsets {value}, and the data has {size} bytes: the file is cut short, or its header is wrong"


def tensor_too_large(*, name: object, value: object) -> str:
    """`tensor {name} has the shape {value}, which no memory can hold`."""
    return f"tensor {name} has the shape {value}, which no memory can hold"


def tensor_size(*, name: object, dtype: object, shape: object, needed: object, held: object) -> str:
    """`tensor {name}, {dtype} of shape {shape}, needs {needed} bytes; its data_offsets hold {held}`."""
    return f"tensor {name}, {dtype} of shape {shape}, needs {needed} bytes; its data_offsets hold {held}"


def tensor_part_of_byte(*, name: object, dtype: object, shape: object, needed: object, held: object) -> str:
    """`tensor {name}, {dtype} of shape {shape}, needs {needed} bytes and ends inside one; its data_offsets hold {held}`."""
    return f"tensor {name}, {dtype} of shape {shape}, needs {needed} bytes and ends inside one; its data_offsets hold {held}"


def tensors_overlap(*, first: object, second: object) -> str:
    """`tensors {first} and {second} overlap`."""
    return f"tensors {first} and {second} overlap"


def data_gap(*, begin: object, end: object, name: object) -> str:
    """`bytes {begin} to {end} of the data, before tensor {name}, belong to no tensor`."""
    return f"bytes {begin} to {end} of the data, before tensor {name}, belong to no tensor"


def data_left(*, rest: object, size: object) -> str:
    """`the last {rest} of {size} bytes belong to no tensor`."""
    return f"the last {rest} of {size} bytes belong to no tensor"


def tensor_type(*, name: object, dtype: object) -> str:
    """`tensor {name} is {dtype}, for which there is no type to read it as`."""
    return f"tensor {name} is {dtype}, for which there is no type to read it as"


def no_tensor(*, name: object) -> str:
    """`there is no tensor {name}`."""
    return f"there is no tensor {name}"


def no_files() -> str:
    """`there is no .safetensors file in this folder`."""
    return "there is no .safetensors file in this folder"


def tensor_in_two(*, name: object, other: object) -> str:
    """`tensor {name} is in {other} too`."""
    return f"tensor {name} is in {other} too"


def index_empty() -> str:
    """`the index has no weight_map`."""
    return "the index has no weight_map"


def index_no_name(*, value: object) -> str:
    """`the index names {value}, which is no file's name`."""
    return f"the index names {value}, which is no file's name"


def index_no_file(*, file: object) -> str:
    """`the index names {file}, and it is not there`."""
    return f"the index names {file}, and it is not there"


def index_wrong(*, name: object, file: object) -> str:
    """`the index says that tensor {name} is in {file}: it is not`."""
    return f"the index says that tensor {name} is in {file}: it is not"


def metadata_quantization(*, problem: object) -> str:
    """`the metadata's quantization is wrong: {problem}`."""
    return f"the metadata's quantization is wrong: {problem}"


def config_quantization(*, problem: object) -> str:
    """`the quantization in config.json is wrong: {problem}`."""
    return f"the quantization in config.json is wrong: {problem}"


def spec_not_object(*, value: object) -> str:
    """`{value} is no quantization; an object with group_size and bits is`."""
    return f"{value} is no quantization; an object with group_size and bits is"


def spec_mode_not_string(*, value: object) -> str:
    """`the mode is {value}; it must be a string`."""
    return f"the mode is {value}; it must be a string"


def spec_mode_unknown(*, value: object, choices: object) -> str:
    """`the mode is {value}; there are {choices}`."""
    return f"the mode is {value}; there are {choices}"


def spec_not_integer(*, key: object, value: object) -> str:
    """`{key} is {value}; it must be an integer`."""
    return f"{key} is {value}; it must be an integer"


def spec_bits(*, mode: object, choices: object, bits: object) -> str:
    """`{mode} has {choices} bits, not {bits}`."""
    return f"{mode} has {choices} bits, not {bits}"


def spec_group_size(*, mode: object, choices: object, group_size: object) -> str:
    """`{mode} has groups of {choices} elements, not {group_size}`."""
    return f"{mode} has groups of {choices} elements, not {group_size}"


def module(*, name: object, problem: object) -> str:
    """`module {name}: {problem}`."""
    return f"module {name}: {problem}"


def module_open(*, name: object, choices: object) -> str:
    """`module {name} is {choices}: the shapes fit all of them, and neither metadata nor a config.json says which`."""
    return f"module {name} is {choices}: the shapes fit all of them, and neither metadata nor a config.json says which"


def module_no_mode(*, weight: object, dtype: object, scales: object) -> str:
    """`weight {weight} and {dtype} scales {scales} belong to no mode`."""
    return f"weight {weight} and {dtype} scales {scales} belong to no mode"


def module_not_said(*, spec: object, weight: object, dtype: object, scales: object) -> str:
    """`it is said to be {spec}, which does not fit weight {weight} and {dtype} scales {scales}`."""
    return f"it is said to be {spec}, which does not fit weight {weight} and {dtype} scales {scales}"


def module_needs_biases(*, mode: object) -> str:
    """`{mode} needs biases, and there are none`."""
    return f"{mode} needs biases, and there are none"


def module_has_biases(*, mode: object) -> str:
    """`there are biases, which {mode} does not have`."""
    return f"there are biases, which {mode} does not have"


def module_biases(*, biases_dtype: object, biases: object, dtype: object, scales: object) -> str:
    """`the biases are {biases_dtype} {biases}, the scales {dtype} {scales}; they must be alike`."""
    return f"the biases are {biases_dtype} {biases}, the scales {dtype} {scales}; they must be alike"


def module_has_global_scale(*, mode: object) -> str:
    """`there is a global_scale, which {mode} does not have`."""
    return f"there is a global_scale, which {mode} does not have"


def module_global_scale(*, dtype: object, shape: object) -> str:
    """`the global_scale is {dtype} {shape}, not one F32`."""
    return f"the global_scale is {dtype} {shape}, not one F32"


def exists() -> str:
    """`the file exists already`."""
    return "the file exists already"


def folder_exists() -> str:
    """`the folder exists already`."""
    return "the folder exists already"


def folder_no_checkpoint() -> str:
    """`this folder holds no checkpoint (no config.json), so it stays`."""
    return "this folder holds no checkpoint (no config.json), so it stays"


def output_is_folder() -> str:
    """`this is a folder; the output must be a file`."""
    return "this is a folder; the output must be a file"


def two_of_a_name(*, name: object) -> str:
    """`two tensors would be called {name}`."""
    return f"two tensors would be called {name}"


def metadata_is_no_name() -> str:
    """`no tensor can be called __metadata__`."""
    return "no tensor can be called __metadata__"
