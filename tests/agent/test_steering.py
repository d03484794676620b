"""A model that hears words while it answers is told them, and not stopped."""

from __future__ import annotations

from spark_cli.agent.agent import Agent
from spark_cli.agent.rig import Rig, Selection
from spark_cli.core.effects import Approval
from spark_cli.core.events import Event, ItemCompleted, Notice, ReplyEnded, TurnEnded
from spark_cli.core.items import AgentMessage, Note, UserMessage
from spark_cli.core.ops import Prompt, Steer
from spark_cli.core.usage import Usage
from spark_cli.wire.request import Request
from spark_cli.wire.transport import Steered
from tests.agent.script import STALL, Bench, Script, says
from tests.agent.test_agent import no_undo

CUT = ReplyEnded("resp", "steered", Usage(), "script")


class Session:
    def __init__(self, script: Script) -> None:
        self.script = script
        rig = Rig(script, Request("m", "", ()), Bench(), 0, steers=True)
        self.heard: list[Event] = []
        chosen = Selection("m", "p", Approval.ASK)
        self.agent = Agent(lambda _: rig, chosen, no_undo, [self.heard.append])
        self.agent.start()
        self._events = self.agent.events()

    async def ended(self) -> TurnEnded:
        async for event in self._events:
            if isinstance(event, TurnEnded):
                return event
        raise AssertionError("the events ended first")

    def said(self) -> list[str]:
        items = [one.item for one in self.heard if isinstance(one, ItemCompleted)]
        kinds = UserMessage | AgentMessage | Note
        return [item.text for item in items if isinstance(item, kinds)]


async def test_words_are_handed_to_a_model_that_hears_them() -> None:
    *one, _ = says("one", "a")
    script = Script([*one, STALL, CUT, Steered(), *says("two", "b")])
    script.steers = True
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    session.agent.submit(Steer("the other way"))
    script.go_on.set()
    await session.ended()

    assert script.steered == ["the other way"]
    assert len(script.requests) == 1
    assert session.said() == ["go", "one", "the other way", "two"]
    assert not any(isinstance(event, Notice) for event in session.heard)


async def test_words_that_a_model_does_not_take_stop_it() -> None:
    script = Script([STALL, Steered("not supported"), STALL], says("two", "b"))
    script.steers = True
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    session.agent.submit(Steer("the other way"))
    script.go_on.set()
    await session.ended()

    assert session.said()[-2:] == ["the other way", "two"]
    assert len(script.requests) == 2


async def test_words_that_cannot_be_handed_in_stop_the_model() -> None:
    script = Script([STALL], says("two", "b"))
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    session.agent.submit(Steer("the other way"))
    await session.ended()

    assert session.said()[-2:] == ["the other way", "two"]


async def test_words_that_were_handed_in_and_never_heard_go_next() -> None:
    script = Script([STALL, *says("one", "a")], says("two", "b"))
    script.steers = True
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    session.agent.submit(Steer("the other way"))
    script.go_on.set()
    await session.ended()

    assert session.said() == ["go", "one", "the other way", "two"]
