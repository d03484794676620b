"""The live part of the screen: a tail, a question, the draft, a menu, a status line.

It is a prompt_toolkit application that is not full-screen: no alternate screen, no
mouse, no cursor position requests (their answers arrive among the keys), and no
timers, so that an idle session costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition, Filter, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    HSplit,
    Layout,
    VerticalAlign,
    Window,
)
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.widgets import SearchToolbar

from spark_cli.repl import keys, motions
from spark_cli.repl.composer import Composer, Labels
from spark_cli.repl.keys import Intent, Situation
from spark_cli.repl.lines import Line, columns_of, cut
from spark_cli.repl.paint import FrameOutput, Live, Tail
from spark_cli.repl.picker import Picker
from spark_cli.repl.theme import Palette

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.input import Input

MENU_ROWS = 8

ESCAPE_S = 0.015
"""How long an Esc may be the beginning of another key's sequence.

prompt_toolkit waits half a second.  A terminal sends a sequence in one piece; over a
bad line one that is torn for longer than this is taken for an Esc.
"""


@dataclass(frozen=True, slots=True)
class Face:
    """What the screen asks while it draws, and whom it tells what a key meant."""

    situation: Callable[[], Situation]
    perform: Callable[[Intent], None]
    question: Callable[[], list[Line]]
    toolbar: Callable[[int], Line]
    picker: Picker


def application(
    face: Face,
    composer: Composer,
    tail: Tail,
    output: FrameOutput,
    palette: Palette,
    source: Input,
) -> Live:
    search = SearchToolbar(backward_search_prompt="search: ")
    control = BufferControl(
        composer.buffer,
        input_processors=[Labels(composer)],
        search_buffer_control=search.control,
        preview_search=True,
    )

    def draft_rows() -> Dimension:
        size = output.get_size()
        return Dimension(min=1, max=most_rows(size.rows))

    def toolbar() -> StyleAndTextTuples:
        return list(face.toolbar(output.get_size().columns))

    body = HSplit(
        [
            Window(tail, height=lambda: Dimension.exact(len(tail.rows))),
            Window(height=1),
            _shown_if(lambda: bool(face.question()), lambda: _rows(face.question())),
            Window(
                control,
                height=draft_rows,
                wrap_lines=True,
                dont_extend_height=True,
                get_line_prefix=_prefix,
            ),
            search,
            _shown_if(
                lambda: menu_rows(composer) > 0,
                lambda: _menu(composer, output.get_size().columns),
            ),
            face.picker.container,
            Window(FormattedTextControl(toolbar), height=1),
        ],
        align=VerticalAlign.TOP,
    )
    app = Live(
        layout=Layout(body, focused_element=control),
        key_bindings=_bindings(face, composer),
        style=palette.style,
        include_default_pygments_style=False,
        color_depth=palette.depth,
        erase_when_done=True,
        max_render_postpone_time=None,
        terminal_size_polling_interval=None,
        output=output,
        input=source,
    )
    app.ttimeoutlen = ESCAPE_S
    app.timeoutlen = 0.0
    return app


def most_rows(rows: int) -> int:
    """How many rows the draft may take on a screen of so many."""
    return max(rows // 3, 3)


def menu_rows(composer: Composer) -> int:
    return min(len(composer.menu), MENU_ROWS)


def _shown_if(
    condition: Callable[[], bool], text: Callable[[], StyleAndTextTuples]
) -> ConditionalContainer:
    window = Window(
        FormattedTextControl(text), dont_extend_height=True, wrap_lines=True
    )
    return ConditionalContainer(window, filter=Condition(condition))


def _rows(lines: list[Line]) -> StyleAndTextTuples:
    text: StyleAndTextTuples = []
    for line in lines:
        text.extend([("", "\n"), *line] if text else line)
    return text


def _prefix(number: int, wraps: int) -> StyleAndTextTuples:
    first = number == 0 and wraps == 0
    return [("class:prompt", "> ")] if first else [("", "  ")]


def _menu(composer: Composer, columns: int) -> StyleAndTextTuples:
    """The completions around the chosen one, each cut to a row."""
    chosen = composer.chosen
    start = max(0, (chosen or 0) - MENU_ROWS + 1)
    shown = composer.menu[start : start + MENU_ROWS]
    width = max((columns_of(one.display_text) for one in shown), default=0)
    width = min(width, columns // 2)
    text: StyleAndTextTuples = []
    for index, one in enumerate(shown, start):
        style = "class:chosen" if index == chosen else ""
        end = "\n" if index < start + len(shown) - 1 else ""
        name = cut(one.display_text, width)
        name += " " * (width - columns_of(name))
        about = cut(one.display_meta_text, columns - width - 5)
        text.append((style, f"  {name}"))
        text.append(("class:quiet", f"  {about}{end}"))
    return text


def _bindings(face: Face, composer: Composer) -> KeyBindings:
    """The table of keys, given to prompt_toolkit: one binding for each sequence."""
    bindings = KeyBindings()
    drafting = has_focus(composer.buffer)
    for sequence in keys.sequences():
        _bind(bindings, sequence, face, drafting)

    @bindings.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        del event
        _act(("c-c",), face)

    @bindings.add(Keys.BracketedPaste, filter=drafting)
    def _(event: KeyPressEvent) -> None:
        composer.paste(event.data)

    motions.bind(bindings, drafting)
    return bindings


def _bind(
    bindings: KeyBindings, sequence: tuple[str, ...], face: Face, drafting: Filter
) -> None:
    meant = Condition(lambda: keys.decide(sequence, face.situation()) is not None)

    @bindings.add(*sequence, filter=drafting & meant)
    def _(event: KeyPressEvent) -> None:
        del event
        _act(sequence, face)


def _act(sequence: tuple[str, ...], face: Face) -> None:
    intent = keys.decide(sequence, face.situation())
    if intent is not None:
        face.perform(intent)
