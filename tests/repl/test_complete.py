from __future__ import annotations

import asyncio

import pytest
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.document import Document

from spark_cli.commands import custom
from spark_cli.repl.complete import NAME_COLUMNS, LineCompleter, SlashCompleter
from spark_cli.repl.files import Files

TREE = ["lib/parser.py", "lib/parse it.py", "README.md", "x" * 100 + "/end.py"]


def completer(looked: list[int] | None = None) -> LineCompleter:
    def listed() -> list[str]:
        if looked is not None:
            looked.append(1)
        return TREE

    return LineCompleter(Files(listed, lambda: 0.0, asyncio.create_task), list)


async def offered(made: Completer, text: str) -> list[tuple[str, int]]:
    found = made.get_completions_async(Document(text), CompleteEvent())
    return [(one.text, one.start_position) async for one in found]


@pytest.mark.parametrize(
    ("text", "names"),
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
async def test_commands_and_their_values_are_offered(
    text: str, names: list[str]
) -> None:
    found = SlashCompleter().get_completions(Document(text), CompleteEvent())

    assert [one.text for one in found] == names
    assert [name for name, _ in await offered(completer(), text)] == names


def test_commands_of_files_are_offered_with_where_they_come_from() -> None:
    mine = custom.command("db:migrate", "Migrate\x1b[2J $1", "~/db/migrate.md")
    completer = SlashCompleter(lambda: [mine])

    [found] = completer.get_completions(Document("/migr"), CompleteEvent())

    assert (found.text, found.display_meta_text) == (
        "/db:migrate",
        "Migrate\u241b[2J $1 (~/db/migrate.md)",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("see @parser", [("@lib/parser.py", -7)]),
        ("@readme", [("@README.md", -7)]),
        ('why @"parse i', [('@"lib/parse it.py"', -9)]),
        ("/btw @readme", [("@README.md", -7)]),
        ("me@readme", []),
        ("@zzz", []),
    ],
)
async def test_files_are_offered_after_an_at(
    text: str, names: list[tuple[str, int]]
) -> None:
    assert await offered(completer(), text) == names


async def test_a_word_that_goes_on_is_looked_for_among_what_fitted() -> None:
    made = completer()
    for word in ["@p", "@pa", "@par", "@parser", "@pa", "@lib/pa"]:
        whole = await offered(completer(), word)
        assert await offered(made, word) == whole


async def test_nothing_is_listed_where_no_name_is_typed() -> None:
    looked: list[int] = []
    made = completer(looked)

    await offered(made, "/st")
    assert looked == []
    await offered(made, "@")
    assert looked == [1]


async def test_of_a_long_name_the_end_is_shown() -> None:
    found = completer().get_completions_async(Document("@end"), CompleteEvent())

    (display,) = [one.display_text async for one in found]
    assert (display[0], display[-7:], len(display)) == ("…", "/end.py", NAME_COLUMNS)
