from __future__ import annotations

from pathlib import Path

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    Event,
    Level,
    LimitsSeen,
    Notice,
    TextDelta,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, ItemId, TurnId
from spark_cli.core.usage import Limit, Usage
from spark_cli.repl.dashboard import SPIN_S, TICK_S, Dashboard
from spark_cli.repl.lines import plain
from spark_cli.repl.phase import Phase
from spark_cli.repl.scene import Scene
from spark_cli.repl.toolbar import toolbar
from spark_cli.repl.view import View

BEGUN = TurnStarted(TurnId("t"))
RUNNING = ToolStarted(CallId("c"), "shell", "run pytest -q", Effect.RUN)
WORD = TextDelta(ItemId("m"), "word")


class Watched:
    """A dashboard on a screen, as time goes by."""

    def __init__(self) -> None:
        self.now = 100.0
        self.view = View("m-1", "demo", Approval.ASK)
        self.scene = Scene("m-1", "demo", Approval.ASK, Path("/w"), "0abc")
        self.board = Dashboard(self.view, self.scene, lambda: self.now)

    def passes(self, seconds: float, *events: Event) -> Watched:
        self.now += seconds
        for event in events:
            self.scene.meter.see(event)
            self.view.see(event)
            self.board.see(event)
        return self

    @property
    def doing(self) -> str:
        status = self.board.status(phase=self.view.phase)
        return plain(toolbar(status, 200)).partition(" · ")[0]


def test_after_a_second_it_says_what_is_waited_for() -> None:
    watched = Watched().passes(0, BEGUN)
    assert watched.doing == "waiting"

    assert watched.passes(2).doing == "⠦ waiting for the first token 2 s"


def test_a_tool_is_named_while_it_runs() -> None:
    watched = Watched().passes(0, BEGUN).passes(1, RUNNING)
    assert watched.doing == "working"

    assert watched.passes(1).doing == "⠇ run pytest -q 1 s"


def test_a_network_that_fails_is_what_is_waited_for() -> None:
    retry = Notice(Level.WARNING, "no answer; trying again in 2 s")
    watched = Watched().passes(0, BEGUN).passes(1, retry).passes(2)

    assert "waiting for the network 3 s" in watched.doing
    assert watched.passes(0, WORD).doing == "answering 3 s"


def test_nothing_spins_while_the_text_moves() -> None:
    watched = Watched().passes(0, BEGUN)
    assert watched.board.tick_s == TICK_S
    assert watched.passes(1).board.tick_s == SPIN_S

    assert watched.passes(0, WORD).passes(5).board.tick_s == TICK_S
    assert watched.doing == "answering 6 s"


def test_an_idle_session_wakes_up_for_nothing() -> None:
    ended = TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage())

    assert Watched().board.tick_s is None
    assert Watched().passes(0, BEGUN).passes(1, ended).board.tick_s is None


def test_a_limit_is_told_of_when_it_is_near() -> None:
    watched = Watched().passes(0, LimitsSeen((Limit("requests", 0.5),)))
    assert watched.board.status(phase=Phase.IDLE).limit == ""

    watched.passes(0, LimitsSeen((Limit("tokens", 0.12),)))
    assert watched.board.status(phase=Phase.IDLE).limit == ("tokens limit 12% left")
