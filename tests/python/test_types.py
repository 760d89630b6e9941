"""What a type checker makes of the package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

SAMPLE = Path(__file__).with_name("typed_usage.py")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """Line number to what mypy --strict says about it."""
    cache = tmp_path_factory.mktemp("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={cache}"]
    done = subprocess.run([*command, str(SAMPLE)], capture_output=True, text=True, cwd=cache)
    found = {}
    for line in done.stdout.splitlines():
        if match := re.match(r".*typed_usage\.py:(\d+): (\w+): (.*)", line):
            number, kind, text = match.groups()
            if kind == "error" or text.startswith("Revealed type"):
                found.setdefault(int(number), []).append((kind, text))
    assert found, done.stdout + done.stderr
    return found


def expectations():
    for number, line in enumerate(SAMPLE.read_text().splitlines(), 1):
        code, _, comment = line.partition("  # ")
        if comment:
            yield number, code, comment


def simplified(text: str) -> str:
    """A type without the words in which mypy's versions differ."""
    text = text.replace("builtins.", "").replace("typing.", "")
    text = re.sub(r"Union\[(.*), None\]$", r"\1 | None", text)
    return re.sub(r"numpy\.ndarray\[[^()]*?, numpy\.dtype\[Any\]\]", "NDArray[Any]", text)


@pytest.mark.parametrize(("number", "code", "comment"), list(expectations()))
def test_a_line_of_user_code_has_the_type_that_its_comment_says(findings, number, code, comment):
    found = findings.get(number, [])
    assert found, f"mypy says nothing about {code}"
    if comment.startswith("error: "):
        assert found[0][0] == "error"
        assert f"[{comment.removeprefix('error: ')}]" in found[0][1]
    else:
        match = re.fullmatch(r'Revealed type is "(.*)"', found[0][1])
        assert match is not None, found
        assert simplified(match.group(1)) == comment


def test_nothing_else_is_wrong_with_it(findings):
    expected = {number for number, _, _ in expectations()}
    assert set(findings) <= expected


def test_the_stub_fits_the_functions(tmp_path):
    command = [sys.executable, "-m", "mypy.stubtest", "thinbit._generated.ops"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
