from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from spark_cli.agent.agent import Agent, Undoing
from spark_cli.agent.rig import Selection
from spark_cli.agent.turn import INTERRUPTED, NOT_DONE
from spark_cli.core.effects import Approval
from spark_cli.core.errors import Denied, SparkError, Unavailable
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CheckpointUndone,
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    ReplyEnded,
    TextDelta,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.ops import (
    Clear,
    Close,
    Configure,
    Decide,
    Interrupt,
    Op,
    Prompt,
    Redo,
    Steer,
    Undo,
)
from spark_cli.core.usage import Usage
from tests.agent.script import STALL, Bench, Equipment, Script, calls, rig, says

CHOSEN = Selection("model", "provider", Approval.ASK)


def no_undo(op: Undo) -> CheckpointUndone:
    raise SparkError("there is nothing to undo")


class Session:
    """An agent, and everything it has told so far."""

    def __init__(
        self,
        *scripts: Script | SparkError,
        approval: Approval = Approval.ASK,
        undo: Undoing = no_undo,
        steps_max: int = 50,
    ) -> None:
        self.bench = Bench()
        made = [
            one if isinstance(one, SparkError) else rig(one, self.bench)
            for one in scripts
        ]
        self.equipment = Equipment(*made)
        self.heard: list[Event] = []
        self.agent = Agent(
            self.equipment,
            Selection("model", "provider", approval),
            undo,
            observers=[self.heard.append],
            steps_max=steps_max,
        )
        self.agent.start()
        self._events = self.agent.events()

    async def until(self, seen: Callable[[Event], bool]) -> Event:
        async for event in self._events:
            if seen(event):
                return event
        raise AssertionError("the events ended first")

    async def turn(self, *ops: Op) -> TurnEnded:
        for op in ops:
            self.agent.submit(op)
        ended = await self.until(lambda event: isinstance(event, TurnEnded))
        assert isinstance(ended, TurnEnded)
        return ended

    async def close(self) -> None:
        self.agent.submit(Close())
        async for _ in self._events:
            pass

    def items(self) -> list[Item]:
        return [one.item for one in self.heard if isinstance(one, ItemCompleted)]

    def said(self) -> list[tuple[str, str]]:
        """The conversation as pairs of a kind and a text."""
        return [
            (
                type(item).__name__,
                item.input if isinstance(item, ToolCall) else item.text,
            )
            for item in self.items()
            if not hasattr(item, "encrypted")
        ]


async def test_a_prompt_is_answered_and_the_turn_ends() -> None:
    session = Session(Script(says("noon")))

    ended = await session.turn(Prompt("what time is it?"))

    assert session.said() == [
        ("UserMessage", "what time is it?"),
        ("AgentMessage", "noon"),
    ]
    assert (ended.status, ended.exit_code) == (TurnStatus.COMPLETED, 0)
    assert ended.usage.output_tokens == 5
    await session.close()


async def test_a_tool_call_is_carried_out_and_the_model_is_asked_again() -> None:
    script = Script(calls("look"), says("seen"))
    session = Session(script)

    await session.turn(Prompt("look"))

    output = script.requests[1].items[-1]
    assert isinstance(output, ToolOutput)
    assert (output.text, output.ok) == ("look is done", True)
    await session.close()


async def test_an_unknown_tool_is_answered_not_raised() -> None:
    session = Session(Script(calls("sundial"), says("sorry")))

    ended = await session.turn(Prompt("look"))

    assert ("ToolOutput", "there is no tool named `sundial`") in session.said()
    assert ended.status is TurnStatus.COMPLETED
    await session.close()


@pytest.mark.parametrize(
    "first",
    [
        [STALL],
        [TextDelta(ItemId("a"), "no"), STALL],
        [*calls("look"), STALL],
        [TextDelta(ItemId("a"), "no"), *calls("look"), STALL],
        calls("wait"),
    ],
)
async def test_an_interrupt_leaves_a_history_that_can_be_sent(
    first: list[object],
) -> None:
    script = Script(first, says("again"))
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await _either(script.stalled, session.bench.waiting)

    ended = await session.turn(Interrupt())
    await session.turn(Prompt("and now?"))

    assert (ended.status, ended.exit_code) == (TurnStatus.INTERRUPTED, 130)
    sent = script.requests[-1].items
    made = {one.call for one in sent if isinstance(one, ToolCall)}
    answered = {one.call for one in sent if isinstance(one, ToolOutput)}
    assert made == answered
    await session.close()


async def test_an_interrupt_keeps_what_was_said_and_marks_it() -> None:
    script = Script([TextDelta(ItemId("a"), "no"), TextDelta(ItemId("a"), "on"), STALL])
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    await session.turn(Interrupt())

    assert session.items()[1] == AgentMessage(ItemId("a"), "noon", complete=False)
    note = session.items()[2]
    assert isinstance(note, Note)
    assert note.text == INTERRUPTED
    await session.close()


async def test_an_interrupt_before_the_turn_has_run_still_ends_it() -> None:
    session = Session(Script(says("never")))

    ended = await session.turn(Prompt("go"), Interrupt())

    assert ended.status is TurnStatus.INTERRUPTED
    assert session.said() == [("UserMessage", "go")]
    await session.close()


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (says("noon"), TurnStatus.COMPLETED),
        ([Unavailable("gone")], TurnStatus.FAILED),
        ([*calls("look")[:-1], Unavailable("gone")], TurnStatus.FAILED),
        ([TextDelta(ItemId("a"), "no"), STALL], TurnStatus.INTERRUPTED),
        (calls("wait"), TurnStatus.INTERRUPTED),
    ],
)
async def test_nothing_of_a_turn_follows_its_end(
    reply: list[object], status: TurnStatus
) -> None:
    """Law 3: `TurnEnded` is the last event of its turn, however the turn went."""
    script = Script(reply)
    session = Session(script)
    session.agent.submit(Prompt("go"))
    if status is TurnStatus.INTERRUPTED:
        await _either(script.stalled, session.bench.waiting)
        session.agent.submit(Interrupt())

    ended = await session.turn()
    await session.close()

    assert ended.status is status
    assert session.heard[-1] == ended
    assert [one for one in session.heard if isinstance(one, TurnEnded)] == [ended]


async def test_steering_stops_the_answer_and_keeps_both() -> None:
    script = Script([TextDelta(ItemId("a"), "lef"), STALL], says("right", "b"))
    session = Session(script)
    session.agent.submit(Prompt("go left"))
    await script.stalled.wait()

    ended = await session.turn(Steer("no, the other way"))

    assert session.said() == [
        ("UserMessage", "go left"),
        ("AgentMessage", "lef"),
        ("Note", INTERRUPTED),
        ("UserMessage", "no, the other way"),
        ("AgentMessage", "right"),
    ]
    assert ended.status is TurnStatus.COMPLETED
    assert len([one for one in session.heard if isinstance(one, TurnStarted)]) == 1
    await session.close()


async def test_what_is_attached_is_recorded_with_the_words_it_came_with() -> None:
    script = Script([TextDelta(ItemId("a"), "lef"), STALL], says("right", "b"))
    session = Session(script)
    session.agent.submit(Prompt("look", ("<file>\n</file>",)))
    await script.stalled.wait()

    await session.turn(Steer("and here", ("<hunk>\n</hunk>",)))

    said = [one for one in session.items() if isinstance(one, UserMessage)]
    assert [(one.text, one.attached) for one in said] == [
        ("look", ("<file>\n</file>",)),
        ("and here", ("<hunk>\n</hunk>",)),
    ]
    assert said[0].whole == "look\n\n<file>\n</file>"
    await session.close()


async def test_steering_stops_a_tool_that_waits() -> None:
    session = Session(Script(calls("wait"), says("right", "b")))
    session.agent.submit(Prompt("wait"))
    await session.bench.waiting.wait()

    await session.turn(Steer("never mind"))

    assert ("ToolOutput", NOT_DONE) in session.said()
    assert session.bench.done == []
    await session.close()


async def test_words_are_not_lost_when_the_turn_ends_under_them() -> None:
    script = Script(says("one"), says("two", "b"))
    session = Session(script)
    session.agent.submit(Prompt("first"))
    await session.until(lambda one: isinstance(one, ItemCompleted))

    session.agent.submit(Steer("second"))
    await session.until(lambda one: isinstance(one, TurnEnded))
    if ("UserMessage", "second") not in session.said():
        await session.until(lambda one: isinstance(one, TurnEnded))

    assert ("UserMessage", "second") in session.said()
    await session.close()


async def test_what_is_said_while_a_turn_stops_begins_the_next_one() -> None:
    script = Script([STALL], says("two", "b"))
    session = Session(script)
    session.agent.submit(Prompt("first"))
    await script.stalled.wait()

    await session.turn(Interrupt(), Prompt("second"), Prompt("third"))
    await session.turn()

    assert session.said()[-3:] == [
        ("UserMessage", "second"),
        ("UserMessage", "third"),
        ("AgentMessage", "two"),
    ]
    await session.close()


async def test_an_edit_that_has_begun_is_seen_to_its_end() -> None:
    session = Session(Script(calls("slow_edit")), approval=Approval.AUTO_EDIT)
    session.agent.submit(Prompt("edit"))
    await session.bench.waiting.wait()

    session.agent.submit(Interrupt())
    session.agent.submit(Interrupt())
    session.bench.finish.set()
    ended = await session.turn()

    assert ended.status is TurnStatus.INTERRUPTED
    assert ("ToolOutput", "slow_edit is done") in session.said()
    await session.close()


async def test_what_a_stopped_command_did_until_then_is_told() -> None:
    script = Script(calls("command"), says("ok"))
    session = Session(script, approval=Approval.FULL_AUTO)
    session.agent.submit(Prompt("run"))
    await session.bench.waiting.wait()

    ended = await session.turn(Interrupt())

    assert ended.status is TurnStatus.INTERRUPTED
    assert [text for kind, text in session.said() if kind == "ToolOutput"] == [
        "stopped after line 1"
    ]
    await session.close()


async def test_a_command_may_be_redirected_too() -> None:
    script = Script(calls("command"), says("ok"))
    session = Session(script, approval=Approval.FULL_AUTO)
    session.agent.submit(Prompt("run"))
    await session.bench.waiting.wait()

    ended = await session.turn(Steer("do without"))

    assert ended.status is TurnStatus.COMPLETED
    assert ("ToolOutput", "stopped after line 1") in session.said()
    await session.close()


async def test_a_bug_of_one_tool_does_not_end_the_turn() -> None:
    session = Session(Script(calls("broken"), says("sorry")))

    ended = await session.turn(Prompt("go"))

    assert ended.status is TurnStatus.COMPLETED
    [(_, text)] = [pair for pair in session.said() if pair[0] == "ToolOutput"]
    assert "File name too long" in text
    await session.close()


async def test_a_reply_that_is_cut_short_is_measured_all_the_same() -> None:
    script = Script([TextDelta(ItemId("a"), "no"), STALL])
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    await session.turn(Interrupt())

    [reply] = [one for one in session.heard if isinstance(one, ReplyEnded)]
    assert reply.status == "cut short"
    assert 0 <= reply.first_token_s <= reply.duration_s
    assert reply.context_tokens > 0
    await session.close()


async def test_an_edit_waits_for_approval_and_is_then_done() -> None:
    session = Session(Script(calls("edit"), says("ok")))
    session.agent.submit(Prompt("edit"))
    asked = await session.until(lambda one: isinstance(one, ApprovalRequested))
    assert isinstance(asked, ApprovalRequested)
    before = list(session.bench.done)

    await session.turn(Decide(asked.call, accept=True))

    assert (asked.summary, asked.preview) == ("edit it", "+ it")
    assert (before, session.bench.done) == ([], ["edit"])
    await session.close()


@pytest.mark.parametrize(
    "answer",
    [Decide(CallId("call-1"), accept=False, reason="too big"), Steer("too big")],
)
async def test_a_refusal_and_its_reason_are_told_to_the_model(answer: Op) -> None:
    script = Script(calls("edit"), says("ok"))
    session = Session(script)
    session.agent.submit(Prompt("edit"))
    await session.until(lambda one: isinstance(one, ApprovalRequested))

    await session.turn(answer)

    assert session.bench.done == []
    assert ("ToolOutput", "not done: the user refused: too big") in session.said()
    assert (
        ApprovalDecided(CallId("call-1"), accepted=False, reason="too big")
        in session.heard
    )
    await session.close()


@pytest.mark.parametrize(
    ("approval", "tool", "done"),
    [
        (Approval.READ_ONLY, "look", True),
        (Approval.READ_ONLY, "edit", False),
        (Approval.READ_ONLY, "run", False),
        (Approval.AUTO_EDIT, "edit", True),
        (Approval.FULL_AUTO, "run", True),
    ],
)
async def test_an_approval_mode_means_what_it_says(
    approval: Approval, tool: str, *, done: bool
) -> None:
    session = Session(Script(calls(tool), says("ok")), approval=approval)

    await session.turn(Prompt("go"))

    assert (tool in session.bench.done) == done
    await session.close()


async def test_a_failure_is_told_and_the_next_turn_goes_on() -> None:
    lost = Unavailable("the socket broke", "try again")
    script = Script([TextDelta(ItemId("a"), "hal"), lost], says("whole", "b"))
    session = Session(script)

    failed = await session.turn(Prompt("go"))
    ended = await session.turn(Prompt("go on"))

    assert (failed.status, failed.exit_code) == (TurnStatus.FAILED, 75)
    assert Notice(Level.ERROR, "the socket broke", "try again") in session.heard
    assert AgentMessage(ItemId("a"), "hal", complete=False) in script.requests[1].items
    assert ended.status is TurnStatus.COMPLETED
    await session.close()


async def test_a_session_that_cannot_be_equipped_says_why_and_tries_again() -> None:
    session = Session(Denied("there is no key"), Script(says("noon")))

    failed = await session.turn(Prompt("go"))
    ended = await session.turn(Prompt("go"))

    assert (failed.status, failed.exit_code) == (TurnStatus.FAILED, 77)
    assert ended.status is TurnStatus.COMPLETED
    await session.close()


async def test_a_model_is_switched_and_the_conversation_stays() -> None:
    first, second = Script(says("one")), Script(says("two", "b"))
    session = Session(first, second)
    await session.turn(Prompt("hello"))

    session.agent.submit(Configure(model="other"))
    await session.turn(Prompt("and you?"))

    assert [one.text for one in second.requests[0].items if hasattr(one, "text")] == [
        "hello",
        "one",
        "and you?",
    ]
    assert Configured("other", "provider", Approval.ASK) in session.heard
    assert first.closed
    await session.close()


async def test_a_wider_approval_needs_no_new_rig() -> None:
    session = Session(Script(calls("edit"), says("ok")))

    session.agent.submit(Configure(approval=Approval.AUTO_EDIT))
    await session.turn(Prompt("edit"))

    assert session.bench.done == ["edit"]
    assert len(session.equipment.asked) == 1
    await session.close()


async def test_clearing_forgets_the_conversation() -> None:
    script = Script(says("one"), says("two", "b"))
    session = Session(script)
    await session.turn(Prompt("secret"))

    session.agent.submit(Clear())
    await session.turn(Prompt("hello"))

    assert Cleared() in session.heard
    assert [type(one) for one in script.requests[1].items] == [UserMessage]
    await session.close()


async def test_an_undo_is_told_to_the_model() -> None:
    undone = CheckpointUndone(CheckpointId("c1"), ("a.py",))
    script = Script(says("ok"))
    session = Session(script, undo=lambda _: undone)

    session.agent.submit(Undo())
    await session.turn(Prompt("go on"))

    assert undone in session.heard
    notes = [one for one in script.requests[0].items if isinstance(one, Note)]
    assert "`a.py`" in notes[0].text
    await session.close()


async def test_a_redo_is_told_to_the_model() -> None:
    redone = CheckpointUndone(CheckpointId("c2"), ("a.py",), ("a.py",), redone=True)
    script = Script(says("ok"))
    session = Session(script)
    session.agent.redo = lambda: redone

    session.agent.submit(Redo())
    await session.turn(Prompt("go on"))

    assert redone in session.heard
    [note] = [one for one in script.requests[0].items if isinstance(one, Note)]
    assert "brought your change back" in note.text
    assert "the user's own changes since: `a.py`" in note.text
    await session.close()


async def test_several_undos_go_one_after_the_other() -> None:
    busy, disk = threading.Lock(), threading.Event()
    names = iter(["c3", "c2", "c1"])

    def undo(_: Undo) -> CheckpointUndone:
        assert busy.acquire(blocking=False), "two undos at once"
        name = next(names)
        disk.wait()
        busy.release()
        return CheckpointUndone(CheckpointId(name), ("a.py",))

    session = Session(Script(says("ok")), undo=undo)

    for _ in range(3):
        session.agent.submit(Undo())
    session.agent.submit(Prompt("go on"))
    await session.until(lambda event: isinstance(event, TurnStarted))
    disk.set()
    await session.until(lambda event: isinstance(event, TurnEnded))

    undone = [one for one in session.heard if isinstance(one, CheckpointUndone)]
    assert [one.checkpoint for one in undone] == ["c3", "c2", "c1"]
    assert len([one for one in session.items() if isinstance(one, Note)]) == 3
    await session.close()


async def test_an_undo_that_fails_is_an_error_not_the_end() -> None:
    session = Session(Script(says("ok")))

    session.agent.submit(Undo())
    ended = await session.turn(Prompt("go on"))

    assert Notice(Level.ERROR, "there is nothing to undo") in session.heard
    assert ended.status is TurnStatus.COMPLETED
    await session.close()


async def test_an_answer_that_ends_early_is_told_once() -> None:
    cut = ReplyEnded("r", "max_output_tokens", Usage(), "script")
    session = Session(Script([*says("no")[:-1], cut]))

    await session.turn(Prompt("go"))

    told = [one for one in session.heard if isinstance(one, Notice)]
    assert [one.text for one in told] == ["the answer ends early: max_output_tokens"]
    await session.close()


async def test_a_turn_that_never_stops_asking_is_stopped() -> None:
    script = Script(*[calls("look", call=f"call-{n}") for n in range(3)])
    session = Session(script, steps_max=3)

    ended = await session.turn(Prompt("go"))

    assert (ended.status, ended.exit_code) == (TurnStatus.FAILED, 3)
    assert len(script.requests) == 3
    await session.close()


async def test_closing_waits_for_what_is_just_being_put_away() -> None:
    first = Script(says("ok"))
    session = Session(first, Script())
    await session.turn(Prompt("go"))

    session.agent.submit(Configure(model="other"))
    await session.close()

    assert first.closed


async def test_closing_in_the_middle_ends_the_turn_and_then_the_events() -> None:
    script = Script([TextDelta(ItemId("a"), "no"), STALL])
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    await session.close()

    assert isinstance(session.heard[-1], TurnEnded)
    assert script.closed


async def test_an_observer_that_fails_is_told_of_and_the_session_goes_on() -> None:
    def full(event: Event) -> None:
        raise SparkError("the disk is full")

    heard: list[Event] = []
    agent = Agent(
        Equipment(rig(Script(says("noon")))), CHOSEN, no_undo, [full, heard.append]
    )
    agent.start()
    agent.submit(Prompt("go"))
    async for event in agent.events():
        if isinstance(event, TurnEnded):
            break

    assert heard.count(Notice(Level.WARNING, "the disk is full")) == 1
    assert [one.status for one in heard if isinstance(one, TurnEnded)] == [
        TurnStatus.COMPLETED
    ]
    agent.submit(Close())


async def _either(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
