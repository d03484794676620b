"""What Tab offers: the names of commands, and the values that they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from spark_cli.commands.command import Command
from spark_cli.commands.registry import completions, described, values
from spark_cli.core.printable import printable_line


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
