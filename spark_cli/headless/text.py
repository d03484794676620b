"""The text face: what the model says to stdout as it streams, the rest to stderr."""

from __future__ import annotations

from typing import TextIO

from spark_cli.core.events import (
    CheckpointMade,
    Event,
    ItemCompleted,
    Level,
    Notice,
    TextDelta,
    ToolStarted,
)
from spark_cli.core.ids import ItemId
from spark_cli.core.items import AgentMessage, Item, ToolOutput
from spark_cli.core.printable import printable, printable_line
from spark_cli.headless.run import Result


class Text:
    """Hand every event to `show`.

    `quiet` prints only the last message, when it is whole, and of the rest only
    warnings: what a script wants to put into a variable.

    Errors are not printed here: they are in the run's result.  `raw` lets control
    characters of the model's text through to stdout.
    """

    def __init__(
        self, out: TextIO, err: TextIO, *, quiet: bool = False, raw: bool = False
    ) -> None:
        self._out = out
        self._err = err
        self._quiet = quiet
        self._raw = raw
        self._speaking: ItemId | None = None
        self._said: set[ItemId] = set()
        self._line_open = False
        self._last: AgentMessage | None = None

    def show(self, event: Event) -> None:
        match event:
            case TextDelta(item, text):
                if not self._quiet:
                    self._say(item, text)
            case ItemCompleted(item):
                self._complete(item)
            case ToolStarted(summary=summary):
                self._tell(summary)
            case CheckpointMade():
                self._tell(changed(event))
            case Notice(Level.WARNING | Level.INFO as level, text, hint):
                self._warn(level, text, hint)
            case _:
                pass

    def end(self, _: Result, /) -> None:
        """Leave the cursor on a new line; what went wrong is told by the caller."""
        if self._quiet and self._last is not None:
            self._finish(self._last)
        self._end_line()

    def _complete(self, item: Item) -> None:
        match item:
            case AgentMessage():
                self._last = item
                if not self._quiet:
                    self._finish(item)
            case ToolOutput(ok=False, text=text):
                self._tell(text.partition("\n")[0])
            case _:
                pass

    def _finish(self, message: AgentMessage) -> None:
        if message.id not in self._said and message.text:
            self._say(message.id, message.text)
        self._end_line()
        self._speaking = None

    def _say(self, item: ItemId, text: str) -> None:
        if self._speaking != item:
            self._end_line()
            if self._said:
                self._out.write("\n")
            self._speaking = item
            self._said.add(item)
        shown = text if self._raw else printable(text)
        self._out.write(shown)
        self._out.flush()
        self._line_open = not shown.endswith("\n")

    def _end_line(self) -> None:
        if self._line_open:
            self._out.write("\n")
            self._out.flush()
            self._line_open = False

    def _tell(self, text: str) -> None:
        if not self._quiet:
            self._print(f"- {printable_line(text)}")

    def _warn(self, level: Level, text: str, hint: str) -> None:
        if level is Level.WARNING:
            aside = f" ({printable_line(hint)})" if hint else ""
            self._print(f"warning: {printable_line(text)}{aside}")
        else:
            self._tell(text)

    def _print(self, line: str) -> None:
        """One line on stderr; where both streams are one terminal, on its own line."""
        if self._line_open and self._out.isatty():
            self._end_line()
        self._err.write(f"{line}\n")
        self._err.flush()


def changed(made: CheckpointMade) -> str:
    """What a checkpoint changed, in a line."""
    count = len(made.files)
    files = ", ".join(made.files[:3]) + (", ..." if count > 3 else "")
    noun = "file" if count == 1 else "files"
    return f"changed {count} {noun} (+{made.added} -{made.removed}): {files}"
