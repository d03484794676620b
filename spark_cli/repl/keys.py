"""What every key does: one table of key, condition and intent.

The first row that fits wins; a key without a row that fits is left to prompt_toolkit,
which has readline's.  The table is a value: `decide` can be asked without a terminal,
and the list that `?` shows is made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from spark_cli.repl import review


class Intent(StrEnum):
    """What the user wants, whatever key said so."""

    SUBMIT = "submit"
    SEND_QUEUED = "send_queued"
    QUEUE = "queue"
    RECALL_QUEUED = "recall_queued"
    DROP_QUEUED = "drop_queued"
    TAKE = "take"
    BREAK_LINE = "break_line"
    NEWLINE = "newline"
    INTERRUPT = "interrupt"
    CLEAR_DRAFT = "clear_draft"
    ARM_LEAVE = "arm_leave"
    LEAVE = "leave"
    UNREFUSE = "unrefuse"
    CLOSE_MENU = "close_menu"
    COMPLETE = "complete"
    COMPLETE_BACK = "complete_back"
    LIST_KEYS = "list_keys"
    EDITOR = "editor"
    REDRAW = "redraw"
    SUSPEND = "suspend"
    HOLD = "hold"
    APPROVAL = "approval"
    ARM_REWIND = "arm_rewind"
    REWIND = "rewind"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the meaning of a key depends on.

    `refusing` is true while the reason of a refusal is typed.  `armed` follows a first
    Ctrl-C at an empty prompt, `rewinding` a first Esc.  `naming` says that the word at
    the cursor is one that can be completed, `offers` that a menu has names for it.
    `inserting` is vi's insert mode, and is false where the keys are not vi's.
    """

    draft: str = ""
    before_cursor: str = ""
    running: bool = False
    refusing: bool = False
    menu: bool = False
    armed: bool = False
    rewinding: bool = False
    queued: bool = False
    naming: bool = False
    offers: bool = False
    vi: bool = False
    inserting: bool = False

    @property
    def empty(self) -> bool:
        return not self.draft


Condition = Callable[[Situation], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """`label` and `does` are what `?` shows; rows without them are left out there."""

    keys: tuple[str, ...]
    when: Condition
    intent: Intent
    label: str = ""
    does: str = ""


def _always(now: Situation) -> bool:
    del now
    return True


def _empty(now: Situation) -> bool:
    return now.empty


def _idle(now: Situation) -> bool:
    return now.empty and not now.running and not now.inserting


def _has_queue(now: Situation) -> bool:
    return now.empty and now.queued


def _queues(now: Situation) -> bool:
    free = not now.naming and not now.refusing
    return now.running and free and not now.empty


ROWS = (
    Row(("enter",), lambda now: now.before_cursor.endswith("\\"), Intent.BREAK_LINE),
    Row(("enter",), lambda now: now.offers, Intent.TAKE),
    Row(("enter",), lambda now: _has_queue(now) and _idle(now), Intent.SEND_QUEUED),
    Row(
        ("enter",),
        _always,
        Intent.SUBMIT,
        "Enter",
        "send; while it answers, redirect it at once",
    ),
    Row(
        ("tab",),
        _queues,
        Intent.QUEUE,
        "Tab",
        "while it answers, queue the line; else complete a command or `@` file",
    ),
    Row(
        ("up",),
        _has_queue,
        Intent.RECALL_QUEUED,
        "Up, Ctrl-U",
        "on an empty line: edit what was queued last, drop all of it",
    ),
    Row(("c-u",), _has_queue, Intent.DROP_QUEUED),
    Row(
        ("c-j",),
        _always,
        Intent.NEWLINE,
        "Ctrl-J",
        "a new line; or Alt-Enter, Shift-Enter, or \\ and Enter",
    ),
    Row(("escape", "enter"), _always, Intent.NEWLINE),
    Row(("escape",), lambda now: now.menu, Intent.CLOSE_MENU),
    Row(("escape",), lambda now: now.refusing, Intent.UNREFUSE),
    Row(
        ("escape",),
        lambda now: now.running,
        Intent.INTERRUPT,
        "Esc",
        "stop the answer, also in vi mode; what was said, and your draft, are kept",
    ),
    Row(("escape",), lambda now: _idle(now) and now.rewinding, Intent.REWIND),
    Row(("escape",), _idle, Intent.ARM_REWIND, "Esc Esc", "rewind, on an empty line"),
    Row(("escape",), lambda now: not now.vi, Intent.STAY),
    Row(("c-c",), lambda now: now.running, Intent.INTERRUPT),
    Row(
        ("c-c",),
        lambda now: not now.empty,
        Intent.CLEAR_DRAFT,
        "Ctrl-C",
        "stop the answer, or clear the line (Up brings it back), or leave",
    ),
    Row(("c-c",), lambda now: now.armed, Intent.LEAVE),
    Row(("c-c",), _always, Intent.ARM_LEAVE),
    Row(("c-d",), _empty, Intent.LEAVE, "Ctrl-D", "leave, on an empty line"),
    Row(("?",), _empty, Intent.LIST_KEYS, "?", "this list, on an empty line"),
    Row(("tab",), _always, Intent.COMPLETE),
    Row(("s-tab",), lambda now: now.menu, Intent.COMPLETE_BACK),
    Row(
        ("s-tab",),
        _always,
        Intent.APPROVAL,
        "Shift-Tab",
        "what may happen without a question: the next mode",
    ),
    Row(("c-s",), _always, Intent.HOLD, "Ctrl-S", "hold the screen; any key goes on"),
    Row(("c-g",), _always, Intent.EDITOR, "Ctrl-G", "write in $VISUAL or $EDITOR"),
    Row(("c-x", "c-e"), _always, Intent.EDITOR),
    Row(("c-l",), _always, Intent.REDRAW, "Ctrl-L", "redraw the screen"),
    Row(("c-z",), _always, Intent.SUSPEND, "Ctrl-Z", "suspend; `fg` comes back"),
)

_FROM_READLINE = (
    ("Up, Down", "earlier lines, of this folder"),
    ("Ctrl-R", "search them"),
    ("Ctrl-Y", "yank what Ctrl-W, Ctrl-U, Ctrl-K or Alt-D took"),
)

_PREFIXES = (
    ("@file", "show it to the model; @file:10-40 lines of it, @h2 a hunk"),
    ("!command", "run it yourself and show the model its output; !! does not show it"),
    (".", "say the last thing again"),
)

_TO_A_QUESTION = (
    ("y, n", "to a question: yes, or no; then why, for the model"),
    ("", "of a patch, hunk by hunk:"),
    *review.KEYS,
)
"""Letters are text: `approve` says when one of them is an answer."""

WITHOUT_KEYS = (
    ("Enter", "send; while it answers, redirect it at once"),
    ("Ctrl-C", "stop the answer; twice: leave"),
    ("Ctrl-D", "leave"),
    ("?", "this list"),
    *_PREFIXES,
    *_TO_A_QUESTION,
)
"""What there is in a terminal that has only lines."""


def sequences() -> list[tuple[str, ...]]:
    """Every key, or sequence of keys, that has a row."""
    return list(dict.fromkeys(row.keys for row in ROWS))


def decide(keys: tuple[str, ...], now: Situation) -> Intent | None:
    """What a key means now; `None` if it means nothing of its own."""
    for row in ROWS:
        if row.keys == keys and row.when(now):
            return row.intent
    return None


def told() -> list[tuple[str, str]]:
    """The keys and what they do, for a reader."""
    rows = [(row.label, row.does) for row in ROWS if row.label]
    return [*rows, *_FROM_READLINE, *_PREFIXES, *_TO_A_QUESTION]
