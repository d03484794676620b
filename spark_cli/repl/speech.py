"""One text of the model as it streams, from raw deltas to settled lines."""

from __future__ import annotations

from spark_cli.core.ids import ItemId
from spark_cli.core.printable import printable
from spark_cli.repl.lines import Line
from spark_cli.repl.markdown import Markdown


class Speech:
    """`finish` is given the whole text, and is right where a delta was missed."""

    def __init__(self, item: ItemId, columns: int, said: str = "") -> None:
        self.item = item
        self._markdown = Markdown(columns)
        self._raw = [said] if said else []
        self._return = ""

    @property
    def said(self) -> str:
        """All that came in deltas, as it came."""
        return "".join(self._raw)

    def resize(self, columns: int) -> None:
        self._markdown.resize(columns)

    def feed(self, text: str) -> None:
        self._raw.append(text)
        text = self._return + text
        # A `\r\n` may be torn between two deltas.
        self._return = "\r" if text.endswith("\r") else ""
        self._markdown.feed(printable(text.removesuffix("\r")))

    def settled(self) -> list[Line]:
        return self._markdown.settled()

    def tail(self, rows: int) -> list[Line]:
        return self._markdown.tail(rows)

    def pause(self) -> list[Line]:
        """Something else is going to be shown: the lines that are left."""
        return self._markdown.close()

    def finish(self, text: str) -> list[Line]:
        said = self.said
        if text.startswith(said):
            self.feed(text[len(said) :])
            return self._markdown.close()
        # The server has changed its mind; what is printed stays, so say it anew.
        lines = self._markdown.close()
        again = Speech(self.item, self._markdown.columns)
        again.feed(text)
        return [*lines, [], [("class:quiet", "(revised:)")], *again.pause()]
