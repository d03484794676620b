from __future__ import annotations

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.events import ApprovalRequested
from spark_cli.core.ids import CallId
from spark_cli.core.ops import Decide, DecideHunk
from spark_cli.repl.approve import FRESH_S, LATE_S, PAUSE_S, Approver
from spark_cli.repl.lines import plain

CALL = CallId("c")
QUESTION = ApprovalRequested(CALL, "run ls", Effect.RUN, "ls")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Asked:
    def __init__(self) -> None:
        self.ops: list[Decide | DecideHunk] = []
        self.clock = Clock()
        self.approver = Approver(self.ops.append, self.clock)
        self.approver.see(QUESTION)


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("y", Decide(CALL, accept=True)),
        ("YES", Decide(CALL, accept=True)),
        ("n", Decide(CALL, accept=False)),
        ("yes but later", Decide(CALL, accept=False, reason="yes but later")),
        ("no, use rg", Decide(CALL, accept=False, reason="no, use rg")),
        ("yes\nno", Decide(CALL, accept=False, reason="yes\nno")),
        ("name it pbt", Decide(CALL, accept=False, reason="name it pbt")),
    ],
)
def test_a_line_answers_a_question(text: str, op: Decide) -> None:
    asked = Asked()

    asked.approver.say(text)

    assert asked.ops == [op]


def test_an_empty_line_is_no_answer() -> None:
    asked = Asked()

    asked.approver.say("")

    assert asked.ops == []


@pytest.mark.parametrize("reason", ["", "y", "too slow"])
def test_after_no_any_line_is_the_reason(reason: str) -> None:
    asked = Asked()
    asked.approver.answer("n")

    asked.approver.say(reason)

    assert asked.ops == [Decide(CALL, accept=False, reason=reason)]


@pytest.mark.parametrize(
    ("draft", "pause_s"),
    [
        *((letter, PAUSE_S) for letter in "yYnN"),
        *((draft, None) for draft in ("", "x", "ye", "yes", " y")),
    ],
)
def test_only_a_letter_may_be_an_answer_without_enter(
    draft: str, pause_s: float | None
) -> None:
    asked = Asked()
    asked.clock.now = FRESH_S

    assert asked.approver.pause_s(draft) == pause_s


def test_a_letter_in_the_moment_the_question_appears_waits_longer() -> None:
    assert Asked().approver.pause_s("y") == LATE_S


@pytest.mark.parametrize(
    ("letter", "ops"),
    [("y", [Decide(CALL, accept=True)]), ("Y", [Decide(CALL, accept=True)]), ("N", [])],
)
def test_a_letter_accepts_or_asks_why(letter: str, ops: list[Decide]) -> None:
    asked = Asked()

    asked.approver.answer(letter)

    assert asked.ops == ops
    assert asked.approver.refusing is not bool(ops)
    assert asked.approver.pause_s("y") == (LATE_S if ops else None)


def test_the_next_question_starts_anew() -> None:
    asked = Asked()
    asked.clock.now = 9.0
    asked.approver.answer("n")

    asked.approver.see(ApprovalRequested(CallId("d"), "x", Effect.RUN, "x"))

    assert not asked.approver.refusing
    assert asked.approver.pause_s("y") == LATE_S


def test_without_a_question_nothing_is_decided() -> None:
    asked = Asked()
    asked.approver.see(None)

    asked.approver.decide(accept=True)

    assert (asked.ops, asked.approver.line()) == ([], [])
    assert asked.approver.pause_s("y") is None


def test_the_question_says_how_to_answer() -> None:
    asked = Asked()

    assert plain(asked.approver.line()).startswith("run this? yes, no, or")
    asked.approver.answer("n")
    assert plain(asked.approver.line()).startswith("why not?")
