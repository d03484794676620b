from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from spark_cli.commands.command import Answer, Choice, Choices, Desk, Problem, Rows
from spark_cli.commands.lookups import Change, Lookups
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.ops import Prompt, Rewind, Undo
from tests.commands.desks import (
    agent,
    comes_to,
    desk,
    looked_up,
    made,
    refused,
    user,
)

BUSY = Problem("a turn is running", "stop it with Esc first")


def change(name: str, *, standing: bool = True) -> Change:
    told = (CheckpointId(name), "3 min", 2, 1, "patch", (f"{name}.py",))
    return Change(*told, standing=standing)


C1, C2 = change("c1"), change("c2")


def spoken(changes: Sequence[Change] = (C1, C2)) -> Desk:
    """Two messages; a file was changed after each."""
    first = (user(1, "add a\nparser"), made("c1"), agent(1, "done"))
    second = (user(2, "test it"), made("c2"), agent(2, "done too"))
    return desk(Lookups(changes=lambda: changes), *first, *second)


def test_the_newest_message_is_the_first_to_go_back_to() -> None:
    assert comes_to("/rewind", spoken()).shown == Choices(
        "go back to before which message?",
        [
            Choice("2", "test it", "/rewind 2"),
            Choice("1", "add a parser", "/rewind 1"),
        ],
    )


def test_what_would_change_is_shown_before_it_is_taken_back() -> None:
    shown = looked_up("/rewind 1", spoken())

    assert isinstance(shown, Choices)
    assert shown.above == Rows(
        [
            ("since then", ""),
            ("+2 -1", "3 min  patch: c1.py"),
            ("+2 -1", "3 min  patch: c2.py"),
        ]
    )
    assert [row.line for row in shown.rows] == [
        "/rewind 1 conversation",
        "/rewind 1 files",
        "/rewind 1 both",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "comes"),
    [
        (
            "/rewind 1 conversation",
            Answer(steps=(Rewind(ItemId("u1")),), draft="add a\nparser"),
        ),
        ("/rewind 1 files", Answer(ops=(Undo(CheckpointId("c1"), onward=True),))),
        (
            "/rewind 2 both",
            Answer(steps=(Rewind(ItemId("u2"), CheckpointId("c2")),), draft="test it"),
        ),
        ("/retry keep", Answer(steps=(Rewind(ItemId("u2")), Prompt("test it")))),
        (
            "/retry undo",
            Answer(steps=(Rewind(ItemId("u2"), CheckpointId("c2")), Prompt("test it"))),
        ),
    ],
)
def test_a_part_that_was_named_is_taken_back(line: str, comes: Answer) -> None:
    assert looked_up(line, spoken()) == comes


@pytest.mark.parametrize("changes", [(), (change("c1", standing=False),)])
def test_where_no_change_stands_the_conversation_alone_is_meant(
    changes: Sequence[Change],
) -> None:
    at = spoken(changes)

    assert looked_up("/rewind 1", at) == Answer(
        steps=(Rewind(ItemId("u1")),), draft="add a\nparser"
    )
    assert looked_up("/retry", at) == Answer(
        steps=(Rewind(ItemId("u2")), Prompt("test it"))
    )
    assert looked_up("/rewind 1 files", at) == Answer(
        shown=Problem("no file was changed since that message")
    )


def test_a_retry_shows_the_model_again_what_the_words_name() -> None:
    at = desk(None, user(1, "see @a.py", "<file>"))

    assert looked_up("/retry", at) == Answer(
        steps=(Rewind(ItemId("u1")), Prompt("see @a.py", ("<file>",)))
    )


def test_a_retry_asks_what_becomes_of_the_changes_and_keeps_them_by_default() -> None:
    shown = looked_up("/retry", spoken())

    assert isinstance(shown, Choices)
    assert [row.line for row in shown.rows] == ["/retry keep", "/retry undo", ""]
    assert shown.above == Rows([("since then", ""), ("+2 -1", "3 min  patch: c2.py")])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/rewind 3", "there is no message `3`"),
        ("/rewind 0", "there is no message `0`"),
        ("/rewind x", "there is no message `x`"),
        (
            "/rewind 1 all",
            "`/rewind` takes back `conversation`, `files` or `both`, not `all`",
        ),
        ("/retry all", "`/retry` takes `keep` or `undo`, not `all`"),
    ],
)
def test_what_cannot_be_gone_back_to_is_told(line: str, message: str) -> None:
    assert refused(line, spoken()).message == message


@pytest.mark.parametrize("line", ["/rewind", "/rewind 1", "/retry"])
def test_before_the_first_word_there_is_nothing_to_go_back_to(line: str) -> None:
    assert refused(line) == Problem("nothing was said yet")


@pytest.mark.parametrize(
    "line",
    [
        "/rewind",
        "/retry",
        "/continue",
        "/ask x",
        "/btw x",
        "/init",
        "/fork",
        "/resume x",
    ],
)
def test_while_a_turn_runs_the_conversation_is_left_alone(line: str) -> None:
    assert refused(line, replace(spoken(), running=True)) == BUSY


def test_init_is_a_prompt_like_any_other() -> None:
    [op] = comes_to("/init mention the linter").ops

    assert isinstance(op, Prompt)
    assert "`AGENTS.md`" in op.text
    assert op.text.endswith("\n\nmention the linter")
