from __future__ import annotations

from collections.abc import Mapping

import pytest

from spark_cli.config.settings import Notify
from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalRequested,
    Event,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, TurnId
from spark_cli.core.usage import Usage
from spark_cli.repl.attention import BELL, Attention, call

BEGUN = TurnStarted(TurnId("t"))
ASKED = ApprovalRequested(CallId("c"), "\x1b]0;x\a", Effect.RUN, "\x1b]0;x\a")


def ended(status: TurnStatus = TurnStatus.COMPLETED) -> TurnEnded:
    return TurnEnded(TurnId("t"), status, Usage())


class Room:
    """Somebody at a terminal, or not, as time goes by."""

    def __init__(self, way: Notify = Notify.BELL) -> None:
        self.now = 0.0
        self.heard: list[str] = []
        self.attention = Attention(way, {}, self.heard.append, lambda: self.now)

    def passes(self, seconds: float, *events: Event) -> Room:
        self.now += seconds
        for event in events:
            self.attention.see(event)
        return self


def test_a_long_turn_calls_back_who_looks_elsewhere() -> None:
    room = Room().passes(0, BEGUN)
    room.attention.focus(there=False)

    assert room.passes(11, ended()).heard == [BELL]


def test_a_question_calls_at_once() -> None:
    room = Room().passes(0, BEGUN)
    room.attention.focus(there=False)

    assert room.passes(1, ASKED).heard == [BELL]


@pytest.mark.parametrize(
    ("seconds", "status"), [(2, TurnStatus.COMPLETED), (60, TurnStatus.INTERRUPTED)]
)
def test_a_short_turn_and_a_stopped_one_do_not(
    seconds: float, status: TurnStatus
) -> None:
    room = Room().passes(0, BEGUN)
    room.attention.focus(there=False)

    assert room.passes(seconds, ended(status)).heard == []


def test_who_looks_is_not_called() -> None:
    room = Room().passes(0, BEGUN)
    room.attention.focus(there=False)
    room.attention.focus(there=True)

    assert room.passes(60, ASKED, ended()).heard == []


def test_without_word_of_the_focus_the_keys_tell() -> None:
    room = Room().passes(0, BEGUN).passes(15)
    room.attention.touch()
    assert room.passes(5, ended()).heard == []
    assert room.passes(0, BEGUN).passes(11, ended()).heard == [BELL]


def test_nobody_is_called_who_does_not_want_it() -> None:
    room = Room(Notify.OFF).passes(0, BEGUN)
    room.attention.focus(there=False)

    assert room.passes(60, ASKED, ended()).heard == []


@pytest.mark.parametrize(
    ("way", "environment", "sent"),
    [
        (Notify.AUTO, {}, BELL),
        (Notify.AUTO, {"TERM_PROGRAM": "WezTerm"}, "\x1b]9;spark: done\x1b\\"),
        (Notify.AUTO, {"TERM": "foot"}, "\x1b]777;notify;spark;done\x1b\\"),
        (Notify.AUTO, {"KITTY_WINDOW_ID": "1", "TMUX": "/x"}, BELL),
        (Notify.DESKTOP, {}, "\x1b]9;spark: done\x1b\\"),
        (Notify.BELL, {"TERM_PROGRAM": "WezTerm"}, BELL),
    ],
)
def test_each_terminal_is_called_in_its_way(
    way: Notify, environment: Mapping[str, str], sent: str
) -> None:
    assert call(way, environment, "done") == sent
