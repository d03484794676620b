from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Problem,
    Rows,
    Text,
)
from spark_cli.commands.lookups import Lookups, Model, Offer
from spark_cli.core.effects import Approval
from spark_cli.core.events import ItemCompleted
from spark_cli.core.ids import ItemId
from spark_cli.core.items import Reasoning
from spark_cli.core.ops import Configure
from tests.commands.desks import comes_to, desk, looked_up, refused

THOUGHT = ItemCompleted(Reasoning(ItemId("r"), encrypted="xyz"))


def told(line: str, tokens: int = 1_000) -> dict[str, str]:
    """What is said of a switch."""
    shown = comes_to(line, replace(desk(None, THOUGHT), context_tokens=tokens)).shown
    assert isinstance(shown, Rows)
    return dict(shown.rows)


def test_a_model_is_switched_to_and_what_changes_is_said() -> None:
    assert comes_to("/MODEL small_2 ").ops == (Configure(model="small_2"),)
    assert told("/model small_2") == {
        "context": "200,000 -> 32,000 tokens",
        "conversation": "kept, about 1,000 tokens",
        "edits": "come as JSON: it takes no free text",
        "thoughts": "those of big-1 are dropped if its server refuses them",
    }


def test_a_conversation_that_does_not_fit_is_warned_of_and_not_cut() -> None:
    assert "nothing is cut" in told("/model small_2", 40_000)["too long"]
    assert "too long" not in told("/model small_2", 32_000)


def test_a_model_that_nobody_knows_is_said_to_be_a_guess() -> None:
    assert told("/model new-3")["context"] == (
        "200,000 -> 128,000 tokens, a guess: it is not known"
    )


def test_another_provider_is_named_after_the_model() -> None:
    switched = comes_to("/model big-1 ollama")

    assert switched.ops == (Configure(model="big-1", provider="ollama"),)
    assert told("/model big-1 ollama")["provider"] == "local -> ollama, chat"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "/model a ollma",
            Problem("there is no provider `ollma`", "did you mean `/model a ollama`?"),
        ),
        (
            "/model a b c",
            Problem(
                "a model's name has no blanks: `a b c`", "/model [NAME [PROVIDER]]"
            ),
        ),
    ],
)
def test_what_cannot_be_switched_to_is_told(line: str, problem: Problem) -> None:
    assert refused(line) == problem


def test_the_model_that_is_there_already_is_not_made_anew() -> None:
    assert comes_to("/model big-1") == Answer(shown=Text("It is that one already."))


def test_the_models_are_offered_with_what_is_known_of_them() -> None:
    models = [Model("small_2", 32_000, "tests"), Model("big-1", 200_000)]
    at = desk(Lookups(models=lambda: Offer(models)))

    assert looked_up("/model", replace(at, speeds={"small_2": 1143.2})) == Choices(
        "which model? the conversation is kept",
        [
            Choice("big-1", "now, 200k", "/model big-1"),
            Choice("small_2", "1,143 tok/s, 32k, tests", "/model small_2"),
        ],
    )


def test_an_endpoint_that_does_not_answer_is_said_above_the_list() -> None:
    shown = looked_up("/model", desk(Lookups(models=lambda: Offer((), "no answer"))))

    assert isinstance(shown, Choices)
    assert shown.above == Problem("no answer")
    assert [row.name for row in shown.rows] == ["big-1"]


def test_the_modes_are_offered_with_the_present_one_chosen() -> None:
    shown = comes_to("/approval", replace(desk(), approval=Approval.AUTO_EDIT)).shown

    assert isinstance(shown, Choices)
    assert [row.line for row in shown.rows] == [
        f"/approval {mode.value}" for mode in Approval
    ]
    assert shown.rows[shown.at].about.startswith("now, ")


@pytest.mark.parametrize(("effort", "at"), [("", "default"), ("high", "high")])
def test_the_efforts_are_offered_with_the_present_one_chosen(
    effort: str, at: str
) -> None:
    shown = comes_to("/effort", replace(desk(), effort=effort)).shown

    assert isinstance(shown, Choices)
    assert shown.rows[shown.at].name == at
