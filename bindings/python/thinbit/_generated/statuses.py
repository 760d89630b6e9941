# generated from codegen/schema/thinbit.yaml: do not edit
"""What a call can come to."""

from __future__ import annotations

from typing import Final

STATUSES: Final[dict[int, str]] = {
    0: "ok",  # The call did what it says.
    1: "invalid_argument",  # An argument breaks a rule; nothing was written.
    2: "unsupported",  # The call is legal, but this backend or this version cannot do it.
    3: "non_finite",  # A value to quantize is NaN or infinite, or its scale overflows; the outputs are unspecified.
    4: "out_of_memory",  # A workspace could not be allocated.
    5: "device",  # The device or its driver reported a fault.
    6: "internal",  # A defect of thinbit: please report it.
}
"""Status number of the C ABI to status name."""
