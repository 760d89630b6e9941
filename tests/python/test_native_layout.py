"""The three parts that have to belong together: Python modules, extension, library."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import thinbit
from thinbit import _layout_check, _native
from thinbit._generated import layout, operations

PACKAGE = Path(thinbit.__file__).parent


def test_they_do():
    _layout_check.check_layout()


def test_every_struct_of_the_header_is_compared():
    header = (PACKAGE / "include/thinbit/thinbit.h").read_text()
    structs = set(re.findall(r"^\} (thinbit_\w+);", header, re.MULTILINE))
    assert len(structs) > 10
    assert {f"sizeof({name})" for name in structs} <= {name for name, _ in layout.LAYOUT}


@pytest.mark.parametrize("index", [0, len(layout.LAYOUT) - 1])
def test_another_offset_is_an_import_error_that_names_it(monkeypatch, index):
    expression, value = layout.LAYOUT[index]
    facts = list(layout.LAYOUT)
    facts[index] = (expression, value + 8)
    monkeypatch.setattr(_layout_check, "LAYOUT", tuple(facts))
    with pytest.raises(ImportError, match=re.escape(f"{expression} = {value}")):
        _layout_check.check_layout()


def test_another_abi_version_is_an_import_error(monkeypatch):
    monkeypatch.setattr(_layout_check, "ABI_VERSION", 99)
    with pytest.raises(ImportError, match="ABI version 1, and its Python modules need 99"):
        _layout_check.check_layout()


def test_another_schema_is_an_import_error(monkeypatch):
    monkeypatch.setattr(_layout_check, "SCHEMA_HASH", "0" * 64)
    with pytest.raises(ImportError, match="schema"):
        _layout_check.check_layout()


def test_an_import_compares_them():
    code = "import thinbit._generated.layout as layout\nraise SystemExit('thinbit was imported')\n"
    # The package's __init__ runs first, and has to fail before anything else of it is there.
    broken = (
        f"import sys, types\nm = types.ModuleType('thinbit._generated.layout')\n{_fake()}{code}"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True)
    assert "ImportError: thinbit's library has ABI version 1" in done.stderr


def _fake() -> str:
    return (
        "m.ABI_VERSION, m.SCHEMA_HASH, m.LAYOUT = 2, '', ()\n"
        "sys.modules['thinbit._generated.layout'] = m\n"
    )


def test_the_library_lies_beside_the_extension_and_is_found_there():
    assert Path(_native.__file__).name == "_native.abi3.so"
    suffix = "dylib" if sys.platform == "darwin" else "so"
    expected = {f"libthinbit.{suffix}"}
    if sys.platform == "linux":
        expected.add("libthinbit_cuda.so")  # the plugin, which the core opens when it is asked for
    assert {path.name for path in (PACKAGE / "lib").iterdir()} == expected
    if sys.platform == "linux":
        maps = Path("/proc/self/maps").read_text()
        loaded = {line.split()[-1] for line in maps.splitlines() if "libthinbit." in line}
        assert loaded == {str((PACKAGE / "lib" / "libthinbit.so").resolve())}


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "_generated" / "ops.pyi").exists()


def test_sources_of_the_extension_are_not_shipped():
    assert not list(PACKAGE.rglob("*.c"))
    assert [path.name for path in PACKAGE.rglob("*.h")] == ["thinbit.h"]


def test_every_op_and_collective_has_a_function_in_the_extension():
    declared = {name for name in dir(_native.lib) if name.startswith("thinbit_python_")}
    ops = {f"thinbit_python_{name}" for name in thinbit._generated.ops.__all__}
    collectives = {"thinbit_python_comm_all_sum", "thinbit_python_comm_all_gather"}
    assert declared == ops | collectives | {"thinbit_python_layout"}


def test_a_read_only_capsule_is_an_input_and_no_output():
    x = np.zeros(4, np.uint8)
    x.flags.writeable = False
    assert thinbit.from_fp8(x).tolist() == [0] * 4
    with pytest.raises(thinbit.ThinbitError, match="read-only"):
        thinbit.to_fp8(np.zeros(4, np.float32), out=x)


def test_operations_name_what_their_functions_take():
    for name in thinbit._generated.ops.__all__:
        operation = getattr(operations, name.upper())
        assert operation.name == name
        assert len(operation.inputs) > operation.primary
        assert not set(operation.inputs) & set(operation.outputs)
