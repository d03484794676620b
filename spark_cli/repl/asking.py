"""The live side of a question: what is seen of it, and when a letter counts."""

from __future__ import annotations

from collections.abc import Callable

from spark_cli.core.hunks import ProposedHunk
from spark_cli.repl.approve import Approver
from spark_cli.repl.composer import Composer
from spark_cli.repl.handover import Handover
from spark_cli.repl.lines import Line, wrapped
from spark_cli.repl.view import View

_SHARE = 3
"""One row in so many may be taken by the hunk that is looked at."""


class Asking:
    """`changed` has the screen painted, `after` calls back in so many seconds."""

    def __init__(
        self,
        approver: Approver,
        view: View,
        composer: Composer,
        handover: Handover,
        changed: Callable[[], None],
        after: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._approver, self._view = approver, view
        self._composer, self._handover = composer, handover
        self._changed, self._after = changed, after
        self._typings = 0

    def see(self) -> None:
        """What is asked may have changed."""
        now = self._view.decisions
        question = now.question or (None if now.formed else now.offer)
        self._approver.see(question, now.item, now.formed)

    @property
    def refusing(self) -> bool:
        return self._approver.refusing

    @property
    def explaining(self) -> bool:
        """Whether words that are sent would say why a hunk is refused."""
        return self._approver.explaining

    @property
    def waits(self) -> bool:
        """Whether the session stands still until there is an answer."""
        return self._view.question is not None

    @property
    def hint(self) -> str:
        """What Enter would do with the words in the line, where it is an answer."""
        why = self._approver.unexplained
        return f"Enter says why {why} is refused" if why and self._composer.text else ""

    def reconsider(self) -> None:
        self._approver.reconsider()

    def typed(self) -> None:
        """A letter may be an answer, once nothing follows it."""
        text, review = self._composer.text, self._approver.review
        question = self._approver.question
        pause_s = self._approver.pause_s(text)
        self._typings += 1
        count = self._typings

        def unfollowed() -> None:
            same = self._typings == count and self._composer.text == text
            asked = self._approver.question is question
            if same and asked and self._approver.review is review:
                self._composer.forget()
                self._edit(self._approver.answer(text))
                self._changed()

        if pause_s is not None:
            self._after(pause_s, unfollowed)

    def answered(self) -> bool:
        """Take what is in the line for an answer, if it is a plain one."""
        text = self._composer.text.strip()
        if not self._approver.is_answer(text):
            return False
        self._edit(self._approver.say(text))
        self._composer.forget()
        return True

    def said(self, text: str) -> bool:
        """Take words that were sent for an answer, if there is something to answer."""
        if not self._approver.asks:
            return False
        self._approver.say(text.strip())
        return True

    def lines(self, columns: int, rows: int) -> list[Line]:
        """What is asked, below the hunk that it is about."""
        line = self._approver.line()
        if not line:
            return []
        hunk = self._approver.hunk(columns, max(rows // _SHARE, 1))
        return [*hunk, *wrapped(line, columns)]

    def _edit(self, hunk: ProposedHunk | None) -> None:
        if hunk is not None:
            self._handover.edit_text(
                hunk.diff, ".diff", lambda diff: self._approver.edited(hunk, diff)
            )
