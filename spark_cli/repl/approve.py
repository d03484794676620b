"""A question that waits for an answer: who may answer it when, and with what.

A letter is an answer only if nothing follows it for a moment: who goes on typing means
a sentence, such as "no, use tabs".  That refuses, and is what the model is told.
"""

from __future__ import annotations

from collections.abc import Callable

from spark_cli.core.events import ApprovalRequested
from spark_cli.core.ops import Decide
from spark_cli.repl import blocks
from spark_cli.repl.lines import Line

PAUSE_S = 0.25
"""A letter is an answer if nothing follows it for so long."""

FRESH_S = 0.15
"""A key that comes so soon after a question appears may be meant for something else."""

LATE_S = 0.4
"""So it is an answer only if nothing follows it for longer."""

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

    def pause_s(self, draft: str) -> float | None:
        """How long to wait before the draft is an answer; `None` if it is none."""
        if self.question is None or self.refusing or len(draft) != 1:
            return None
        if draft.lower() not in _ANSWERS:
            return None
        fresh = self._clock() - self._asked_at < FRESH_S
        return LATE_S if fresh else PAUSE_S

    def answer(self, letter: str) -> None:
        """Take a letter that nothing followed: yes, or no, and then why."""
        if _ANSWERS[letter.lower()]:
            self.decide(accept=True)
        else:
            self.refusing = True

    def line(self) -> Line:
        """What is asked, and how to answer; empty where nothing is."""
        if self.question is None:
            return []
        return blocks.question(self.question, refusing=self.refusing)

    def is_answer(self, text: str) -> bool:
        """Whether a line is a plain yes or no."""
        return not self.refusing and text.lower() in _ANSWERS

    def say(self, text: str) -> None:
        """What was typed and sent: yes, no, or why not; nothing is no answer."""
        if self.is_answer(text):
            self.decide(accept=_ANSWERS[text.lower()])
        elif text or self.refusing:
            self.decide(accept=False, reason=text)

    def decide(self, *, accept: bool, reason: str = "") -> None:
        if self.question is not None:
            self._submit(Decide(self.question.call, accept, reason))

    def reconsider(self) -> None:
        self.refusing = False
