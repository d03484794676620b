"""Keys as newer terminals spell them: `CSI 13;2u`, or `CSI 27;2;13~`, is Shift-Enter.

A terminal, or tmux, may be set to send these (CSI u, xterm's modifyOtherKeys) without
being asked.  prompt_toolkit takes Shift-Enter for Enter, and what it does not know for
text.  Shift-Enter is a new line here, and the rest means what it always meant.
"""

from __future__ import annotations

from typing import TypeAlias

from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.keys import Keys

Pressed: TypeAlias = Keys | tuple[Keys, ...]

_SHIFT, _ALT, _CTRL = 1, 2, 4
_ENTER, _TAB, _ESC, _BACKSPACE = 13, 9, 27, 127
_NEWLINE = (Keys.Escape, Keys.ControlM)


FOCUS = {"\x1b[I": True, "\x1b[O": False}
"""What a terminal says when its window gets the focus, or loses it."""


def teach() -> None:
    """Let prompt_toolkit's parser know them; the table is one for the process."""
    ANSI_SEQUENCES.update(sequences())
    ANSI_SEQUENCES.update(dict.fromkeys(FOCUS, Keys.Ignore))


def sequences() -> dict[str, Pressed]:
    """What each sequence is, in the words of prompt_toolkit."""
    known: dict[str, Pressed] = {"\x1b[201~": Keys.Ignore}  # the end of no paste
    for (code, modifiers), pressed in _keys().items():
        known[f"\x1b[{code};{modifiers + 1}u"] = pressed
        known[f"\x1b[27;{modifiers + 1};{code}~"] = pressed
        if not modifiers:
            known[f"\x1b[{code}u"] = pressed
    return known


def _keys() -> dict[tuple[int, int], Pressed]:
    keys: dict[tuple[int, int], Pressed] = {
        (_ENTER, 0): Keys.ControlM,
        (_TAB, 0): Keys.ControlI,
        (_TAB, _SHIFT): Keys.BackTab,
        (_ESC, 0): Keys.Escape,
        (_ESC, _SHIFT): Keys.Escape,
        (_BACKSPACE, 0): Keys.ControlH,
        (_BACKSPACE, _SHIFT): Keys.ControlH,
        (_BACKSPACE, _ALT): (Keys.Escape, Keys.ControlH),
        (_BACKSPACE, _CTRL): (Keys.Escape, Keys.ControlH),
        (ord("["), _CTRL): Keys.Escape,
        (ord("_"), _CTRL): Keys.ControlUnderscore,
    }
    for modifiers in range(1, 8):
        keys[_ENTER, modifiers] = _NEWLINE
    for letter in "abcdefghijklmnopqrstuvwxyz":
        control = Keys(f"c-{letter}")
        keys[ord(letter), _CTRL] = control
        keys[ord(letter), _CTRL | _SHIFT] = control
        keys[ord(letter), _CTRL | _ALT] = (Keys.Escape, control)
    return keys
