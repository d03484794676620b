"""A journal that is read again gives the conversation that was being sent."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from hypothesis import example, given, settings, strategies as st

from spark_cli.agent.agent import Agent
from spark_cli.agent.compaction import SUMMARIZE
from spark_cli.agent.rig import Selection
from spark_cli.commands.story import Story
from spark_cli.core.effects import Approval
from spark_cli.core.events import Event, TurnEnded
from spark_cli.core.ids import CallId, ItemId, SessionId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.ops import Clear, Close, Compact, Prompt, Rewind
from spark_cli.store.journal import Header, Journal
from spark_cli.store.replay import Past, replay
from spark_cli.wire.request import Request
from spark_cli.wire.transport import ReplyPart
from tests.agent.script import ENDED, Script, rig
from tests.agent.test_agent import no_undo


class Talker(Script):
    """Answers whatever it is asked, at length; `call` makes it call a tool first."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    async def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]:
        self.requests.append(request)
        self.count += 1
        last = request.items[-1]
        text = last.text if isinstance(last, UserMessage) else ""
        if text == "call":
            call = CallId(f"c{self.count}")
            yield ToolCall(ItemId(f"t{self.count}"), call, "look", "{}")
        elif text.startswith(SUMMARIZE[:20]):
            yield AgentMessage(ItemId(f"s{self.count}"), "in short")
        else:
            yield AgentMessage(ItemId(f"a{self.count}"), f"{self.count} " * 200)
        yield ENDED


async def lived(path: Path, wishes: Sequence[str]) -> tuple[list[Item], Story]:
    """What is sent, and the story, after all of the wishes."""
    talker, journal, story = Talker(), Journal(path), Story()
    journal.begin(Header(SessionId("s"), "/", 0))
    chosen = Selection("m", "p", Approval.ASK)
    agent = Agent(lambda _: rig(talker), chosen, no_undo, [journal.record, story.see])
    agent.start()
    events = agent.events()
    for wish in (*wishes, "say"):
        await _grant(wish, agent, events, story)
    agent.submit(Close())
    async for _ in events:
        pass
    journal.close()
    return [*talker.requests[-1].items, story.items()[-1]], story


async def _grant(
    wish: str, agent: Agent, events: AsyncGenerator[Event, None], story: Story
) -> None:
    said = story.said()
    if wish == "clear":
        agent.submit(Clear())
    elif wish.isdecimal():
        if said:
            agent.submit(Rewind(said[int(wish) % len(said)].item))
    else:
        agent.submit(Compact() if wish == "compact" else Prompt(wish))
        async for event in events:
            if isinstance(event, TurnEnded):
                return


WISHES = st.sampled_from(["say", "call", "compact", "clear", "0", "1", "2", "5"])


@settings(max_examples=60, deadline=None)
@given(st.lists(WISHES, max_size=12))
@example(["call", "say", "call", "compact", "1", "say", "compact", "2", "clear", "say"])
def test_whatever_was_cut_and_summed_up_a_replay_sends_the_same(
    wishes: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.jsonl"
        sent, story = asyncio.run(lived(path, wishes))
        past = replay(path)

    assert past.items == sent == story.items()
    assert (past.unreadable, past.open) == (0, {})
    calls = {one.call for one in sent if isinstance(one, ToolCall)}
    assert calls == {one.call for one in sent if isinstance(one, ToolOutput)}
    assert _told(Story(past.events)) == _told(story)


def _told(story: Story) -> list[str]:
    return [one.text for one in story.said()]


def test_nothing_is_the_past_of_a_session_that_is_new(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text("")

    assert replay(tmp_path / "s.jsonl") == Past()
