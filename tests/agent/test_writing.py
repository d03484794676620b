"""A patch that is looked at, decided on, stopped and offered while it is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from spark_cli.agent.agent import Agent
from spark_cli.agent.rig import Rig, Selection
from spark_cli.core.effects import Approval
from spark_cli.core.errors import Unavailable
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CallDelta,
    CheckpointMade,
    Event,
    HunkDecided,
    HunkFormed,
    HunksOffered,
    ItemCompleted,
    Notice,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.ids import CallId, ItemId, SessionId
from spark_cli.core.items import Item, Note, ToolCall, ToolOutput
from spark_cli.core.ops import (
    Close,
    Configure,
    Decide,
    DecideHunk,
    Interrupt,
    Op,
    Prompt,
    Steer,
)
from spark_cli.patch.apply import disk_writer
from spark_cli.tools.patch import apply_patch_tool
from spark_cli.tools.registry import find
from spark_cli.tools.tool import Draft, Tool
from spark_cli.wire.request import Request
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree
from tests.agent.script import ENDED, STALL, Script, says
from tests.agent.test_agent import no_undo
from tests.tools.test_drafting import HUNKS, TEXT, WHOLE, patch

ITEM = ItemId("item")
CALL = CallId("call")
TWO = patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n line 22\n-line"
LOST = patch(HUNKS["h1"], ("@@", "-line 99", "+x"), end=False) + "@@\n"


def writes(text: str) -> list[object]:
    """The pieces of a patch, some letters each."""
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
    return [CallDelta(ITEM, "apply_patch", piece) for piece in pieces]


def calls(text: str) -> list[object]:
    whole = ToolCall(ITEM, CALL, "apply_patch", text, freeform=True)
    return [*writes(text), whole, ENDED]


def begun(tool: Tool) -> Draft | None:
    return tool.draft() if tool.draft is not None else None


class Session:
    def __init__(
        self,
        folder: Path,
        *replies: Iterable[object],
        approval: Approval = Approval.ASK,
    ) -> None:
        (folder / "tree").mkdir()
        self.file = folder / "tree" / "f"
        self.file.write_text(TEXT)
        root = Root((folder / "tree").resolve())
        write = disk_writer(Checkpoints(root, SessionId("s"), folder / "state"))
        tool = apply_patch_tool(DiskTree(root), write)
        self.script = Script(*replies)
        rig = Rig(
            self.script,
            Request("model", "be brief", (), freeform_tools=True),
            lambda call: find([tool], call.name).plan(call.input),
            0,
            lambda name: begun(find([tool], name)),
        )
        self.heard: list[Event] = []
        self.agent = Agent(
            lambda _: rig,
            Selection("model", "provider", approval),
            no_undo,
            [self.heard.append],
        )
        self.agent.start()
        self._events = self.agent.events()

    async def until(self, kind: type[Event], *ops: Op) -> Event:
        for op in ops:
            self.agent.submit(op)
        async for event in self._events:
            if isinstance(event, kind):
                return event
        raise AssertionError("the events ended first")

    async def ended(self) -> None:
        if not any(isinstance(event, TurnEnded) for event in self.heard):
            await self.until(TurnEnded)

    async def stalled(self) -> None:
        self.agent.submit(Prompt("go"))
        await self.script.stalled.wait()

    def changed(self) -> list[int]:
        pairs = zip(TEXT.split("\n"), self.file.read_text().split("\n"), strict=True)
        return [at for at, (one, other) in enumerate(pairs, 1) if one != other]

    def items(self) -> list[Item]:
        return [one.item for one in self.heard if isinstance(one, ItemCompleted)]

    def outputs(self) -> list[str]:
        return [item.text for item in self.items() if isinstance(item, ToolOutput)]


async def test_hunks_are_told_while_the_patch_is_written(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])

    await session.stalled()

    formed = [one for one in session.heard if isinstance(one, HunkFormed)]
    assert [(one.item, one.hunk.id, one.hunk.line) for one in formed] == [
        (ITEM, "h1", 3),
        (ITEM, "h2", 13),
    ]


async def test_a_hunk_that_is_accepted_meanwhile_is_on_the_disk(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])
    await session.stalled()

    decided = await session.until(HunkDecided, DecideHunk(ITEM, "h2", accept=True))

    assert decided == HunkDecided(ITEM, "h2", accepted=True)
    assert session.changed() == [13]
    assert [one.files for one in session.heard if isinstance(one, CheckpointMade)] == [
        ("f",)
    ]


async def test_only_what_is_undecided_is_asked_about_at_the_end(tmp_path: Path) -> None:
    release = asyncio.Event()
    session = Session(tmp_path, calls(WHOLE), says("done"))
    reply = session.script.reply

    async def held(request: Request):  # type: ignore[no-untyped-def]
        async for part in reply(request):
            if isinstance(part, ToolCall):
                await release.wait()
            yield part

    session.script.reply = held  # type: ignore[method-assign]
    await session.until(HunkFormed, Prompt("go"))
    await session.until(HunkDecided, DecideHunk(ITEM, "h1", accept=True))
    release.set()
    asked = await session.until(ApprovalRequested)
    assert isinstance(asked, ApprovalRequested)
    assert [hunk.id for hunk in asked.hunks] == ["h2", "h3"]

    await session.until(
        TurnEnded, Decide(CALL, accept=True, reason="keep 23", hunks=("h2",))
    )

    assert session.changed() == [3, 13]
    (output,) = session.outputs()
    assert "refused by the user: h3 (`f`, line 23), saying: keep 23" in output


@pytest.mark.parametrize("given", [(), None])
async def test_a_refusal_of_every_hunk_changes_nothing(
    tmp_path: Path, given: tuple[str, ...] | None
) -> None:
    session = Session(tmp_path, calls(WHOLE), says("well"))
    await session.until(ApprovalRequested, Prompt("go"))

    await session.until(
        TurnEnded, Decide(CALL, accept=given == (), reason="no", hunks=given)
    )

    assert session.changed() == []
    assert session.outputs() == ["not done: the user refused: no"]


async def test_a_patch_that_cannot_land_is_stopped_and_asked_for_again(
    tmp_path: Path,
) -> None:
    session = Session(
        tmp_path, [*writes(LOST), STALL], says("sorry"), approval=Approval.AUTO_EDIT
    )

    ended = await session.until(TurnEnded, Prompt("go"))

    assert isinstance(ended, TurnEnded)
    assert ended.status is TurnStatus.COMPLETED
    assert not session.script.stalled.is_set()
    (output,) = session.outputs()
    assert "hunk 2 of `f` does not match" in output
    sent = session.script.requests[1].items
    assert isinstance(sent[-2], ToolCall)
    assert LOST.startswith(sent[-2].input)
    assert session.changed() == []


async def test_what_was_whole_is_offered_when_the_user_stops(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL], says("go on"))
    await session.stalled()
    await session.until(HunkDecided, DecideHunk(ITEM, "h1", accept=True))

    offer = await session.until(HunksOffered, Interrupt())

    assert isinstance(offer, HunksOffered)
    assert [hunk.id for hunk in offer.hunks] == ["h2"]
    assert session.changed() == [3]
    (output,) = session.outputs()
    assert "whole, and still to be reviewed: h2" in output
    assert "accepted and applied: h1" in output

    await session.until(CheckpointMade, Decide(offer.call, accept=True))
    assert session.changed() == [3, 13]
    await session.until(TurnEnded, Prompt("next"))
    notes = [one.text for one in session.script.requests[1].items if type(one) is Note]
    assert notes[-1].startswith("[Of the patch that was stopped: done: 2 hunks")


async def test_a_redirect_keeps_what_was_whole_and_tells_the_model(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL], says("the other way"))
    await session.stalled()

    offer = await session.until(HunksOffered, Steer("the other way"))
    await session.ended()

    kinds = [type(item).__name__ for item in session.script.requests[1].items]
    assert kinds == ["UserMessage", "ToolCall", "ToolOutput", "Note", "UserMessage"]
    assert isinstance(offer, HunksOffered)
    await session.until(ItemCompleted, Decide(offer.call, accept=False, reason="no"))
    assert session.changed() == []


async def test_an_offer_for_a_file_that_has_changed_says_so(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])
    await session.stalled()
    offer = await session.until(HunksOffered, Interrupt())
    assert isinstance(offer, HunksOffered)
    session.file.write_text("mine\n")

    told = await session.until(Notice, Decide(offer.call, accept=True))

    assert isinstance(told, Notice)
    assert "has changed" in told.text
    assert session.file.read_text() == "mine\n"


async def test_a_patch_in_json_is_sent_back_as_json(tmp_path: Path) -> None:
    text = json.dumps({"input": WHOLE})
    session = Session(tmp_path, [*writes(text[:180]), STALL], says("on"))
    await session.stalled()
    await session.until(TurnEnded, Interrupt())

    await session.until(TurnEnded, Prompt("next"))

    calls_ = [one for one in session.script.requests[1].items if type(one) is ToolCall]
    assert [json.loads(one.input)["input"][:15] for one in calls_] == [WHOLE[:15]]
    assert not calls_[0].freeform


async def test_a_tool_that_there_is_not_is_told_of_when_the_call_is_whole(
    tmp_path: Path,
) -> None:
    name = "frobnicate"
    delta = CallDelta(ITEM, name, "{}")
    reply = [delta, ToolCall(ITEM, CALL, name, "{}"), ENDED]
    session = Session(tmp_path, reply, says("well"))

    ended = await session.until(TurnEnded, Prompt("go"))

    assert isinstance(ended, TurnEnded)
    assert ended.status is TurnStatus.COMPLETED
    assert session.outputs()[0].startswith("there is no tool `frobnicate`")


async def test_a_hunk_that_was_edited_badly_is_asked_about_again(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path, calls(WHOLE), says("done"))
    await session.until(ApprovalRequested, Prompt("go"))
    bad = Decide(CALL, accept=True, hunks=("h1",), edited=(("h1", "garbage"),))

    told = await session.until(Notice, bad)
    await session.until(ApprovalRequested)
    await session.until(TurnEnded, Decide(CALL, accept=True))

    assert isinstance(told, Notice)
    assert "no hunk any more" in told.text
    assert session.changed() == [3, 13, 23]


async def test_an_offer_that_was_edited_badly_is_made_again(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])
    await session.stalled()
    offer = await session.until(HunksOffered, Interrupt())
    assert isinstance(offer, HunksOffered)
    bad = Decide(offer.call, accept=True, hunks=("h1",), edited=(("h1", "garbage"),))

    again = await session.until(HunksOffered, bad)

    assert again == offer
    await session.until(CheckpointMade, Decide(offer.call, accept=True))
    assert session.changed() == [3, 13]


async def test_nothing_is_taken_in_a_session_that_may_only_look(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])
    await session.stalled()
    session.agent.submit(Configure(approval=Approval.READ_ONLY))

    told = await session.until(Notice, DecideHunk(ITEM, "h1", accept=True))

    assert isinstance(told, Notice)
    assert "only look" in told.text
    assert session.changed() == []


async def test_a_decision_that_has_begun_is_told_also_when_the_session_ends(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path, [*writes(TWO), STALL])
    await session.stalled()
    offer = await session.until(HunksOffered, Interrupt())
    assert isinstance(offer, HunksOffered)

    session.agent.submit(Decide(offer.call, accept=True))
    await session.until(ApprovalDecided)
    session.agent.submit(Close())
    async for _ in session.agent.events():
        pass

    made = [one for one in session.heard if isinstance(one, CheckpointMade)]
    assert len(made) == (session.changed() == [3, 13])


async def test_a_second_patch_of_a_reply_is_planned_on_what_the_first_has_made(
    tmp_path: Path,
) -> None:
    first, second = patch(HUNKS["h1"]), patch(("@@", "-LINE 3", "+LINE THREE"))
    other = ItemId("other")
    reply = [
        *writes(first),
        ToolCall(ITEM, CALL, "apply_patch", first, freeform=True),
        CallDelta(other, "apply_patch", second),
        ToolCall(other, CallId("d"), "apply_patch", second, freeform=True),
        ENDED,
    ]
    session = Session(tmp_path, reply, says("done"), approval=Approval.AUTO_EDIT)

    await session.until(TurnEnded, Prompt("go"))

    assert [text[:4] for text in session.outputs()] == ["done", "done"]
    assert session.file.read_text().split("\n")[2] == "LINE THREE"


async def test_a_decision_that_comes_when_the_patch_is_asked_about_is_too_late(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path, calls(WHOLE), says("well"))
    await session.until(ApprovalRequested, Prompt("go"))

    late = await session.until(HunkDecided, DecideHunk(ITEM, "h1", accept=True))
    await session.until(TurnEnded, Decide(CALL, accept=False))

    assert isinstance(late, HunkDecided)
    assert late.problem
    assert session.changed() == []


async def test_what_is_left_of_a_whole_patch_is_offered_when_the_user_stops(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path, calls(WHOLE))
    await session.until(ApprovalRequested, Prompt("go"))

    offer = await session.until(HunksOffered, Interrupt())

    assert isinstance(offer, HunksOffered)
    assert offer.call == CALL
    assert session.outputs()[0].startswith("stopped by the user before all of it")
    await session.until(CheckpointMade, Decide(CALL, accept=True, hunks=("h3",)))
    assert session.changed() == [23]


async def test_a_reply_that_broke_off_is_not_the_users_doing(tmp_path: Path) -> None:
    session = Session(tmp_path, [*writes(TWO), Unavailable("the connection broke")])

    await session.until(TurnEnded, Prompt("go"))

    assert session.outputs()[0].startswith("cut off while it was written")
