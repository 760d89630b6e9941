"""Interleaved rounds: who runs when, and what a failure leaves."""

from collections.abc import Callable

import pytest

from bench import rounds
from bench.model import Cell
from bench.processes import PeerFailed
from bench.rounds import Competitor, Patience, run_rounds


class QuietMachine:
    def __init__(self, ours: object) -> None:
        self._seen = 0

    def since(self) -> float:
        return 0.0


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ForeignLoad", QuietMachine)


def competitor(name: str, log: list[str], limit: Callable[[], float] | None = None) -> Competitor:
    def measure() -> float:
        log.append(name)
        return 1.0

    return Competitor(Cell("product", "ggml", name), measure, limit)


def test_the_order_turns_around_with_every_round() -> None:
    log: list[str] = []
    run_rounds([competitor("a", log), competitor("b", log)], 3, [], Patience(0.0))
    assert log == ["a", "b", "b", "a", "a", "b"]


def test_the_limit_is_measured_before_and_after() -> None:
    limits = iter([1.0, 3.0])
    one = competitor("a", [], lambda: next(limits))
    run_rounds([one], 1, [], Patience(0.0))
    assert one.cell.beside == [2.0]


def test_a_failure_is_a_blank_and_stops_nobody_else() -> None:
    calls = iter([1.0])

    def crash_in_second_round() -> float:
        try:
            return next(calls)
        except StopIteration:
            raise PeerFailed("crashed (exit status -11)") from None

    log: list[str] = []
    bad = Competitor(Cell("product", "mlx_cpu", "bad"), crash_in_second_round)
    good = competitor("good", log)
    run_rounds([bad, good], 3, [], Patience(0.0))
    assert bad.cell.blank == "crashed (exit status -11)"
    assert bad.cell.seconds == []
    assert len(good.cell.seconds) == len(log) == 3


def test_a_cell_that_has_its_time_is_left_alone() -> None:
    log: list[str] = []
    done = competitor("done", log)
    done.cell.seconds = [9.0]
    run_rounds([done], 3, [], Patience(0.0))
    assert done.cell.seconds == [9.0]
    assert log == []


def test_noisy_rounds_are_repeated_and_the_quietest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = iter([1.0, 0.0, 0.9, 0.0])  # one for each round

    class NoisyMachine(QuietMachine):
        def since(self) -> float:
            self._seen += 1
            return next(loads) if self._seen == 4 else 0.0

    monkeypatch.setattr(rounds, "ForeignLoad", NoisyMachine)
    times = iter([5.0, 1.0, 4.0, 2.0])
    one = Competitor(Cell("product", "ggml", "one"), lambda: next(times))
    run_rounds([one], 2, [], Patience(100.0))
    assert one.cell.seconds == [1.0, 2.0]
    assert one.cell.foreign == [0.0, 0.0]
