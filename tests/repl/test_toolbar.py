from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.core.events import (
    ReplyEnded,
    TextDelta,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import ItemId, TurnId
from spark_cli.core.usage import Limit, Usage
from spark_cli.metrics.meter import Meter
from spark_cli.metrics.report import lines
from spark_cli.repl.lines import columns_of_line, plain
from spark_cli.repl.phase import Phase
from spark_cli.repl.toolbar import Pace, Status, percent_left, scarce, toolbar

FULL = Status(
    phase=Phase.SPEAKING,
    model="gpt-5.3-codex-spark",
    approval="ask",
    transport="websocket",
    seconds=3,
    tokens_per_s=1143,
    first_token_s=0.092,
    context_left=83,
    branch="main",
)


def test_the_line_tells_what_goes_on_and_with_whom() -> None:
    assert plain(toolbar(FULL, 200)) == (
        "answering 3 s · Esc stops · gpt-5.3-codex-spark · websocket · ~1,143 tok/s · "
        "first 92 ms · 83% context left · main · ask"
    )


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 120])
def test_the_line_fits_any_window(columns: int) -> None:
    assert columns_of_line(toolbar(FULL, columns)) < columns


BUSY = replace(FULL, limit="tokens limit 9% left")


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (
            120,
            "answering 3 s · Esc stops · tokens limit 9% left · "
            "gpt-5.3-codex-spark · ~1,143 tok/s · 83% context left · ask",
        ),
        (60, "answering 3 s · Esc stops · tokens limit 9% left"),
        (40, "answering 3 s · Esc stops"),
        (20, "answering 3 s"),
    ],
)
def test_what_matters_least_goes_first(columns: int, line: str) -> None:
    assert plain(toolbar(BUSY, columns)) == line


def test_a_limit_that_is_over_is_not_told() -> None:
    limits = [Limit("tokens", 0.1, resets_at=50.0), Limit("requests", 0.2)]

    assert scarce(limits, now=40.0) == "tokens limit 10% left"
    assert scarce(limits, now=60.0) == "requests limit 20% left"
    assert scarce([Limit("requests", 0.21)], now=0.0) == ""


def test_what_is_awaited_is_clipped() -> None:
    status = Status(Phase.WORKING, "m", "ask", awaited="run " + "x" * 90, seconds=2)

    assert plain(toolbar(status, 80)).startswith("run " + "x" * 35 + "… 2 s · Esc")


def test_what_matters_stays_longest() -> None:
    assert plain(toolbar(FULL, 30)).startswith("answering 3 s · Esc stops")


def test_it_says_what_enter_and_tab_will_do_before_they_are_pressed() -> None:
    drafting = replace(FULL, drafting=True, vi="normal")

    assert plain(toolbar(drafting, 200)).startswith(
        "answering 3 s · Enter redirects now, Tab queues · vi normal · "
    )


def test_a_hint_takes_the_line() -> None:
    status = Status(Phase.IDLE, "m", "ask", hint="Ctrl-C again leaves")

    assert plain(toolbar(status, 80)) == "Ctrl-C again leaves"


def test_names_cannot_break_the_line() -> None:
    status = Status(Phase.IDLE, "m\x1b[2J", "ask", branch="a\nb")

    assert plain(toolbar(status, 80)) == "m\u241b[2J · a\u240ab · ask"


def percent(used: int) -> int | None:
    return percent_left(used, 128_000)


def test_what_is_left_is_rounded_as_in_the_report() -> None:
    meter = Meter(context_tokens=1876)

    assert percent(1876) == 99
    assert dict(lines(meter, 128_000, 0))["context"].endswith(", 99 % left")
    assert (percent(0), percent(200_000), percent_left(9, 0)) == (100, 0, None)


class Paced:
    """A pace, told of pieces of text at times."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pace = Pace(lambda: self.now)

    def hear(self, *pieces: tuple[float, int]) -> Paced:
        for passed_s, chars in pieces:
            self.now += passed_s
            self.pace.see(TextDelta(ItemId("m"), "x" * chars))
        return self

    def end(self) -> Paced:
        self.pace.see(TurnEnded(TurnId("t"), TurnStatus.INTERRUPTED, Usage()))
        return self


SECOND = [(0.0, 4)] + [(0.1, 400)] * 10


def test_the_pace_is_what_came_after_the_first_piece() -> None:
    assert Paced().hear((0.0, 4000), *SECOND[1:]).pace.tokens_per_s == 1000


def test_silence_does_not_slow_the_pace() -> None:
    paced = Paced().hear(*SECOND)

    paced.now += 60
    assert paced.pace.tokens_per_s == 1000
    paced.end().now += 60
    assert paced.pace.tokens_per_s == 1000


@pytest.mark.parametrize(
    "pieces",
    [[], [(0.0, 40_000)], [(0.0, 4), (0.04, 4000)], [(0.0, 4), (1.0, 76)]],
    ids=["nothing", "one piece", "an instant", "a few words"],
)
def test_too_little_says_nothing_of_the_pace(pieces: list[tuple[float, int]]) -> None:
    assert Paced().hear(*pieces).pace.tokens_per_s is None
    assert Paced().hear(*SECOND).end().hear(*pieces).pace.tokens_per_s == 1000


def test_the_seconds_count_from_the_last_step() -> None:
    paced = Paced()
    paced.pace.see(TurnStarted(TurnId("t")))
    paced.now += 5
    assert paced.pace.seconds == 5

    paced.pace.see(ReplyEnded("r", "completed", Usage(), "websocket"))
    assert paced.pace.seconds == 0
