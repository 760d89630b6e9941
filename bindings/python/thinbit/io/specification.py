"""How weights are quantized, as one value and in the spellings that people and files use."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any

from thinbit._generated import file_texts
from thinbit._generated.modes import MODES, Mode

from .errors import described, fits_64_bits, quoted


@dataclass(frozen=True, slots=True)
class QuantizationSpec:
    """A mode with its bits and its group size, both resolved and legal for the mode."""

    mode: str
    bits: int
    group_size: int

    @classmethod
    def make(
        cls, mode: str, *, bits: int | None = None, group_size: int | None = None
    ) -> QuantizationSpec:
        """Resolve defaults and check; ValueError says what the mode has."""
        table = _mode(mode)
        bits = table.default_bits if bits is None else bits
        group_size = table.default_group_size if group_size is None else group_size
        if bits not in table.bits:
            choices = _either(table.bits)
            raise ValueError(file_texts.spec_bits(mode=mode, choices=choices, bits=bits))
        if group_size not in table.group_sizes:
            choices = _either(table.group_sizes)
            raise ValueError(
                file_texts.spec_group_size(mode=mode, choices=choices, group_size=group_size)
            )
        return cls(mode, bits, group_size)

    @classmethod
    def parse(cls, text: str) -> QuantizationSpec:
        """Read `MODE[:BITS][:gGROUP_SIZE]`: `mxfp4`, `affine:4`, `affine:g32`, `affine:4:g64`."""
        mode, *parts = text.strip().split(":")
        bits, group_size = None, None
        _mode(mode)
        for part in parts:
            if re.fullmatch(r"[0-9]{1,4}", part) and bits is None:
                bits = int(part)
            elif re.fullmatch(r"g[0-9]{1,4}", part) and group_size is None:
                group_size = int(part[1:])
            else:
                raise ValueError(
                    f"{part!r} in {text!r} is neither bits nor a group size;"
                    " a mode is spelled like affine:4:g64, affine:4 or mxfp4"
                )
        return cls.make(mode, bits=bits, group_size=group_size)

    @classmethod
    def from_json(cls, value: Any) -> QuantizationSpec:
        """Read `{"group_size", "bits", "mode"}`; a missing mode is affine, as in MLX."""
        if not isinstance(value, dict):
            raise ValueError(file_texts.spec_not_object(value=described(value)))
        mode = value.get("mode", "affine")
        bits, group_size = value.get("bits"), value.get("group_size")
        if not isinstance(mode, str):
            raise ValueError(file_texts.spec_mode_not_string(value=described(mode)))
        for name, number in (("bits", bits), ("group_size", group_size)):
            if number is not None and not fits_64_bits(number):
                raise ValueError(file_texts.spec_not_integer(key=name, value=described(number)))
        if mode not in MODES:
            choices = ", ".join(MODES)
            raise ValueError(file_texts.spec_mode_unknown(value=quoted(mode), choices=choices))
        return cls.make(mode, bits=bits, group_size=group_size)

    def to_json(self) -> dict[str, Any]:
        """The object that MLX's config files hold."""
        return {"group_size": self.group_size, "bits": self.bits, "mode": self.mode}

    @property
    def has_bias(self) -> bool:
        """Whether each group has a bias beside its scale."""
        return MODES[self.mode].has_bias

    @property
    def has_global_scale(self) -> bool:
        """Whether the mode takes a scale for the whole tensor."""
        return MODES[self.mode].has_global_scale

    def __str__(self) -> str:
        """The spelling that parse reads; the mode alone where it has just one choice."""
        table = MODES[self.mode]
        if len(table.bits) == len(table.group_sizes) == 1:
            return self.mode
        return f"{self.mode}:{self.bits}:g{self.group_size}"


def _mode(name: str) -> Mode:
    if name in MODES:
        return MODES[name]
    near = difflib.get_close_matches(name.lower(), MODES, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(MODES)
    raise ValueError(f"unknown mode {name[:40]!r}; {hint}")


def _either(values: tuple[int, ...]) -> str:
    *head, last = map(str, values)
    return f"{', '.join(head)} or {last}" if head else last
