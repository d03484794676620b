"""What Tab offers: commands and the values that they take, and files after an `@`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from spark_cli.commands.registry import COMMANDS
from spark_cli.core.effects import Approval
from spark_cli.core.printable import printable_line
from spark_cli.repl.files import Files
from spark_cli.repl.mentions import spelled, word_at
from spark_cli.repl.rank import Names, Ranked, ranked

NAME_COLUMNS = 70

_VALUES = {
    name: [mode.value for mode in Approval]
    for name in ("approval", "permissions", "approvals")
}


class LineCompleter(Completer):
    """Files where a word begins with `@`, and else what a command can be."""

    def __init__(self, files: Files) -> None:
        self._commands = SlashCompleter()
        self._files = FileCompleter(files)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        return self._commands.get_completions(document, complete_event)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        if word_at(document) is None:
            for one in self._commands.get_completions(document, complete_event):
                yield one
            return
        async for one in self._files.get_completions_async(document, complete_event):
            yield one


class FileCompleter(Completer):
    """Looks at every name on the event loop, in slices: a key waits for one at most."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._among = Names()
        self._narrowed: tuple[str, Names] | None = None

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        del document, complete_event
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        del complete_event
        word = word_at(document)
        if word is None:
            return
        at = document.current_line_before_cursor.rfind("@")
        start = at - len(document.current_line_before_cursor)
        for name in await self._ranked(word):
            yield Completion(
                spelled(name), start_position=start, display=_displayed(name)
            )

    async def _ranked(self, word: str) -> list[str]:
        look = ranked(word, self._narrow(word, await self._files.names()))
        while True:
            try:
                next(look)
            except StopIteration as end:
                found: Ranked = end.value
                if found.every is not None:
                    self._narrowed = word, found.every
                return found.best
            await asyncio.sleep(0)

    def _narrow(self, word: str, names: Names) -> Names:
        """Look only among what fitted the beginning of the word, where that is known.

        A `/` changes what is asked of a name.
        """
        if names is not self._among:
            self._among, self._narrowed = names, None
        if self._narrowed is None:
            return names
        before, few = self._narrowed
        same = ("/" in before) == ("/" in word)
        return few if before and word.startswith(before) and same else names


class SlashCompleter(Completer):
    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        del complete_event
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, space, argument = text[1:].partition(" ")
        if space:
            yield from _values(name, argument)
            return
        for command in COMMANDS:
            if command.name.startswith(name.lower()):
                yield Completion(
                    f"/{command.name}",
                    start_position=-len(text),
                    display=command.usage,
                    display_meta=command.summary,
                )


def _values(name: str, argument: str) -> Iterable[Completion]:
    for value in _VALUES.get(name.lower(), ()):
        if value.startswith(argument):
            yield Completion(value, start_position=-len(argument))


def _displayed(name: str) -> str:
    """The end of a long name says more than its beginning."""
    name = printable_line(name)
    return name if len(name) <= NAME_COLUMNS else f"…{name[1 - NAME_COLUMNS :]}"
