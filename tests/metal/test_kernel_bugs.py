"""The test of the tester: each kernel under bugs/ has one bug, and the emulation finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from metal.emulation import HERE, compile_file, header, run_kernel
from metal.translator.tokens import TranslationError

BUGS = sorted((HERE / "bugs/kernels").glob("*.metal"))
SOURCES = sorted((HERE / "bugs/sources").glob("*.metal"))
THREADS = 64
SEEDS = (1, 2, 3)


@pytest.mark.parametrize("path", BUGS, ids=lambda path: path.stem)
def test_the_checker_finds_the_bug_whatever_the_order_of_threads(
    path: Path, tmp_path: Path
) -> None:
    expected = header(path)
    module = compile_file(path, tmp_path / "bug.so")
    per_threadgroup = int(expected.get("threads in a threadgroup", THREADS))
    for seed in SEEDS:
        done = run_kernel(module, "bug", THREADS, per_threadgroup, seed)
        assert done.returncode == 1, f"seed {seed}: {done.stdout}{done.stderr}"
        found = {line.partition(":")[0] for line in done.stdout.splitlines()}
        assert found & set(expected["finds"].split(" or ")), f"seed {seed}: {done.stdout}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_translator_refuses_what_metal_would(path: Path, tmp_path: Path) -> None:
    with pytest.raises(TranslationError, match=path.name):
        compile_file(path, tmp_path / "bug.so")


@pytest.mark.parametrize("kernel", ["barriers", "within_simdgroup", "matrices"])
def test_nothing_is_found_where_nothing_is_wrong(kernel: str, tmp_path: Path) -> None:
    module = compile_file(HERE / "bugs/kernels_without_bugs.metal", tmp_path / "kernels.so")
    for seed in SEEDS:
        done = run_kernel(module, kernel, THREADS, THREADS, seed)
        assert (done.returncode, done.stdout) == (0, "")


def test_a_finding_names_the_seed_that_shows_it(tmp_path: Path) -> None:
    module = compile_file(HERE / "bugs/kernels/missing_barrier.metal", tmp_path / "bug.so")
    assert run_kernel(module, "bug", THREADS, THREADS, 5).stdout.endswith("seed 5\n")
