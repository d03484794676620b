"""The line that the user writes: a buffer in which nothing that was typed is lost.

A long paste is shown as one short token, so that it does not push the answer off the
screen, and is put in full where the token stands when the line is sent.
"""

from __future__ import annotations

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import History

from spark_cli.repl.lines import columns_of

FOLD_LINES = 12
FOLD_CHARS = 2000


class Composer:
    def __init__(self, history: History, completer: Completer) -> None:
        self._history = history
        self._pasted: dict[str, str] = {}
        self._in_full = False
        self.buffer = Buffer(
            history=history,
            completer=completer,
            complete_while_typing=Condition(lambda: self.text.startswith("/")),
            multiline=True,
            tempfile_suffix=".md",
        )
        self.buffer.on_text_changed += lambda _: self._browsed()

    @property
    def text(self) -> str:
        return self.buffer.text

    def paste(self, text: str) -> None:
        """Insert what was pasted, folded where it is long; it is never submitted."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        # It is no typing: no menu opens, and no letter of it answers a question.
        self.buffer.insert_text(self._folded(text), fire_event=False)

    def forget(self) -> None:
        """Empty the line, and keep nothing of it."""
        self._pasted.clear()
        self.buffer.reset()

    def newline(self) -> None:
        self.buffer.insert_text("\n")

    def break_line(self) -> None:
        """The backslash before the cursor was a wish for a new line."""
        self.buffer.delete_before_cursor()
        self.newline()

    def folded_before_cursor(self) -> str:
        """The token of a folded paste that ends at the cursor, or nothing."""
        before = self.buffer.document.text_before_cursor
        return next((token for token in self._pasted if before.endswith(token)), "")

    def erase_folded(self) -> None:
        """Delete the token before the cursor as the one thing that it is."""
        self.buffer.delete_before_cursor(len(self.folded_before_cursor()))

    def take(self) -> str:
        """The whole text, every paste in full; the line is empty and in the history."""
        text = self._unfolded()
        if text.strip() and text not in self._history.get_strings()[-1:]:
            self._history.append_string(text)
        self.forget()
        return text

    def clear(self) -> None:
        """Empty the line; Up brings back what was in it."""
        self.take()

    def unfold(self) -> None:
        """Put every paste in full: an editor is going to see the text."""
        if self._pasted:
            self._in_full = True
            self.buffer.text = self._unfolded()
            self._in_full = False
            self._pasted.clear()

    def rows(self, columns: int, most: int) -> int:
        """How many rows the text takes on a screen, up to so many."""
        rows = 0
        room = max(columns - 2, 1)
        for line in self.text.split("\n"):
            rows += columns_of(line) // room + 1
            if rows >= most:
                return most
        return rows

    def _unfolded(self) -> str:
        text = self.text
        for token, pasted in self._pasted.items():
            text = text.replace(token, pasted)
        return text

    def _folded(self, text: str) -> str:
        """The text, or a token that stands for it if it is long."""
        lines = text.removesuffix("\n").count("\n") + 1
        if not _is_long(text):
            return text
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        token = f"[paste {len(self._pasted) + 1}: {size}]"
        self._pasted[token] = text
        return token

    def _browsed(self) -> None:
        """Fold a long entry that comes out of the history, below its first line."""
        text = self.text
        if self._in_full or not _is_long(text):
            return
        if text in self._history.get_strings():
            first, newline, rest = text.partition("\n")
            above = first + newline if newline and not _is_long(first) else ""
            self.buffer.text = above + self._folded(rest if above else text)


def _is_long(text: str) -> bool:
    return text.removesuffix("\n").count("\n") >= FOLD_LINES or len(text) > FOLD_CHARS
