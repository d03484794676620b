"""The line that the user writes: a buffer in which nothing that was typed is lost.

A long paste stands in it as one character, which is shown as a short label: it does
not push the answer off the screen, and whatever is done to the line (a word deleted,
moved, yanked, undone) takes it whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.layout.processors import (
    Processor,
    Transformation,
    TransformationInput,
)
from prompt_toolkit.layout.utils import explode_text_fragments

from spark_cli.repl.lines import columns_of
from spark_cli.repl.mentions import word_at

FOLD_LINES = 12
FOLD_CHARS = 2000

_FIRST = 0x100000
_FOLD = re.compile("[\U00100000-\U0010fffd]")
"""Plane 16 is for private use: no keyboard and no text of the world has it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line that was taken.

    `raw` can be put back into the composer, `text` has every paste in full, `typed`
    none, and `shown` is as it stood on the screen.
    """

    raw: str
    text: str
    typed: str
    shown: str

    @classmethod
    def of(cls, text: str) -> Draft:
        """What was said elsewhere, such as on the command line."""
        return cls(text, text, text, text)

    @property
    def empty(self) -> bool:
        return not self.text.strip()


class Composer:
    def __init__(self, history: History, completer: Completer) -> None:
        self._history = history
        self._pasted: list[str] = []
        self._in_full = False
        self.buffer = Buffer(
            history=history,
            completer=completer,
            complete_while_typing=Condition(self._completes),
            multiline=True,
            tempfile_suffix=".md",
        )
        self._menu: list[Completion] = []
        self._size = 0
        self._typed = False
        self.buffer.on_text_changed += lambda _: self._changed()
        self.buffer.on_cursor_position_changed += lambda _: self._moved()
        self.buffer.on_completions_changed += lambda _: self._offered()

    @property
    def text(self) -> str:
        return self.buffer.text

    @property
    def draft(self) -> Draft:
        raw = self.text
        return Draft(raw, self._unfolded(raw), _FOLD.sub(" ", raw), self.shown(raw))

    def paste(self, text: str) -> None:
        """Insert what was pasted, folded where it is long; it is never submitted."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _FOLD.sub("\N{REPLACEMENT CHARACTER}", text)
        # It is no typing: no menu opens, and no letter of it answers a question.
        self.buffer.insert_text(self._folded(text), fire_event=False)

    def put(self, draft: Draft) -> None:
        """Write a line that was taken again."""
        self.buffer.document = Document(draft.raw)

    def restore(self, draft: Draft) -> None:
        """The same, unless something else was begun meanwhile."""
        if not self.text:
            self.put(draft)

    def forget(self) -> None:
        """Empty the line, and keep nothing of it.

        A draft from which the history was browsed is another line: Up brings it back.
        """
        self.close_menu()
        self._keep_left()
        self.buffer.reset()

    def newline(self) -> None:
        self.buffer.insert_text("\n")

    def break_line(self) -> None:
        """The backslash before the cursor was a wish for a new line."""
        self.buffer.delete_before_cursor()
        self.newline()

    def take(self) -> Draft:
        """The line; it is empty after that, and what was in it is in the history."""
        draft = self.draft
        if not draft.empty and draft.text not in self._history.get_strings()[-1:]:
            self._history.append_string(draft.text)
        self.forget()
        return draft

    def clear(self) -> None:
        """Empty the line; Up brings back what was in it."""
        self.take()

    def unfold(self) -> None:
        """Put every paste in full: an editor is going to see the text."""
        self._in_full = True
        self.buffer.text = self._unfolded(self.text)
        self._in_full = False

    def shown(self, raw: str) -> str:
        """The text with a label for each paste."""
        return _FOLD.sub(lambda fold: self.label(fold[0]), raw)

    def label(self, fold: str) -> str:
        """What stands on the screen for a paste."""
        text = self._paste(fold)
        lines = text.removesuffix("\n").count("\n") + 1
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        return f"[pasted {size}]"

    def rows(self, columns: int, most: int) -> int:
        """How many rows the text takes on a screen, up to so many."""
        rows = 0
        room = max(columns - 2, 1)
        for line in self.shown(self.text).split("\n"):
            rows += columns_of(line) // room + 1
            if rows >= most:
                return most
        return rows

    # The menu

    @property
    def menu(self) -> list[Completion]:
        """What is offered; while names are looked for, what was offered just now."""
        return self._menu

    @property
    def chosen(self) -> int | None:
        """Which one of the menu is in the line."""
        state = self.buffer.complete_state
        return state.complete_index if state else None

    @property
    def naming(self) -> bool:
        """Whether the word at the cursor is a command, or begins with `@`."""
        return self._completes()

    @property
    def offers(self) -> bool:
        """Whether the menu has files, and Enter means one of them.

        Not where the whole name is there already.
        """
        state = self.buffer.complete_state
        if state is None or not state.completions:
            return False
        if word_at(state.original_document) is None:
            return False
        first = state.completions[0]
        return self.chosen is not None or not _stands(state.original_document, first)

    def complete(self) -> None:
        """Open the menu, or go on in it."""
        if self.buffer.complete_state and self.buffer.complete_state.completions:
            self.buffer.complete_next()
        else:
            self.buffer.start_completion(insert_common_part=not self._at_mention())

    def take_offer(self) -> None:
        """Write the chosen name, or the first one, and go on behind it."""
        if self.chosen is None:
            self.buffer.go_to_completion(0)
        self.close_menu()
        if not self.buffer.document.current_char.isspace():
            self.buffer.insert_text(" ")

    def close_menu(self) -> None:
        """Keep the line as it is, and offer nothing."""
        self.buffer.complete_state = None
        self._menu = []

    def _at_mention(self) -> bool:
        return word_at(self.buffer.document) is not None

    def _offered(self) -> None:
        state = self.buffer.complete_state
        if state is None:
            self._menu = []
        elif state.completions:
            self._menu = state.completions

    def _moved(self) -> None:
        """Whoever leaves the word does not want it completed; typing moves, too."""
        if not self._typed:
            self._menu = []
        self._typed = False

    def _changed(self) -> None:
        self._typed = True
        self._browsed()
        shorter = len(self.text) < self._size
        self._size = len(self.text)
        if not self._completes():
            self._menu = []
        elif shorter and self._menu:
            self.buffer.start_completion()

    def _completes(self) -> bool:
        """Whether there may be something to offer while this is typed."""
        return self.text.startswith("/") or self._at_mention()

    def _keep_left(self) -> None:
        at = self.buffer.working_index
        self.buffer.history_forward(len(self._history.get_strings()))
        if self.buffer.working_index != at and not self.draft.empty:
            self._history.append_string(self.draft.text)

    def _paste(self, fold: str) -> str:
        at = ord(fold) - _FIRST
        return self._pasted[at] if at < len(self._pasted) else ""

    def _unfolded(self, raw: str) -> str:
        return _FOLD.sub(lambda fold: self._paste(fold[0]), raw)

    def _folded(self, text: str) -> str:
        """The text, or the one character that stands for it if it is long."""
        if not _is_long(text):
            return text
        # Kept as long as the session: what was killed can be yanked later.
        self._pasted.append(text)
        return chr(_FIRST + len(self._pasted) - 1)

    def _browsed(self) -> None:
        """Fold a long entry that comes out of the history, below its first line."""
        text = self.text
        if self._in_full or not _is_long(text):
            return
        if text in self._history.get_strings():
            first, newline, rest = text.partition("\n")
            above = first + newline if newline and not _is_long(first) else ""
            self.buffer.text = above + self._folded(rest if above else text)


class Labels(Processor):
    """Shows a paste as its label; for the cursor it is one place."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer

    def apply_transformation(
        self, transformation_input: TransformationInput
    ) -> Transformation:
        fragments = transformation_input.fragments
        if not any(_FOLD.search(fragment[1]) for fragment in fragments):
            return Transformation(fragments)
        told: StyleAndTextTuples = []
        places = [0]
        for style, text, *_ in explode_text_fragments(fragments):
            shown = self._composer.shown(text)
            told.append((f"{style} class:quiet" if shown != text else style, shown))
            places.append(places[-1] + len(shown))
        last = len(places) - 1

        def displayed(source: int) -> int:
            return places[min(source, last)] + max(0, source - last)

        def meant(display: int) -> int:
            return max(at for at, place in enumerate(places) if place <= display)

        return Transformation(told, displayed, meant)


def _stands(document: Document, offer: Completion) -> bool:
    return document.text_before_cursor.endswith(offer.text)


def _is_long(text: str) -> bool:
    return text.removesuffix("\n").count("\n") >= FOLD_LINES or len(text) > FOLD_CHARS
