"""JSON files beside the tensors: bounded in size, and errors that name the file."""

from __future__ import annotations

import os
from typing import Any

from thinbit._generated import file_texts

from .errors import CheckpointError
from .json_text import JSONFault, parse_json_object
from .regular_file import RegularFile

MAX_JSON_BYTES = 64 * 2**20


def read_json_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises CheckpointError for a file above 64 MiB, one that is not JSON, and any other value;
    OSError for a file that cannot be opened.
    """
    file = RegularFile(path)
    try:
        if file.size > MAX_JSON_BYTES:
            raise CheckpointError(path, file_texts.too_large(size=file.size, most=MAX_JSON_BYTES))
        text = bytes(file.read(0, file.size))
        return parse_json_object(text, "the file", constants=True)
    except JSONFault as fault:
        raise CheckpointError(path, str(fault)) from None
    finally:
        file.close()
