"""What a well-formed schema means, and whether it means anything: checks with stable codes."""

from __future__ import annotations

from codegen.model import Schema
from codegen.problems import Problems


def check(schema: Schema, problems: Problems) -> None:
    """Collect every semantic error."""
