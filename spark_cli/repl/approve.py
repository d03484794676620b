"""A question that waits for an answer: who may answer it when, and with what.

`y` and `n` are answers only while the draft is empty, and not in the moment in which
the question appears: whoever is typing then means the draft.  Any text with Enter
refuses, and is the reason that the model is told.
"""

from __future__ import annotations

from collections.abc import Callable

from spark_cli.core.events import ApprovalRequested
from spark_cli.core.ops import Decide
from spark_cli.repl import blocks
from spark_cli.repl.lines import Line

FRESH_S = 0.15
"""A key that comes so soon after a question appears was meant for something else."""

LATE_S = 0.35
"""A lone `y` that came too soon is taken for the answer if nothing follows it."""

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


class Approver:
    def __init__(
        self, submit: Callable[[Decide], None], clock: Callable[[], float]
    ) -> None:
        self._submit = submit
        self._clock = clock
        self._asked_at = 0.0
        self.question: ApprovalRequested | None = None
        self.refusing = False

    def see(self, question: ApprovalRequested | None) -> None:
        """Hand in the question that is open now."""
        if question is not self.question:
            self.question, self.refusing = question, False
            self._asked_at = self._clock()

    @property
    def fresh(self) -> bool:
        return self._clock() - self._asked_at < FRESH_S

    @property
    def answerable(self) -> bool:
        """Whether a single key is an answer."""
        return self.question is not None and not self.fresh

    def premature(self, draft: str) -> bool:
        """Whether the draft is a letter that may have been meant as an answer."""
        waiting = self.question is not None and not self.refusing
        return waiting and self.fresh and len(draft) == 1 and draft in _ANSWERS

    def line(self) -> Line:
        """What is asked, and how to answer; empty where nothing is."""
        if self.question is None:
            return []
        return blocks.question(self.question, refusing=self.refusing)

    def say(self, text: str) -> None:
        """What was typed and sent: yes, no, or why not; nothing is no answer."""
        if not self.refusing and text.lower() in _ANSWERS:
            self.decide(accept=_ANSWERS[text.lower()])
        elif text or self.refusing:
            self.decide(accept=False, reason=text)

    def decide(self, *, accept: bool, reason: str = "") -> None:
        if self.question is not None:
            self._submit(Decide(self.question.call, accept, reason))

    def refuse(self) -> None:
        """Ask for the reason first."""
        self.refusing = True

    def reconsider(self) -> None:
        self.refusing = False
