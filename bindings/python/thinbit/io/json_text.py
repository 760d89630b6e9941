"""JSON out of a file, read strictly, with the same words for what is wrong in every language.

A repeated key is an error, where parsers often keep one of the two in silence. What
exactly a parser minds, and where, differs from one to the next, so that is not said.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from thinbit._generated import file_texts

from .errors import described, quoted

MOST_LEVELS = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class JSONFault(ValueError):
    """What is wrong with a text; `str()` says it."""


def parse_json_object(text: bytes, what: str, *, constants: bool = False) -> dict[str, Any]:
    """The object that a text holds; `what` is how it is called where something is wrong.

    `constants` allows NaN and Infinity, which JSON has not and configs do.

    Raises JSONFault for bytes that are not UTF-8, a text that is not JSON, one that is nested more
    than 64 deep, repeated keys, strings that are no Unicode, and any other value.
    """
    value = parse_json(text, what, constants=constants)
    if not isinstance(value, dict):
        raise JSONFault(file_texts.json_not_object(what=what, value=described(value)))
    return value


def parse_json(text: bytes, what: str, *, constants: bool = False) -> Any:
    """The value that a text holds; see parse_json_object."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONFault(file_texts.json_not_utf8(what=what, byte=error.start)) from None

    def object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result:
                raise JSONFault(file_texts.json_key_twice(what=what, key=quoted(key)))
            result[key] = value
        return result

    too_deep = JSONFault(file_texts.json_too_deep(what=what, most=MOST_LEVELS))
    try:
        value = json.loads(
            decoded,
            object_pairs_hook=object_without_repeats,
            parse_constant=float if constants else _no_constant,
        )
    except RecursionError:
        raise too_deep from None
    except JSONFault:
        raise
    except json.JSONDecodeError as error:
        if _depth(decoded[: error.pos]) > MOST_LEVELS:
            raise too_deep from None
        raise JSONFault(file_texts.json_syntax(what=what)) from None
    except ValueError:  # a constant, or an integer of more digits than Python converts
        raise JSONFault(file_texts.json_syntax(what=what)) from None
    if _depth(decoded) > MOST_LEVELS:
        raise too_deep
    if "\\u" in decoded:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise JSONFault(file_texts.json_half_pair(what=what)) from None
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
