from __future__ import annotations

import pytest

from spark_cli.core.events import ReplyEnded, TextDelta, TurnStarted
from spark_cli.core.ids import ItemId, TurnId
from spark_cli.core.usage import Usage
from spark_cli.repl.lines import columns_of_line, plain
from spark_cli.repl.toolbar import Pace, Status, toolbar
from spark_cli.repl.view import Phase

FULL = Status(
    phase=Phase.SPEAKING,
    model="gpt-5.3-codex-spark",
    approval="ask",
    transport="websocket",
    seconds=3,
    live_tokens_per_s=1143,
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


def test_what_matters_stays_longest() -> None:
    assert plain(toolbar(FULL, 30)).startswith("answering 3 s · Esc stops")


def test_a_hint_takes_the_line() -> None:
    status = Status(Phase.IDLE, "m", "ask", hint="Ctrl-C again leaves")

    assert plain(toolbar(status, 80)) == "Ctrl-C again leaves"


def test_names_cannot_break_the_line() -> None:
    status = Status(Phase.IDLE, "m\x1b[2J", "ask", branch="a\nb")

    assert plain(toolbar(status, 80)) == "m\u241b[2J · a\u240ab · ask"


def test_the_pace_counts_from_the_first_piece_of_a_reply() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    seen: list[tuple[int, int | None]] = []

    def after(seconds: float) -> None:
        now[0] += seconds
        seen.append((pace.seconds, pace.tokens_per_s))

    pace.see(TurnStarted(TurnId("t")))
    after(5)
    pace.see(TextDelta(ItemId("m"), "x" * 4000))
    after(1)
    pace.see(ReplyEnded("r", "completed", Usage(), "websocket"))
    after(0)

    assert seen == [(5, None), (6, 1000), (0, None)]
