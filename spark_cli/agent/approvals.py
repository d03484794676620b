"""What may happen without a question, and the questions that are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    Event,
    Level,
    Notice,
)
from spark_cli.core.ids import CallId
from spark_cli.core.items import ToolCall
from spark_cli.core.ops import Decide
from spark_cli.tools.tool import Picked, Plan


class Verdict(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


_VERDICTS = {
    Approval.READ_ONLY: {Effect.EDIT: Verdict.DENY, Effect.RUN: Verdict.DENY},
    Approval.ASK: {Effect.EDIT: Verdict.ASK, Effect.RUN: Verdict.ASK},
    Approval.AUTO_EDIT: {Effect.EDIT: Verdict.ALLOW, Effect.RUN: Verdict.ASK},
    Approval.FULL_AUTO: {Effect.EDIT: Verdict.ALLOW, Effect.RUN: Verdict.ALLOW},
}


def judge(approval: Approval, effect: Effect) -> Verdict:
    """Looking is always allowed; the rest is as the table says."""
    return _VERDICTS[approval].get(effect, Verdict.ALLOW)


class Approvals:
    """Asks by an event, and waits for the `Decide` that names the same call."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._open: dict[CallId, asyncio.Future[Decide]] = {}

    async def settle(self, approval: Approval, call: ToolCall, plan: Plan) -> Plan:
        """What of the plan may be carried out; raises `ToolError` if nothing may."""
        verdict = judge(approval, plan.effect)
        if verdict is Verdict.DENY:
            raise ToolError(
                f"not done: the session is {approval.value}, it may look but not touch"
            )
        if verdict is Verdict.ASK:
            return await self._ask(call, plan)
        return plan

    def decide(self, answer: Decide) -> bool:
        """Hand in an answer; false if the question is not open (any more)."""
        future = self._open.get(answer.call)
        if future is None or future.done():
            return False
        future.set_result(answer)
        return True

    def refuse_all(self, reason: str) -> bool:
        """Refuse what is open; true if anything was."""
        refused = False
        for call in list(self._open):
            refused |= self.decide(Decide(call, accept=False, reason=reason))
        return refused

    async def _ask(self, call: ToolCall, plan: Plan) -> Plan:
        """Ask until there is an answer that can be carried out."""
        while True:
            answer = await self._answered(call, plan)
            self._emit(told(answer))
            try:
                return await asyncio.to_thread(narrowed, plan, answer)
            except ToolError as error:
                if not answer.edited:
                    raise
                self._emit(Notice(Level.ERROR, str(error), "edit it again, or not"))

    async def _answered(self, call: ToolCall, plan: Plan) -> Decide:
        future: asyncio.Future[Decide] = asyncio.get_running_loop().create_future()
        self._open[call.call] = future
        self._emit(
            ApprovalRequested(
                call.call, plan.summary, plan.effect, plan.preview, plan.hunks
            )
        )
        try:
            return await future
        finally:
            del self._open[call.call]


def told(answer: Decide) -> ApprovalDecided:
    """The answer as every face hears of it."""
    hunks = answer.hunks or ()
    accepted = answer.accept and answer.hunks != ()
    return ApprovalDecided(answer.call, accepted, answer.reason, hunks)


def narrowed(plan: Plan, answer: Decide) -> Plan:
    """What is left of a plan once it is answered; `ToolError` if that is nothing."""
    if not answer.accept or answer.hunks == ():
        raise ToolError(f"not done: {_why(answer)}")
    if answer.hunks is None and not answer.edited:
        return plan
    if plan.only is None:
        raise ToolError("not done: this can only be taken whole")
    every = tuple(hunk.id for hunk in plan.hunks)
    hunks = every if answer.hunks is None else answer.hunks
    return plan.only(Picked(hunks, answer.reason, answer.edited))


def _why(answer: Decide) -> str:
    if not answer.attended:
        return answer.reason
    return f"the user refused: {answer.reason}" if answer.reason else "the user refused"
