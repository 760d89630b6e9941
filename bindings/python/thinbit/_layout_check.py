"""Whether the C side is the one that these modules were generated with."""

from __future__ import annotations

from thinbit._generated.layout import ABI_VERSION, LAYOUT, SCHEMA_HASH
from thinbit._native import ffi, lib


def check_layout() -> None:
    """Raise ImportError where library, extension and Python modules do not belong together."""
    version = lib.thinbit_abi_version()
    if version != ABI_VERSION:
        raise ImportError(
            f"thinbit's library has ABI version {version}, and its Python modules need"
            f" {ABI_VERSION}: another libthinbit was loaded, or the installation is mixed;"
            " reinstall thinbit"
        )
    found = ffi.string(lib.thinbit_schema_hash()).decode()
    if found != SCHEMA_HASH:
        raise ImportError(
            f"thinbit's library was generated from schema {found[:12]}, its Python modules from"
            f" {SCHEMA_HASH[:12]}: the installation is mixed; reinstall thinbit"
        )
    compiled = ffi.unpack(lib.thinbit_python_layout, len(LAYOUT))
    for (expression, expected), actual in zip(LAYOUT, compiled, strict=True):
        if actual != expected:
            raise ImportError(
                f"thinbit's extension was compiled with {expression} = {actual}, and its Python"
                f" modules need {expected}: the installation is mixed; reinstall thinbit"
            )
