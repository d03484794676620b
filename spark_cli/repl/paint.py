"""The one place that writes to the terminal, at most once a frame.

Lines that are final are printed above the prompt, into the terminal's own scrollback;
the tail, the prompt and the status line are prompt_toolkit's, which writes only what
has changed.  Everything of one frame leaves in one write, in synchronized output
(DEC private mode 2026), so that no half of a frame is ever seen.

prompt_toolkit's `patch_stdout` and `run_in_terminal` are not used to print: both give
the screen away and take it back through the event loop, several writes a line.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Size
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.output.vt100 import Vt100_Output

from spark_cli.repl.lines import Line, chopped, is_unsure
from spark_cli.repl.reflow import reflows, rows_above
from spark_cli.repl.view import View

if TYPE_CHECKING:
    import asyncio

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout.screen import Char
    from prompt_toolkit.styles import Attrs

FRAME_S = 0.03

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_FOCUS_ON, _FOCUS_OFF = "\x1b[?1004h", "\x1b[?1004l"


class FrameOutput(Vt100_Output):
    """Holds back what is written until the frame is whole."""

    holding = False
    _asked = False

    @classmethod
    def on(cls, stdout: TextIO) -> FrameOutput:
        """The terminal behind a stream.

        It is never asked where its cursor is: the answer would come among the keys.
        """

        def size() -> Size:
            try:
                columns, rows = os.get_terminal_size(stdout.fileno())
            except OSError:
                columns = rows = 0
            return Size(rows=rows or 24, columns=columns or 80)

        return cls(stdout, size, term=os.environ.get("TERM"), enable_cpr=False)

    def flush(self) -> None:
        if self.holding or not self._buffer:
            return
        self._buffer.insert(0, _BEGIN)
        self._buffer.append(_END)
        try:
            super().flush()
        except OSError as error:
            # The window was closed; a signal, or the end of the keys, ends the session.
            if error.errno not in {errno.EIO, errno.EPIPE}:
                raise

    def enable_bracketed_paste(self) -> None:
        """Ask for marks around a paste, and to be told of the focus: both once."""
        if not self._asked:
            self._asked = True
            super().enable_bracketed_paste()
            self.write_raw(_FOCUS_ON)

    def disable_bracketed_paste(self) -> None:
        # Erasing the prompt in a frame that is going to draw it again resets this.
        if self._asked and not self.holding:
            self._asked = False
            super().disable_bracketed_paste()
            self.write_raw(_FOCUS_OFF)

    def erase_down(self) -> None:
        """Erase all below, but never with one sequence from the top left corner.

        tmux takes that for a clearing of the screen, and keeps what was on it in its
        history: a copy of the prompt for each frame.
        """
        self.write_raw("\x1b7\x1b[K\x1b[B\x1b[J\x1b8")

    def send(self, sequence: str) -> None:
        """Write a sequence of our own, now."""
        self.write_raw(sequence)
        self.flush()

    def ready(self) -> bool:
        """Whether the terminal takes more at the moment."""
        return bool(select.select([], [self.fileno()], [], 0)[1])


class Tail(UIControl):
    """The lines above the prompt that may still change."""

    def __init__(self) -> None:
        self.rows: list[Line] = []

    def create_content(self, width: int, height: int | None) -> UIContent:
        del width, height
        rows = self.rows

        def row(index: int) -> StyleAndTextTuples:
            return list(rows[index])

        return UIContent(row, line_count=len(rows), show_cursor=False)


class Live(Application[int]):
    """prompt_toolkit's application, which erases what it drew when the size changes.

    `before_resize` is called first, while the cursor is where it was left.
    """

    before_resize: Callable[[], None] = staticmethod(lambda: None)

    def _on_resize(self) -> None:
        self.before_resize()
        super()._on_resize()


class Painter:
    """`chrome` is how many rows the prompt and all below it take."""

    def __init__(
        self,
        app: Live,
        output: FrameOutput,
        view: View,
        tail: Tail,
        chrome: Callable[[], int],
    ) -> None:
        self._app = app
        self._output = output
        self._view = view
        self._tail = tail
        self._chrome = chrome
        self._due: asyncio.TimerHandle | None = None
        self._painted = 0.0
        self._attrs: dict[str, Attrs] = {}
        self._look: Hashable = None
        self._paused = False
        self._size = output.get_size()
        self._reflows = reflows(os.environ)
        app.before_resize = self.climb
        app.before_render += lambda _: self._fit()

    def soon(self) -> None:
        """Something has changed: paint it with the next frame."""
        loop = self._app.loop
        if self._due is None and loop is not None and not self._paused:
            wait = self._painted + FRAME_S - loop.time()
            self._due = loop.call_later(max(wait, 0), self._frame)

    def at_once(self) -> None:
        """What the user waits for is there: do not wait for the next frame."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._painted = 0.0
        self.soon()

    def pause(self) -> None:
        """Somebody else has the terminal; what comes is shown after `resume`."""
        self._paused = True
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def resume(self) -> None:
        self._paused = False
        self.soon()

    def finish(self) -> None:
        """Print all that is final, now, whatever it takes."""
        while self._paint():
            pass

    def climb(self) -> None:
        """The window has another size: go up to where the drawn part begins now."""
        screen = self._app.renderer.last_rendered_screen
        if screen is None or not self._reflows:
            return
        cursor = screen.get_cursor_position(self._app.layout.current_window)
        widths = [_width(screen.data_buffer[y]) for y in range(cursor.y)]
        columns = self._output.get_size().columns
        more = rows_above(widths, cursor.x, columns) - cursor.y
        if more > 0:
            self._output.cursor_up(more)

    def redraw(self) -> None:
        """Begin a screen of its own; what was on it moves up into the scrollback."""
        self._output.holding = True
        self._app.renderer.erase()
        self._output.write_raw("\r\n" * (self._output.get_size().rows - 1))
        self._output.cursor_goto(0, 0)
        self._output.holding = False
        self._app.invalidate()

    def _frame(self) -> None:
        self._due = None
        loop = self._app.loop
        if loop is None or self._paused:
            return
        # A terminal that does not keep up gets fewer frames, and no less text.
        more = not self._output.ready() or self._paint()
        self._painted = loop.time()
        if more:
            self.soon()

    def _paint(self) -> bool:
        """Paint a frame; true if there is more to print."""
        size = self._output.get_size()
        self._view.resize(size.columns)
        room = max(size.rows - self._chrome(), 0)
        frame = self._view.frame(room)
        before = self._tail.rows
        self._tail.rows = self._rows(frame.tail, size.columns, room)
        if frame.settled or _must_be_whole(before, self._tail.rows):
            self._output.holding = True
            self._app.renderer.erase()
            self._print(frame.settled)
            self._output.holding = False
        self._app.invalidate()
        return frame.more

    def _rows(self, lines: list[Line], columns: int, room: int) -> list[Line]:
        rows = [row for line in lines for row in chopped(line, columns)]
        return rows[-room:] if room else []

    def _fit(self) -> None:
        """The window has another size: break the tail anew before it is drawn."""
        size = self._output.get_size()
        if size != self._size:
            self._size = size
            room = max(size.rows - self._chrome(), 0)
            self._tail.rows = self._rows(self._tail.rows, size.columns, room)
            self.soon()

    def _print(self, lines: list[Line]) -> None:
        output, depth = self._output, self._app.color_depth
        look = self._app.renderer.style.invalidation_hash()
        if look != self._look:
            self._look = look
            self._attrs.clear()
        for line in lines:
            for style, text in line:
                if style:
                    output.set_attributes(self._looks(style), depth)
                    output.write(text)
                    output.reset_attributes()
                else:
                    output.write(text)
            output.write_raw("\r\n")

    def _looks(self, style: str) -> Attrs:
        attrs = self._attrs.get(style)
        if attrs is None:
            attrs = self._app.renderer.style.get_attrs_for_style_str(style)
            self._attrs[style] = attrs
        return attrs


def _width(row: Mapping[int, Char]) -> int:
    """How many columns of a row were written."""
    return max((x + 1 for x, char in row.items() if char.char != " "), default=0)


def _must_be_whole(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether a change of the tail cannot be written cell by cell.

    It needs fewer rows, or nobody knows where in a row its cells are.
    """
    if len(after) < len(before):
        return True
    return before != after and any(is_unsure(row) for row in (*before, *after))
