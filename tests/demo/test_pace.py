from __future__ import annotations

import pytest

from spark_cli.core.json import JsonObject
from spark_cli.demo.pace import Beat, Pace


class Clock:
    """Time that passes only in sleeps, and `late` seconds more than asked for."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 100.0
        self.late = late
        self.sleeps = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.now += seconds + self.late


async def played(rate: float, beats: list[Beat], clock: Clock) -> list[JsonObject]:
    pace = Pace(rate, clock, clock.sleep)
    return [event async for batch in pace.batches(beats) for event in batch]


@pytest.mark.parametrize("late", [0.0, 0.005, 0.1])
@pytest.mark.parametrize("rate", [30.0, 1_200.0, 20_000.0, 100_000.0])
async def test_tokens_come_at_the_rate_in_few_wake_ups(
    rate: float, late: float
) -> None:
    grain = Pace(rate).grain
    clock = Clock(late)
    beats: list[Beat] = [({"n": n}, grain) for n in range(int(rate * 2) // grain)]

    events = await played(rate, beats, clock)

    assert events == [event for event, _ in beats]
    assert clock.now - 100 == pytest.approx(2, abs=0.15)
    assert clock.sleeps <= 2 * 60 + 1


async def test_without_a_rate_nothing_is_waited_for() -> None:
    clock = Clock()

    await played(0, [({}, 16)] * 10_000, clock)

    assert clock.now == 100
    assert clock.sleeps > 100  # but others get their turn


async def test_what_carries_no_tokens_leaves_at_once() -> None:
    clock = Clock()
    beats: list[Beat] = [({"n": n}, 0) for n in range(50)]
    pace = Pace(1.0, clock, clock.sleep)

    assert [len(batch) async for batch in pace.batches(beats)] == [50]
    assert clock.sleeps == 0
