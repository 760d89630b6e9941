"""Arguments may be called as every language's keywords are: what is generated still compiles."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from golden_files import edited

from codegen import lower_c, lower_core, lower_docs, lower_python, lower_swift, lower_vector_runner
from codegen.schema_file import read_schema
from codegen.targets import lower_all

ROOT = Path(__file__).resolve().parents[2]
OPERANDS = ("in", "self", "class", "operator", "default")
FLAGS = ("func", "init", "lambda", "int", "inout", "is", "template", "register", "for")


def keyword_schema() -> str:
    """The small schema, and an op whose every argument is a keyword somewhere."""
    lines = [
        "  - name: widen_more",
        "    swift: widenedMore",
        '    doc: "An op whose arguments are keywords."',
        f'    signature: [{", ".join(OPERANDS)}, "*", {", ".join(FLAGS)}]',
        "    args:",
    ]
    for name in OPERANDS:
        lines.append(
            f"      - {{name: {name}, type: tensor, dtypes: floats, "
            'shape: "[S...]", doc: "Values."}'
        )
    for name in FLAGS:
        lines.append(
            f'      - {{name: {name}, type: bool, omittable: true, default: false, doc: "A flag."}}'
        )
    lines += [
        '      - {name: reserved, type: reserved, doc: "Must be 0."}',
        '      - {name: while, type: tensor, out: true, dtypes: same(in), shape: "[S...]", '
        'doc: "The values."}',
        '      - {name: return, type: tensor, out: true, dtypes: same(in), shape: "[S...]", '
        'doc: "The values."}',
        "    backends: {cpu: all}",
        "",
    ]
    return edited(("\nops:\n", "\nops:\n" + "\n".join(lines) + "\n"))


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    schema = read_schema(keyword_schema(), "keywords.yaml")
    lowerings = (
        lower_c.lower,
        lower_core.lower,
        lower_docs.lower,
        lower_python.lower,
        lower_swift.lower,
        lower_vector_runner.lower,
    )
    return {path: content.decode() for path, content in lower_all(schema, lowerings).items()}


@pytest.fixture(scope="module")
def tree(outputs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("keywords")
    shutil.copytree(ROOT / "core/runtime", root / "core/runtime")
    for path, text in outputs.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def compilers(*names: str) -> list[str]:
    found = [name for name in names if shutil.which(name)]
    assert found, f"none of {', '.join(names)} is there"
    return found


def test_the_header_compiles_as_c(tree: Path) -> None:
    source = tree / "client.c"
    source.write_text(
        "#include <thinbit/thinbit.h>\n"
        "thinbit_widen_more_params params = THINBIT_WIDEN_MORE_PARAMS_INIT;\n"
    )
    for compiler in compilers("gcc", "clang"):
        command = [compiler, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
        command += [f"-I{tree / 'core/include'}", "-fsyntax-only", str(source)]
        subprocess.run(command, check=True)


def test_the_core_compiles_as_cpp(tree: Path) -> None:
    for compiler in compilers("g++", "clang++"):
        for name in ("widen_more", "gather_addmm", "quantize"):
            command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
            command += [f"-I{tree / 'core'}", f"-I{tree / 'core/include'}"]
            command.append(str(tree / f"core/generated/{name}.gen.cpp"))
            subprocess.run(command, check=True)


def test_python_compiles(outputs: dict[str, str]) -> None:
    for path, text in outputs.items():
        if path.endswith((".py", ".pyi")):
            compile(text, path, "exec")
    ops = outputs["bindings/python/thinbit/_generated/ops.py"]
    assert "def widen_more(\n" in ops or "def widen_more(" in ops
    for name in ("in_", "class_", "lambda_", "is_", "self_"):
        assert name in ops


def test_swift_parses(tree: Path) -> None:
    if shutil.which("swiftc") is None:
        pytest.skip("swiftc is not there")
    files = [str(path) for path in sorted(tree.rglob("*.swift"))]
    assert files
    subprocess.run(["swiftc", "-parse", "-swift-version", "6", *files], check=True)


def test_the_docs_name_them_as_each_language_does(outputs: dict[str, str]) -> None:
    names = outputs["docs/reference/names.md"]
    assert "| `class_` | " in names
    assert "`default_`" in names
