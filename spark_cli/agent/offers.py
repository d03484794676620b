"""What was whole of a patch that was stopped, and can be taken still.

An offer outlives its turn: the user may look at it while the next one runs.  Only the
newest stands, and what is taken of it is told to the model before its next request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from spark_cli.agent.approvals import narrowed, told
from spark_cli.agent.writing import Written, unbroken
from spark_cli.core.errors import ToolError
from spark_cli.core.events import Event, HunksOffered, Level, Notice
from spark_cli.core.ids import CallId
from spark_cli.core.ops import Decide
from spark_cli.tools.tool import Outcome, Plan

_log = logging.getLogger(__name__)


class Offers:
    """`note` has the model told."""

    def __init__(
        self, emit: Callable[[Event], None], note: Callable[[str], None]
    ) -> None:
        self._emit, self._note = emit, note
        self._open: dict[CallId, Plan] = {}

    def __contains__(self, call: CallId) -> bool:
        return call in self._open

    async def make(self, call: CallId, written: Written) -> None:
        """Offer what was whole of a call that was cut off."""
        try:
            plan = await written.rest()
        except ToolError:
            _log.warning("what was whole of a patch cannot be offered", exc_info=True)
            return
        if plan is not None and plan.hunks:
            self._put(call, plan)

    def _put(self, call: CallId, plan: Plan) -> None:
        self._open = {call: plan}
        self._emit(HunksOffered(call, plan.summary, plan.preview, plan.hunks))

    async def take_up(self, op: Decide) -> None:
        """Carry out what the user took of an offer, to its end in any case.

        What was edited so that it cannot be is offered again.
        """
        await unbroken(self._take_up(op))

    async def _take_up(self, op: Decide) -> None:
        plan = self._open.pop(op.call)
        self._emit(told(op))
        try:
            made = await asyncio.to_thread(narrowed, plan, op)
            outcome = await made.act()
        except ToolError as error:
            outcome = Outcome(str(error), ok=False)
            if op.accept:
                self._emit(Notice(Level.ERROR, str(error)))
            if op.edited:
                self._put(op.call, plan)
                return
        if outcome.checkpoint is not None:
            self._emit(outcome.checkpoint)
        self._note(f"[Of the patch that was stopped: {outcome.text}]")
