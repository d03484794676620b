"""What Tab offers: the names of commands, and the values that they take."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from spark_cli.commands.registry import COMMANDS
from spark_cli.core.effects import Approval

_VALUES = {
    name: [mode.value for mode in Approval]
    for name in ("approval", "permissions", "approvals")
}


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
