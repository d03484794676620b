from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from spark_cli.repl.complete import SlashCompleter


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("/st", ["/status"]),
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
