"""The promises, on cells that keep or break them."""

import math

from bench.criteria import Verdict, verdicts
from bench.model import Cell


def product(name: str, x: str, m: int, seconds: float, **fields: object) -> Cell:
    weights = 4096 * 4096
    defaults = {
        "regime": "product",
        "peer": "thinbit_cpu",
        "group": "four",
        "threads": 2,
        "n": 4096,
        "k": 4096,
        "nbytes": weights * 4.5 / 8,
        "seconds": [seconds],
    }
    return Cell(name=name, x=x, m=m, **{**defaults, **fields})  # type: ignore[arg-type]


def only(found: list[Verdict], promise: str) -> Verdict:
    return next(each for each in found if each.promise.startswith(promise))


def test_decoding_must_reach_its_part_of_the_read_bandwidth() -> None:
    kept = product("affine 4", "bf16", 1, 1.0, beside=[0.96])
    assert only(verdicts([kept]), "decode, part").kept
    broken = product("affine 4", "bf16", 1, 1.0, beside=[0.94])
    assert not only(verdicts([broken]), "decode, part").kept
    enough_for_f32 = product("affine 4", "f32", 1, 1.0, beside=[0.86])
    assert only(verdicts([enough_for_f32]), "decode, part").kept


def test_rivals_have_grouped_scales_and_no_fewer_bits() -> None:
    own = product("affine 4", "bf16", 1, 1.0, beside=[1.0])
    fewer_bits = product("q2_K", "f32", 1, 0.1, peer="ggml", nbytes=4096 * 4096 * 2.6 / 8)
    dense = product("float", "f32", 1, 0.1, peer="openblas", grouped=False, nbytes=4e9)
    rival = product("q4_0", "f32", 1, 1.5, peer="ggml")
    assert only(verdicts([own, fewer_bits, dense, rival]), "decode, times").found == 1.5
    assert not any(v.promise.startswith("decode, times") for v in verdicts([own, fewer_bits]))


def test_eight_rows_may_take_twice_the_time_of_one() -> None:
    cells = [product("affine 4", "bf16", 1, 1.0), product("affine 4", "bf16", 8, 2.0)]
    flat = only(verdicts(cells), "M = 8")
    assert (flat.found, flat.kept) == (2.0, True)
    assert math.isnan(only(verdicts(cells[1:]), "M = 8").found)
    assert not only(verdicts(cells[1:]), "M = 8").kept


def test_prefill_is_held_against_the_peak_and_torch() -> None:
    own = product("mxfp8", "bf16", 512, 1.0, beside=[0.84])
    torch = product("float weights", "bf16", 512, 0.96, peer="torch_cpu", grouped=False)
    found = verdicts([own, torch])
    assert not only(found, "prefill, bf16 x").kept
    assert only(found, "prefill, times torch").kept


def test_qqmm_is_held_against_the_fastest_four_bit_peer() -> None:
    own = product("qqmm mxfp4", "bf16", 512, 1.0)
    peers = [product(n, "f32", 512, t, peer="ggml") for n, t in (("q4_0", 2.0), ("q4_K", 1.2))]
    verdict = only(verdicts([own, *peers]), "qqmm")
    assert (verdict.found, verdict.needed, verdict.kept) == (1.2, 1.25, False)


def test_an_error_beyond_the_contract_breaks_the_promise() -> None:
    bad = product("affine 4", "bf16", 1, 1.0, bound=1.01)
    assert not only(verdicts([bad]), "largest error").kept


def test_calls_are_held_against_the_c_function_of_the_same_rounds() -> None:
    function = Cell("call", "thinbit_cpu", "C function", seconds=[1e-6, 9e-6, 1e-6])
    kept = Cell("call", "thinbit_cpu", "Python, five numpy operands", seconds=[3e-6, 10e-6, 2e-6])
    broken = Cell("call", "thinbit_swift", "Swift, QuantizedTensor", seconds=[2e-6, 10e-6, 2e-6])
    found = verdicts([function, kept, broken])
    assert [each.what for each in found] == [kept.name, broken.name]
    assert math.isclose(found[0].found, 1.0)
    assert [each.kept for each in found] == [True, False]
    assert not only(verdicts([kept]), "a call").kept


def test_a_machine_without_swift_is_held_to_what_it_measured() -> None:
    function = Cell("call", "thinbit_cpu", "C function", seconds=[1e-6])
    missing = Cell("call", "thinbit_swift", "Swift, QuantizedTensor", blank="built without Swift")
    assert verdicts([function, missing]) == []


def test_one_thread_promises_nothing() -> None:
    assert verdicts([product("affine 4", "bf16", 1, 1.0, threads=1, beside=[0.1])]) == []
