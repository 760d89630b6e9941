"""Templates: they print what a lowering computed, and hold loops only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

SOURCE = "codegen/schema/thinbit.yaml"
BANNER = f"generated from {SOURCE}: do not edit"

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


def render(template: str, **values: Any) -> str:
    """The text of `templates/<template>` with `banner` and the given values."""
    return _ENVIRONMENT.get_template(template).render(banner=BANNER, **values)
