"""JSON files beside the tensors: bounded in size, and errors that name the file."""

from __future__ import annotations

import json
import os
from typing import Any

from .errors import CheckpointError
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
            raise CheckpointError(
                path, f"the file has {file.size} bytes; at most {MAX_JSON_BYTES} are read"
            )
        value = json.loads(bytes(file.read(0, file.size)))
    except RecursionError:
        raise CheckpointError(path, "the file is nested too deeply") from None
    except ValueError as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(path, f"the file is not JSON: {error}") from None
    finally:
        file.close()
    if not isinstance(value, dict):
        raise CheckpointError(path, "the file holds no JSON object")
    return value
