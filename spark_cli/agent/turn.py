"""One prompt carried to its end: ask the model, do what it asks, ask again.

However a turn ends, the history it leaves behind can be sent (law 1): what was said
is kept, and every `ToolCall` is answered by a `ToolOutput`, if only to say that it
was not done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from spark_cli.agent.approvals import Approvals
from spark_cli.agent.context import Context
from spark_cli.agent.history import History
from spark_cli.agent.rig import Rig
from spark_cli.agent.steering import Steering
from spark_cli.agent.writing import Writing, Written, finished
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import BudgetSpent, ToolError
from spark_cli.core.events import (
    CallDelta,
    Event,
    ItemCompleted,
    Level,
    LimitsSeen,
    Notice,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
    ToolStarted,
)
from spark_cli.core.ids import CallId, ItemId, new_call_id, new_item_id
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.ops import Prompt, Steer
from spark_cli.core.usage import Usage
from spark_cli.tools.tool import Cut, Draft, Outcome, Plan, Stopped
from spark_cli.wire.transport import ReplyPart, Steered

_log = logging.getLogger(__name__)

INTERRUPTED = "[The user interrupted you here. What you had said so far is kept above.]"
NOT_DONE = "not done: the user interrupted before this was carried out"
STEERED = "steered"
"""How a reply ends that goes on with words that were handed in meanwhile."""

STOPPED = "stopped by the user while it was written"
BROKEN_OFF = "cut off while it was written: the reply broke off"
UNDECIDED = "stopped by the user before all of it was decided on"
CUT_SHORT = "not done: the turn ended before this was carried out"


@dataclass(slots=True)
class _Heard:
    """One reply as it comes: what was said but not finished, and when it began."""

    began: float = field(default_factory=monotonic)
    first: float | None = None
    ended: bool = False
    said: dict[ItemId, list[str]] = field(default_factory=dict)

    def go_on(self) -> None:
        """Another reply follows the one that ended."""
        self.began, self.first, self.ended = monotonic(), None, False

    def note(self, part: ReplyPart) -> None:
        self.ended = isinstance(part, ReplyEnded)
        if self.first is None and not isinstance(part, LimitsSeen | Notice):
            self.first = monotonic()

    def cut_short(self, context_tokens: int) -> ReplyEnded:
        """The figures of a reply that has no end; the server told none."""
        first_token_s = 0.0 if self.first is None else self.first - self.began
        return ReplyEnded(
            response="",
            status="cut short",
            usage=Usage(),
            transport="",
            first_token_s=first_token_s,
            duration_s=monotonic() - self.began,
            context_tokens=context_tokens,
        )


@dataclass(slots=True)
class Turn:
    """`rig` and `approval` are asked for at each step: the user may switch them.

    `offer` is told of a call that was cut off with something in it that can still be
    decided on.  `tell` records, before a request, what spark has to tell the model.
    """

    history: History
    rig: Callable[[], Awaitable[Rig]]
    approval: Callable[[], Approval]
    approvals: Approvals
    steering: Steering
    context: Context
    emit: Callable[[Event], None]
    steps_max: int
    writing: Writing
    offer: Callable[[CallId, Written], None]
    tell: Callable[[], None]
    usage: Usage = field(default_factory=Usage)
    _heard_from: Rig | None = None

    @property
    def steers(self) -> bool:
        """Whether words can be handed to the model that is answering."""
        return self._heard_from is not None and self._heard_from.steers

    async def steer(self, words: Prompt | Steer) -> bool:
        """Hand in words while the model answers; false where that cannot be."""
        if self._heard_from is None:
            return False
        self.steering.hold(words)
        text = "\n\n".join([words.text, *words.attached])
        if await self._heard_from.transport.steer(text):
            return True
        self.steering.let_go(words)
        return False

    def hear(self, prompts: Iterable[Prompt | Steer]) -> None:
        """Record what the user said."""
        for said in prompts:
            self._record(UserMessage(new_item_id("msg"), said.text, said.attached))

    async def run(self) -> None:
        """Carry the prompt to its end.  Raises what the transport raises."""
        try:
            for _ in range(self.steps_max):
                if not await self._step():
                    return
            raise BudgetSpent(
                f"stopped after {self.steps_max} requests for one prompt",
                "say `go on` to continue, or raise `--max-turns`",
            )
        finally:
            self._answer_the_rest(CUT_SHORT)

    async def _step(self) -> bool:
        """Ask once and do what was asked; false when nothing is left to say."""
        called = False
        try:
            called = await self._listen()
            for call in self.history.unanswered():
                called = True
                self._answer(call, await self._perform(call))
        except asyncio.CancelledError:
            self._answer_whole()
            self._answer_the_rest(NOT_DONE)
            self._record(Note(new_item_id("msg"), INTERRUPTED))
            if not self.steering.redirected():
                raise
        words = self.steering.take()
        self.hear(words)
        return called or bool(words)

    async def _listen(self) -> bool:
        """Hear one reply out; true if it was stopped, as it wrote what cannot be."""
        rig = await self.rig()
        self.tell()
        request = replace(rig.request, items=self.history.items())
        self.context.check(request, rig.context_window)
        heard, lost, why = _Heard(), False, BROKEN_OFF
        self._heard_from = rig
        try:
            async with aclosing(rig.transport.reply(request)) as reply:
                async for part in reply:
                    self._take(part, heard)
                    lost = isinstance(part, CallDelta) and await self._read(rig, part)
                    if lost:
                        break
        except asyncio.CancelledError:
            why = STOPPED
            raise
        finally:
            self._heard_from = None
            for item, pieces in heard.said.items():
                self._record(AgentMessage(item, "".join(pieces), complete=False))
            for written in self.writing.cut_off():
                self._cut(written, why)
            if not heard.ended:
                said = replace(request, items=self.history.items())
                self.emit(heard.cut_short(self.context.tokens(said)))
        return lost

    async def _read(self, rig: Rig, part: CallDelta) -> bool:
        """Look at a call while it is written; true if it is bound to be refused."""
        if not self.writing.begun(part.item):
            looks_only = self.approval() is Approval.READ_ONLY
            idle = not looks_only and not self.writing.busy
            draft = _begun(rig, part.name) if idle else None
            if draft is None:
                return False
            self.writing.begin(part.item, part.name, draft)
        return await self.writing.hear(part)

    def _cut(self, written: Written, why: str) -> None:
        """Keep a call that was stopped in its middle, with what becomes of it."""
        cut, call = written.draft.cut(why), new_call_id()
        item = ToolCall(written.item, call, written.name, cut.input, cut.freeform)
        self._record(item)
        self._settle(item, written, cut)

    def _answer_whole(self) -> None:
        """Tell of calls that were whole, and decided on in part, when all was stopped.

        What is left of them is offered.
        """
        for call in self.history.unanswered():
            written = self.writing.get(call.id)
            if written is not None:
                self._settle(call, written, written.draft.cut(UNDECIDED))

    def _settle(self, call: ToolCall, written: Written, cut: Cut) -> None:
        self.writing.settle(call.id)
        self._answer(call, Outcome(cut.told, ok=False))
        if cut.left:
            self.offer(call.call, written)

    def _take(self, part: ReplyPart, heard: _Heard) -> None:
        heard.note(part)
        match part:
            case TextDelta(item, text):
                heard.said.setdefault(item, []).append(text)
                self.emit(part)
            case ReasoningDelta() | CallDelta() | LimitsSeen() | Notice():
                self.emit(part)
            case ReplyEnded():
                self._end(part)
            case Steered():
                self._steered(part, heard)
            case _:
                heard.said.pop(part.id, None)
                self.writing.end(part.id)
                self._record(part)

    def _steered(self, part: Steered, heard: _Heard) -> None:
        if part.refused:
            _log.info("the model was not steered: %s", part.refused)
            self.steering.unheard()
        else:
            heard.go_on()
            self.hear(self.steering.heard())

    def _end(self, reply: ReplyEnded) -> None:
        self.usage += reply.usage
        self.context.learn(reply.usage)
        self.emit(reply)
        if reply.status not in {"completed", STEERED}:
            self.emit(
                Notice(
                    Level.WARNING,
                    f"the answer ends early: {reply.status}",
                    "say `go on` to continue it",
                )
            )

    async def _perform(self, call: ToolCall) -> Outcome:
        try:
            plan = await self._planned(call)
            plan = await self.approvals.settle(self.approval(), call, plan)
            self.emit(ToolStarted(call.call, call.name, plan.summary, plan.effect))
            outcome = await self._act(call, plan)
        except ToolError as error:
            return Outcome(str(error), ok=False)
        except Exception as error:  # noqa: BLE001  one tool's bug is not the turn's end
            _log.exception("the tool `%s` failed", call.name)
            what = f"{type(error).__name__}: {error}"
            return Outcome(f"`{call.name}` failed in itself: {what}", ok=False)
        return outcome

    async def _planned(self, call: ToolCall) -> Plan:
        written = self.writing.get(call.id)
        if written is not None:
            return await written.plan(call.input)
        rig = await self.rig()
        return await asyncio.to_thread(rig.plan, call)

    async def _act(self, call: ToolCall, plan: Plan) -> Outcome:
        """Carry out a plan; an edit that has begun is seen to its end.

        An edit takes milliseconds and leaves all or nothing: waiting for it, even on
        an interrupt, keeps the history true to the disk.
        """
        if plan.effect is not Effect.EDIT:
            try:
                return await plan.act()
            except Stopped as stopped:
                self._answer(call, stopped.outcome)
                raise asyncio.CancelledError from None
        edit = asyncio.ensure_future(plan.act())
        try:
            return await asyncio.shield(edit)
        except asyncio.CancelledError:
            await finished(edit)
            if edit.exception() is None:
                self._answer(call, edit.result())
            raise

    def _answer(self, call: ToolCall, outcome: Outcome) -> None:
        self.writing.settle(call.id)
        if outcome.checkpoint is not None:
            self.emit(outcome.checkpoint)
        self._record(
            ToolOutput(new_item_id("out"), call.call, outcome.text, outcome.ok)
        )

    def _answer_the_rest(self, why: str) -> None:
        for call in self.history.unanswered():
            self._answer(call, Outcome(why, ok=False))

    def _record(self, item: Item) -> None:
        self.history.append(item)
        self.emit(ItemCompleted(item))


def _begun(rig: Rig, name: str) -> Draft | None:
    """The draft of a call; a tool that is none is told of when the call is whole."""
    try:
        return rig.draft(name)
    except ToolError:
        return None
