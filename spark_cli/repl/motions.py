"""Moving and deleting by words as bash does; see `words`.

prompt_toolkit has the keys already, with words of its own.
"""

from __future__ import annotations

from prompt_toolkit.filters import Filter, emacs_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from spark_cli.repl import words

_FORWARD = (("escape", "f"), ("c-right",), ("escape", "right"))
_BACK = (("escape", "b"), ("c-left",), ("escape", "left"))


def bind(bindings: KeyBindings, drafting: Filter) -> None:
    """Add the keys, for while the draft has the focus and the keys are readline's."""
    here = drafting & emacs_mode
    for sequence in _FORWARD:
        bindings.add(*sequence, filter=here)(_forward)
    for sequence in _BACK:
        bindings.add(*sequence, filter=here)(_back)
    bindings.add("escape", "d", filter=here)(_kill)
    bindings.add("escape", "backspace", filter=here)(_kill_back)


def _forward(event: KeyPressEvent) -> None:
    event.current_buffer.cursor_position = _end(event)


def _back(event: KeyPressEvent) -> None:
    event.current_buffer.cursor_position = _start(event)


def _kill(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    killed = buffer.delete(_end(event) - buffer.cursor_position)
    before = event.app.clipboard.get_data().text if event.is_repeat else ""
    event.app.clipboard.set_text(before + killed)


def _kill_back(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    killed = buffer.delete_before_cursor(buffer.cursor_position - _start(event))
    after = event.app.clipboard.get_data().text if event.is_repeat else ""
    event.app.clipboard.set_text(killed + after)


def _end(event: KeyPressEvent) -> int:
    at = event.current_buffer.cursor_position
    for _ in range(max(event.arg, 1)):
        at = words.end_after(event.current_buffer.text, at)
    return at


def _start(event: KeyPressEvent) -> int:
    at = event.current_buffer.cursor_position
    for _ in range(max(event.arg, 1)):
        at = words.start_before(event.current_buffer.text, at)
    return at
