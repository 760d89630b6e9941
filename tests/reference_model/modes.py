"""The table of modes, written by hand: the model shares no source with the library's schema."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """What a mode allows, and what it takes by default."""

    name: str
    group_sizes: tuple[int, ...]
    default_group_size: int
    bit_widths: tuple[int, ...]
    default_bits: int
    has_bias: bool
    takes_global_scale: bool


@dataclass(frozen=True)
class Settings:
    """A mode with its group size and bits resolved."""

    mode: Mode
    group_size: int
    bits: int


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("affine", (32, 64, 128), 64, (1, 2, 3, 4, 5, 6, 8), 4, True, False),
        Mode("mxfp4", (32,), 32, (4,), 4, False, False),
        Mode("mxfp8", (32,), 32, (8,), 8, False, False),
        Mode("nvfp4", (16,), 16, (4,), 4, False, True),
    )
}

ALL_SETTINGS: tuple[tuple[str, int, int], ...] = tuple(
    (mode.name, group_size, bits)
    for mode in MODES.values()
    for group_size in mode.group_sizes
    for bits in mode.bit_widths
)
"""Every (mode, group_size, bits) there is, in the order of the table."""


def resolve(mode: str, group_size: int | None = None, bits: int | None = None) -> Settings:
    """Unset values take the mode's default, each on its own; explicit ones are only checked."""
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}; it must be one of {', '.join(MODES)}")
    table = MODES[mode]
    group_size = table.default_group_size if group_size is None else group_size
    bits = table.default_bits if bits is None else bits
    if group_size not in table.group_sizes:
        raise ValueError(f"group_size is {group_size}; {mode} has {table.group_sizes}")
    if bits not in table.bit_widths:
        raise ValueError(f"bits is {bits}; {mode} has {table.bit_widths}")
    return Settings(table, group_size, bits)


def check_global_scale(settings: Settings, global_scale: object | None) -> None:
    """A global scale belongs to the modes that take one, and is optional there."""
    if global_scale is not None and not settings.mode.takes_global_scale:
        raise ValueError(f"global_scale is given; {settings.mode.name} has none")
