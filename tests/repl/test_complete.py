from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from spark_cli.commands import custom
from spark_cli.repl.complete import SlashCompleter


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("/st", ["/status", "/settings"]),
        ("/perm", ["/permissions"]),
        ("/ctx", ["/context"]),
        ("/effort hi", ["high"]),
        ("/help rew", ["rewind"]),
        ("/approval a", ["ask", "auto-edit"]),
        ("/approval full-a", ["full-auto"]),
        ("/nope ", []),
        ("hello /st", []),
        ("/st\n", []),
        ("", []),
    ],
)
def test_commands_and_their_values_are_offered(text: str, offered: list[str]) -> None:
    found = SlashCompleter().get_completions(Document(text), CompleteEvent())

    assert [one.text for one in found] == offered


def test_commands_of_files_are_offered_with_where_they_come_from() -> None:
    mine = custom.command("db:migrate", "Migrate\x1b[2J $1", "~/db/migrate.md")
    assert mine is not None
    completer = SlashCompleter(lambda: [mine])

    [found] = completer.get_completions(Document("/migr"), CompleteEvent())

    assert (found.text, found.display_meta_text) == (
        "/db:migrate",
        "Migrate\u241b[2J $1 (~/db/migrate.md)",
    )
