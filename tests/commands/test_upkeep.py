from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.commands.command import Choice, Choices, Dress, Problem, Rows, Text
from spark_cli.commands.lookups import Fixed, Lookups
from spark_cli.core.events import Event, ItemCompleted
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import Reasoning, ToolCall
from tests.commands.desks import comes_to, desk, looked_up, refused, user

CALL = ItemCompleted(ToolCall(ItemId("t"), CallId("c"), "shell", "x" * 40))
THOUGHT: Event = ItemCompleted(Reasoning(ItemId("r"), ("y" * 20,), "z" * 20))


def test_the_settings_are_shown_as_they_can_be_pasted() -> None:
    assert looked_up("/config", desk(Lookups(config=lambda: 'model = "x"\n'))) == Text(
        '```toml\nmodel = "x"\n```'
    )


def test_the_checks_are_rows() -> None:
    rows = [("ok git", "/usr/bin/git")]

    assert looked_up("/doctor", desk(Lookups(doctor=lambda: rows))) == Rows(rows)


@pytest.mark.parametrize(
    ("counted", "last"),
    [
        (0, [("window", "200,000 tokens, 100 % left")]),
        (
            50_000,
            [
                ("in use", "50,000 tokens, as they were counted last"),
                ("window", "200,000 tokens, 75 % left"),
            ],
        ),
    ],
)
def test_the_window_is_told_by_what_fills_it(
    counted: int, last: list[tuple[str, str]]
) -> None:
    look = Lookups(fixed=lambda: Fixed(400, 80, 2, ("AGENTS.md",)))
    at = desk(look, user(1, "a" * 8), user(2, "b" * 8, "c" * 78), CALL, THOUGHT)

    assert looked_up("/context", replace(at, context_tokens=counted)) == Rows(
        [
            ("instructions", "~100 tokens with AGENTS.md"),
            ("tools", "~20 tokens for 2"),
            ("your words", "~44 tokens in 2"),
            ("thoughts", "~10 tokens in 1"),
            ("tool calls", "~20 tokens in 1"),
            ("", ""),
            ("all", "~194 tokens, estimated"),
            *last,
        ]
    )


def test_keys_are_those_of_the_face() -> None:
    assert comes_to("/keys").shown == Rows([("Esc", "stop")])


def test_a_theme_is_chosen_among_those_of_the_face() -> None:
    at = replace(desk(), themes=[("light", "for paper"), ("dark", "for nights")])

    assert comes_to("/theme", at).shown == Choices(
        "which colors?",
        [
            Choice("light", "for paper", "/theme light"),
            Choice("dark", "for nights", "/theme dark"),
        ],
    )
    assert comes_to("/theme dark", at).wish == Dress("dark")
    assert refused("/theme drak", at) == Problem(
        "there is no theme `drak`", "did you mean `/theme dark`?"
    )
    assert "nothing to choose" in refused("/theme dark").message
