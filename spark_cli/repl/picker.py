"""A small list below the input: arrows, letters to narrow it, Enter, Esc.

It has its own line to type in, so the draft above it is not touched.  `Listing` is the
list as a value; `Picker` puts it on the screen, in the place of the completion menu.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import ConditionalContainer, HSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl

from spark_cli.commands.command import Choice, Choices
from spark_cli.commands.matching import matching
from spark_cli.core.printable import printable_line
from spark_cli.repl.lines import Line, columns_of, cut

ROWS_MAX = 8
_FIND = "find: "


@dataclass(slots=True)
class Listing:
    """What is offered, what was typed to narrow it, and which row is chosen."""

    choices: Choices
    typed: str = ""
    at: int = 0
    found: list[Choice] = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.choices.at
        self.found = list(self.choices.rows)

    @property
    def chosen(self) -> Choice | None:
        return self.found[self.at] if self.found else None

    def narrow(self, typed: str) -> None:
        """Keep what fits; the best is chosen, or the usual one again."""
        self.typed = typed
        rows = self.choices.rows
        self.found = matching(typed, rows, lambda row: f"{row.name} {row.about}")
        self.at = 0 if typed.strip() else self.choices.at

    def move(self, by: int) -> None:
        """Go up or down; a single step goes around, a page stops at the ends."""
        count = len(self.found)
        if count and abs(by) == 1:
            self.at = (self.at + by) % count
        elif count:
            self.at = min(max(self.at + by, 0), count - 1)

    def lines(self, columns: int, most: int) -> list[Line]:
        """The rows around the chosen one, each cut to the width."""
        start = min(max(self.at - most // 2, 0), max(len(self.found) - most, 0))
        shown = self.found[start : start + most]
        names = [printable_line(one.name) for one in shown]
        width = max(map(columns_of, names), default=0)
        width = min(width, columns // 2)
        return [
            _row(one, width, columns, chosen=index == self.at)
            for index, one in enumerate(shown, start)
        ] or [[("class:quiet", "  nothing fits")]]

    def title(self, columns: int) -> Line:
        count = f" ({len(self.found):,})" if len(self.choices.rows) > ROWS_MAX else ""
        return [("class:question", cut(f"{self.choices.title}{count}", columns - 1))]


def _row(one: Choice, width: int, columns: int, *, chosen: bool) -> Line:
    name = cut(printable_line(one.name), width)
    padded = f"  {name}{' ' * (width - columns_of(name))}"
    about = cut(printable_line(one.about), columns - columns_of(padded) - 3)
    line: Line = [("class:chosen" if chosen else "", padded)]
    return [*line, ("class:quiet", f"  {about}")] if about else line


class Picker:
    def __init__(self, size: Callable[[], Size]) -> None:
        self._size = size
        self._chosen: Callable[[str], None] = _ignored
        self._listing: Listing | None = None
        self._buffer = Buffer(multiline=False, on_text_changed=self._narrowed)
        self._control = BufferControl(self._buffer, key_bindings=self._bindings())
        self._before: BufferControl | None = None
        window = Window(
            self._control,
            height=1,
            get_line_prefix=lambda *_: [("class:quiet", _FIND)],
        )
        text = FormattedTextControl(self._text)
        body = HSplit([Window(text, dont_extend_height=True), window])
        self.container = ConditionalContainer(
            body, filter=Condition(lambda: self.is_open)
        )

    @property
    def is_open(self) -> bool:
        return self._listing is not None

    @property
    def rows(self) -> int:
        """How many rows of the screen it takes."""
        if self._listing is None:
            return 0
        return min(max(len(self._listing.found), 1), self._most()) + 2

    def open(self, choices: Choices, chosen: Callable[[str], None]) -> None:
        """Show the list; keys go to it until a row is taken, or Esc.

        `chosen` is given the line of the row that was taken.
        """
        layout = get_app().layout
        if self._before is None:
            now = layout.current_control
            self._before = now if isinstance(now, BufferControl) else None
        self._listing, self._chosen = Listing(choices), chosen
        self._buffer.reset()
        layout.focus(self._control)

    def close(self) -> None:
        self._listing = None
        self._buffer.reset()
        if self._before is not None:
            get_app().layout.focus(self._before)
            self._before = None

    def _take(self) -> None:
        row = self._listing.chosen if self._listing is not None else None
        if row is not None:
            self.close()
            self._chosen(row.line)

    def _narrowed(self, buffer: Buffer) -> None:
        if self._listing is not None:
            self._listing.narrow(buffer.text)

    def _move(self, by: int) -> None:
        if self._listing is not None:
            self._listing.move(by)

    def _most(self) -> int:
        return min(ROWS_MAX, max(self._size().rows // 3, 3))

    def _text(self) -> StyleAndTextTuples:
        if self._listing is None:
            return []
        columns = self._size().columns
        text: StyleAndTextTuples = list(self._listing.title(columns))
        for line in self._listing.lines(columns, self._most()):
            text.extend([("", "\n"), *line])
        return text

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        page = ROWS_MAX - 1
        does: dict[str, Callable[[], None]] = {
            **dict.fromkeys(("up", "c-p", "s-tab"), lambda: self._move(-1)),
            **dict.fromkeys(("down", "c-n", "tab"), lambda: self._move(1)),
            "pageup": lambda: self._move(-page),
            "pagedown": lambda: self._move(page),
            "enter": self._take,
            **dict.fromkeys(("escape", "c-c", "c-d", "c-g"), self.close),
        }
        for key, act in does.items():
            _bind(bindings, key, act)
        return bindings


def _ignored(line: str) -> None:
    del line


def _bind(bindings: KeyBindings, key: str, act: Callable[[], None]) -> None:
    # Eager: an Esc is no beginning of an Alt here, so nothing is waited for.
    @bindings.add(key, eager=True)
    def _(event: KeyPressEvent) -> None:
        del event
        act()
