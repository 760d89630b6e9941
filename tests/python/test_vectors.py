"""Every conformance vector through the Python API, by flat argument names."""

from pathlib import Path

import numpy as np
import pytest
from vector_file import Case, Error, read_vectors

import thinbit
import thinbit._generated.ops

FOLDER = Path(__file__).resolve().parent.parent / "vectors"
OPS = sorted(thinbit._generated.ops.__all__)


def run(case: Case, **more):
    result = getattr(thinbit, case.op)(**case.arguments, **more)
    return result if isinstance(result, tuple) else (result,)


def problem_of(case: Case) -> str:
    if isinstance(case.expected, Error):
        try:
            run(case)
        except thinbit.ThinbitError as error:
            found = Error(error.status, error.rule, error.argument)
            return "" if found == case.expected else f"{found}, expected {case.expected}: {error}"
        return f"nothing was raised, expected {case.expected}"
    try:
        results = run(case)
    except thinbit.ThinbitError as error:
        return f"raised {error.rule}: {error}"
    assert len(results) == len(case.expected)
    problems = [out.problem(found) for out, found in zip(case.expected, results, strict=True)]
    return "; ".join(filter(None, problems))


@pytest.mark.parametrize("op", OPS)
def test_every_vector_of_an_op_gives_what_it_says(op):
    cases = read_vectors(FOLDER / f"{op}.vectors")
    assert {case.op for case in cases} == {op}
    problems = [f"{case.name}: {found}" for case in cases if (found := problem_of(case))]
    assert not problems, f"{len(problems)} of {len(cases)}:\n" + "\n".join(problems[:30])


@pytest.mark.parametrize("op", OPS)
def test_an_op_has_vectors_of_both_kinds(op):
    cases = read_vectors(FOLDER / f"{op}.vectors")
    kinds = {isinstance(case.expected, Error) for case in cases}
    assert kinds == {True, False}


@pytest.mark.parametrize("op", OPS)
def test_a_call_that_is_refused_has_written_nothing(op):
    cases = read_vectors(FOLDER / f"{op}.vectors")
    good = next(case for case in cases if not isinstance(case.expected, Error))
    shapes = [(out.shape, out.dtype) for out in good.expected if out.dtype is not None]
    assert shapes
    for case in cases:
        if not isinstance(case.expected, Error) or case.expected.status == "non_finite":
            continue
        outputs = [np.zeros(shape, dtype) for shape, dtype in shapes]
        outputs += [None] * (len(good.expected) - len(outputs))
        with pytest.raises(thinbit.ThinbitError):
            run(case, out=tuple(outputs) if len(outputs) > 1 else outputs[0])
        for output in outputs:
            assert output is None or not output.view(np.uint8).any() or output.size == 0


def test_every_file_belongs_to_an_op():
    assert sorted(path.stem for path in FOLDER.glob("*.vectors")) == OPS
