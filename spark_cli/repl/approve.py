"""A question that waits for an answer: who may answer it when, and with what.

It may be about a command, or about the hunks of a patch: those of a whole one, those
that have formed while the rest is written, and those of one that was stopped.

A letter is an answer only if nothing follows it for a moment: who goes on typing means
a sentence, such as "no, use tabs".  That refuses, and is what the model is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from spark_cli.core.events import ApprovalRequested, HunksOffered
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.ops import Decide, DecideHunk
from spark_cli.repl import blocks
from spark_cli.repl.lines import Line
from spark_cli.repl.review import Review, Step

PAUSE_S = 0.25
"""A letter is an answer if nothing follows it for so long."""

FRESH_S = 0.15
"""A key that comes so soon after a question appears may be meant for something else."""

LATE_S = 0.4
"""So it is an answer only if nothing follows it for longer."""

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}

_WORDS = {"yes": "A", "all": "A", "ok": "A", "no": "D", "none": "D"}
"""A whole word is about all hunks that are left."""

Question: TypeAlias = ApprovalRequested | HunksOffered


class Approver:
    """`refusing` is while only the reason of a refusal is still to be typed.

    Without an `editor` no hunk can be edited.
    """

    def __init__(
        self,
        submit: Callable[[Decide | DecideHunk], None],
        clock: Callable[[], float],
        *,
        editor: bool = True,
    ) -> None:
        self._editor = editor
        self._submit = submit
        self._clock = clock
        self._asked_at = 0.0
        self._item: ItemId | None = None
        self._why = ""
        self._call: CallId | None = None
        self._before: tuple[CallId, Review] | None = None
        self.question: Question | None = None
        self.review: Review | None = None
        self.refusing = False

    def see(
        self,
        question: Question | None,
        item: ItemId | None = None,
        formed: Sequence[ProposedHunk] = (),
    ) -> None:
        """Hand in the question that is open now, or else what has formed of a call."""
        if question is not None:
            if question is not self.question:
                self._begin(question, None, list(question.hunks))
        elif item is None or not formed:
            if self.question is not None or self._item is not None:
                self._begin(None, None, [])
        elif item != self._item:
            self._begin(None, item, list(formed))
        elif self.review is not None:
            for hunk in formed[len(self.review.hunks) :]:
                self.review.grow(hunk)

    @property
    def asks(self) -> bool:
        """Whether words that are sent answer a question, and are no prompt."""
        return isinstance(self.question, ApprovalRequested) or self.explaining

    @property
    def explaining(self) -> bool:
        """Whether a hunk was refused just now, and words would say why."""
        return bool(self._why)

    @property
    def unexplained(self) -> str:
        """The hunk whose refusal the next words explain; empty where none."""
        return self._why

    def pause_s(self, draft: str) -> float | None:
        """How long to wait before the draft is an answer; `None` if it is none."""
        if self.refusing or not self._are_letters(draft):
            return None
        fresh = self._clock() - self._asked_at < FRESH_S
        return LATE_S if fresh else PAUSE_S

    def answer(self, letters: str) -> ProposedHunk | None:
        """Take a letter that nothing followed, also one that was pressed several times.

        Gives back a hunk that is to be edited first.
        """
        review = self.review
        if review is None or not review.hunks:
            self.refusing = not _ANSWERS[letters[0].lower()]
            if not self.refusing:
                self.decide(accept=True)
            return None
        hunk = None
        for letter in letters:
            self._why = ""
            hunk = self._step(review, letter)
        return hunk

    def edited(self, hunk: ProposedHunk, diff: str) -> None:
        """A hunk comes back from the editor; one that was emptied is left open."""
        review = self.review
        if review is not None and diff.strip() and review.is_open(hunk):
            review.revise(hunk, diff)
            if not review.left:
                self._end(review)

    def hunk(self, columns: int, rows: int) -> list[Line]:
        """The hunk that is looked at, where there is more than one to look at."""
        review = self.review
        if review is None or review.here is None or len(review.hunks) < 2:
            return []
        return blocks.glimpse(review.here, columns, rows)

    def line(self) -> Line:
        """What is asked, and how to answer; empty where nothing is."""
        if self.review is not None and self.review.hunks:
            return blocks.review(self.review, self._why, refusing=self.refusing)
        if isinstance(self.question, ApprovalRequested):
            return blocks.question(self.question, refusing=self.refusing)
        return []

    def is_answer(self, text: str) -> bool:
        """Whether a line is a plain answer, and no sentence."""
        if self.refusing:
            return False
        words = _WORDS if self.review is not None and self.review.hunks else _ANSWERS
        return text.lower() in words or self._are_letters(text)

    def say(self, text: str) -> ProposedHunk | None:
        """What was typed and sent: an answer, or why not; nothing is no answer."""
        review = self.review
        if self.is_answer(text):
            if review is not None and review.hunks:
                return self.answer(_WORDS.get(text.lower(), text))
            self.decide(accept=_ANSWERS[text.lower()])
            return None
        if review is not None and self._why and (text or self.refusing):
            review.explain(self._why, text)
            self._told(review)
        elif review is not None and review.hunks and (text or self.refusing):
            self._refuse_rest(review, text)
        elif text or self.refusing:
            self.decide(accept=False, reason=text)
        return None

    def decide(self, *, accept: bool, reason: str = "") -> None:
        if self.question is not None:
            self._submit(Decide(self.question.call, accept, reason))

    def reconsider(self) -> None:
        """Esc: the refusal is taken back, and asked about again."""
        if self.review is not None and self._why:
            self.review.refused.pop(self._why, None)
        self.refusing, self._why = False, ""

    # Hunks

    def _begin(
        self, question: Question | None, item: ItemId | None, hunks: list[ProposedHunk]
    ) -> None:
        self.question, self._item = question, item
        self.refusing, self._why = False, ""
        self._asked_at = self._clock()
        before, self.review = self.review, None
        if before is not None and self._call is not None:
            self._before = (self._call, before)
        self._call = question.call if question is not None else None
        if hunks:
            self.review = Review(hunks, partly=item is None, editor=self._editor)
            if before is not None and before.here is not None:
                self.review.look_at(before.here.id)
        if self.review is not None and isinstance(question, HunksOffered):
            call, decided = self._before or (None, self.review)
            if call == question.call:
                self.review.resume(decided)

    def _are_letters(self, draft: str) -> bool:
        """Whether it is one key, pressed once or, about hunks, again and again."""
        if len(set(draft)) != 1:
            return False
        if self.review is not None and self.review.hunks:
            return draft[0] in self.review.letters
        known = len(draft) == 1 and draft.lower() in _ANSWERS
        return self.question is not None and known

    def _step(self, review: Review, letter: str) -> ProposedHunk | None:
        here = review.here
        before = {*review.accepted, *review.refused}
        step = review.letter(letter)
        if step is Step.EDIT:
            return here
        if letter == "n" and here is not None and here.id in review.refused:
            self._why = here.id
        if self._item is not None:
            self._tell(review, self._item, before)
        elif step is Step.ENDED:
            # Nobody waits for an offer: words that follow it are a prompt.
            waits = isinstance(self.question, ApprovalRequested)
            self.refusing = waits and bool(self._why)
            if not self.refusing:
                self._end(review)
        return None

    def _tell(self, review: Review, item: ItemId, before: set[str]) -> None:
        """Decide at once on hunks whose patch is still being written."""
        for hunk in review.hunks:
            if hunk.id in before:
                continue
            if hunk.id in review.accepted:
                self._submit(DecideHunk(item, hunk.id, accept=True))
            elif hunk.id in review.refused:
                self._submit(DecideHunk(item, hunk.id, accept=False))

    def _told(self, review: Review) -> None:
        """A refusal has its reason now."""
        hunk, self._why = self._why, ""
        if self._item is not None:
            why = review.refused[hunk]
            self._submit(DecideHunk(self._item, hunk, accept=False, reason=why))
        elif self.refusing:
            self._end(review)
        self.refusing = False

    def _refuse_rest(self, review: Review, reason: str) -> None:
        """A sentence is an answer to all that is still open."""
        if self._item is not None:
            return
        for hunk in review.left:
            review.explain(hunk.id, reason)
        self._end(review)

    def _end(self, review: Review) -> None:
        if self.question is None:
            return
        call, reason = self.question.call, review.reason()
        taken = tuple(review.accepted)
        edited = tuple(review.edited.items())
        if taken and review.whole:
            self._submit(Decide(call, accept=True, edited=edited))
            return
        self._submit(
            Decide(call, bool(taken), reason, hunks=taken or None, edited=edited)
        )
