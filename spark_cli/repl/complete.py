"""What Tab offers: commands and the values that they take, and files after an `@`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from spark_cli.commands.command import Command
from spark_cli.commands.registry import completions, described, values
from spark_cli.core.printable import printable_line
from spark_cli.repl.files import Files
from spark_cli.repl.mentions import spelled, word_at
from spark_cli.repl.rank import Names, Ranked, ranked

NAME_COLUMNS = 70


class LineCompleter(Completer):
    """Files where a word begins with `@`, and else what a command can be."""

    def __init__(self, files: Files, custom: Callable[[], Sequence[Command]]) -> None:
        self._commands = SlashCompleter(custom)
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
    """`custom` are the commands that files make, at the moment."""

    def __init__(self, custom: Callable[[], Sequence[Command]] = tuple) -> None:
        self._custom = custom

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        del complete_event
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, space, argument = text[1:].partition(" ")
        if space:
            for value in values(name, argument):
                yield Completion(value, start_position=-len(argument))
            return
        for found, command in completions(name, self._custom()):
            usage = f"/{found} {command.argument}".rstrip()
            yield Completion(
                f"/{found}",
                start_position=-len(text),
                display=printable_line(usage),
                display_meta=printable_line(described(command)),
            )


def _displayed(name: str) -> str:
    """The end of a long name says more than its beginning."""
    name = printable_line(name)
    return name if len(name) <= NAME_COLUMNS else f"…{name[1 - NAME_COLUMNS :]}"
