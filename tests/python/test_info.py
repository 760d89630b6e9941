"""What is used on this machine, and why: in Python, and the same in the command."""

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path

import pytest
import yaml

import thinbit

ROOT = Path(__file__).resolve().parents[2]


def in_a_process(code, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("THINBIT_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def info(**environment):
    code = (
        "import dataclasses, json, thinbit; print(json.dumps(dataclasses.asdict(thinbit.info())))"
    )
    return json.loads(in_a_process(code, **environment))


def test_the_facts_are_those_of_the_schema():
    schema = yaml.safe_load((ROOT / "codegen/schema/thinbit.yaml").read_text())
    types = {"string": str, "strings": tuple, "int": int}
    found = thinbit.info()
    assert [field.name for field in fields(found)] == [f["name"] for f in schema["info"]["fields"]]
    for fact in schema["info"]["fields"]:
        assert isinstance(getattr(found, fact["name"]), types[fact["type"]])
    with pytest.raises(FrozenInstanceError):
        found.backend = "cuda"


def test_every_manifest_has_the_same_version():
    schema = yaml.safe_load((ROOT / "codegen/schema/thinbit.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cmake = re.search(r"project\(thinbit VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    assert thinbit.info().version == thinbit.__version__ == schema["version"]
    assert project["version"] == cmake[1] == schema["version"]


def test_the_representation_has_a_field_in_each_line():
    found = thinbit.info()
    lines = repr(found).splitlines()
    assert lines[0] == "Info("
    assert f"    cpu_levels={found.cpu_levels!r}," in lines
    assert len(lines) == len(fields(found)) + 2
    assert eval(repr(found), {"Info": thinbit.Info}) == found


def test_the_best_level_is_taken_where_nobody_asks():
    found = info()
    assert found["cpu_level"] == found["cpu_levels"][-1]
    assert found["cpu_level_reason"] == "the best this machine runs"
    assert found["num_threads"] >= 1
    assert found["num_threads_reason"].startswith("the CPU")


def test_the_environment_is_named_where_it_decides():
    found = info(THINBIT_CPU="scalar", THINBIT_NUM_THREADS="3")
    assert (found["cpu_level"], found["cpu_level_reason"]) == ("scalar", "THINBIT_CPU")
    assert found["cpu_extensions"] == []
    assert (found["num_threads"], found["num_threads_reason"]) == (3, "THINBIT_NUM_THREADS")


def test_what_cannot_be_honoured_is_explained_and_fails_every_call():
    found = info(THINBIT_CPU="avx1024", THINBIT_NUM_THREADS="0")
    assert (found["cpu_level"], found["num_threads"]) == ("", 0)
    assert "avx1024, which is no level of this build: it has scalar" in found["cpu_level_reason"]
    assert "a whole number from 1" in found["num_threads_reason"]
    code = """
import numpy as np, thinbit
try:
    thinbit.to_fp8(np.ones((1, 1), np.float32))
except thinbit.ThinbitError as error:
    print(error.rule, error)
"""
    said = in_a_process(code, THINBIT_CPU="avx1024")
    assert said.startswith("context_create.backend.choice")
    assert found["cpu_level_reason"] in said


def test_the_command_shows_the_same():
    found = asdict(thinbit.info())
    code = "import sys, thinbit.cli; sys.exit(thinbit.cli.main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "info"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads(json.dumps(found))
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = dict(line.split(maxsplit=1) for line in lines[2:] if len(line.split(maxsplit=1)) == 2)
    assert rows["cpu_level"] == found["cpu_level"]
    assert rows["cpu_levels"] == ", ".join(found["cpu_levels"])
