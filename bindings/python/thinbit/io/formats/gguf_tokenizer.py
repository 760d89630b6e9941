"""The tokenizer that a GGUF file holds, as the tokenizer.json of Hugging Face's libraries."""

from __future__ import annotations

import json
from typing import Any

from thinbit.io.errors import CheckpointError, quoted

from .gguf_reader import GgufReader

_CONTROL, _USER_DEFINED = 3, 4
_BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2 = _LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def tokenizer_files(reader: GgufReader) -> tuple[dict[str, str], tuple[str, ...]]:
    """tokenizer.json and tokenizer_config.json by name, and notes on what is not there.

    Byte-level BPE (`gpt2` in GGUF) with a known splitting of words can be written.
    """
    model = reader.field("tokenizer.ggml.model", str)
    if model is None:
        return {}, ()
    pre = reader.field("tokenizer.ggml.pre", str)
    splitting = _splitting(pre)
    if model != "gpt2" or splitting is None:
        return {}, (
            f"no tokenizer.json was written: the tokenizer is {quoted(model)} with the splitting"
            f" {quoted(pre)}, which is not known here",
        )
    tokens = _strings(reader, "tokenizer.ggml.tokens")
    merges = _strings(reader, "tokenizer.ggml.merges")
    types = reader.field("tokenizer.ggml.token_type", list) or [1] * len(tokens)
    if len(types) != len(tokens):
        raise CheckpointError(
            reader.path, f"there are {len(tokens)} tokens and {len(types)} token types"
        )
    added = [
        _added(number, token, special=kind == _CONTROL)
        for number, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in (_CONTROL, _USER_DEFINED)
    ]
    value = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": splitting,
        "post_processor": None,
        "decoder": _BYTE_LEVEL,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": merges,
        },
    }
    files = {
        "tokenizer.json": json.dumps(value, ensure_ascii=False, indent=1) + "\n",
        "tokenizer_config.json": json.dumps(_config(reader, tokens), indent=2) + "\n",
    }
    return files, ()


def _splitting(pre: str | None) -> dict[str, Any] | None:
    """How words are split before their bytes are merged, as tokenizer.json says it."""
    bytes_alone = {**_BYTE_LEVEL, "use_regex": False}
    match pre:
        case "gpt-2" | "default" | None:
            return _BYTE_LEVEL
        case "smollm":
            digits = {"type": "Digits", "individual_digits": True}
            return {"type": "Sequence", "pretokenizers": [digits, _BYTE_LEVEL]}
        case "llama-bpe" | "qwen2":
            split = {
                "type": "Split",
                "pattern": {"Regex": _LLAMA3 if pre == "llama-bpe" else _QWEN2},
                "behavior": "Isolated",
                "invert": False,
            }
            return {"type": "Sequence", "pretokenizers": [split, bytes_alone]}
        case _:
            return None


def _strings(reader: GgufReader, key: str) -> list[str]:
    values = reader.field(key, list)
    if values is None or not all(isinstance(value, str) for value in values):
        raise CheckpointError(reader.path, f"the key {quoted(key)} must be an array of strings")
    return list(values)


def _added(number: int, token: str, *, special: bool) -> dict[str, Any]:
    return {
        "id": number,
        "content": token,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": special,
    }


def _config(reader: GgufReader, tokens: list[str]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": bool(reader.field("tokenizer.ggml.add_bos_token", bool)),
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
    }
    for name, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"), ("unk", "unknown")):
        number = reader.field(f"tokenizer.ggml.{key}_token_id", int)
        if number is not None and 0 <= number < len(tokens):
            config[f"{name}_token"] = tokens[number]
    template = reader.field("tokenizer.chat_template", str)
    if template is not None:
        config["chat_template"] = template
    return config
