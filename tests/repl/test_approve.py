from __future__ import annotations

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.events import ApprovalRequested, HunksOffered
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.ops import Decide, DecideHunk
from spark_cli.repl.approve import FRESH_S, LATE_S, PAUSE_S, Approver, Question
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


HUNKS = (
    ProposedHunk("h1", "a.py", 3),
    ProposedHunk("h2", "a.py", 9, hot="touches SQL"),
    ProposedHunk("h3", "b.py", 1),
)
PATCH = ApprovalRequested(CALL, "patch a.py, b.py", Effect.EDIT, "diff", HUNKS)
ITEM = ItemId("i")


class Reviewed(Asked):
    def __init__(self, question: Question | None = PATCH) -> None:
        super().__init__()
        self.approver.see(question)


@pytest.mark.parametrize(
    ("letters", "op"),
    [
        ("yYy", Decide(CALL, accept=True)),
        ("yq", Decide(CALL, accept=True, hunks=("h1",))),
        ("q", Decide(CALL, accept=False)),
        ("AY", Decide(CALL, accept=True)),
    ],
)
def test_a_patch_is_answered_hunk_by_hunk_and_at_once(letters: str, op: Decide) -> None:
    asked = Reviewed()

    for letter in letters:
        asked.approver.answer(letter)

    assert asked.ops == [op]


def test_a_refused_hunk_takes_the_words_that_follow() -> None:
    asked = Reviewed()
    asked.approver.answer("n")
    assert "h1 is refused: say why" in plain(asked.approver.line())

    asked.approver.say("keep the name")
    for letter in "Yy":
        asked.approver.answer(letter)

    assert asked.ops == [
        Decide(CALL, accept=True, reason="keep the name", hunks=("h2", "h3"))
    ]


def test_the_last_refusal_waits_for_its_reason() -> None:
    asked = Reviewed()
    for letter in "yYn":
        asked.approver.answer(letter)
    assert (asked.ops, asked.approver.refusing) == ([], True)

    asked.approver.say("")

    assert asked.ops == [Decide(CALL, accept=True, hunks=("h1", "h2"))]


def test_esc_takes_a_refusal_back() -> None:
    asked = Reviewed()
    for letter in "yYn":
        asked.approver.answer(letter)

    asked.approver.reconsider()

    assert not asked.approver.refusing
    assert plain(asked.approver.line()).startswith("h3: b.py:1?")


def test_words_refuse_what_is_left() -> None:
    asked = Reviewed()
    asked.approver.answer("y")

    asked.approver.say("the other way")

    assert asked.ops == [
        Decide(CALL, accept=True, reason="the other way", hunks=("h1",))
    ]


@pytest.mark.parametrize(("word", "left"), [("yes", "h2"), ("no", "")])
def test_a_word_is_about_all_hunks(word: str, left: str) -> None:
    asked = Reviewed()

    asked.approver.say(word)

    assert [one.accept for one in asked.ops] == ([] if left else [False])
    assert not left or plain(asked.approver.line()).startswith(f"{left}: a.py")


def test_hunks_are_decided_while_they_form() -> None:
    asked = Reviewed(None)
    asked.approver.see(None, ITEM, HUNKS[:1])
    assert asked.approver.pause_s("y") == LATE_S

    asked.approver.answer("y")
    asked.approver.see(None, ITEM, HUNKS)
    asked.approver.answer("n")
    assert asked.approver.asks
    asked.approver.say("use a parameter")
    asked.approver.answer("e")

    assert asked.ops == [
        DecideHunk(ITEM, "h1", accept=True),
        DecideHunk(ITEM, "h2", accept=False),
        DecideHunk(ITEM, "h2", accept=False, reason="use a parameter"),
    ]


def test_words_are_a_prompt_while_hunks_form_and_while_they_are_offered() -> None:
    forming, offered = Reviewed(None), Reviewed(HunksOffered(CALL, "s", "p", HUNKS))
    forming.approver.see(None, ITEM, HUNKS)

    assert not forming.approver.asks
    assert not offered.approver.asks


def test_an_edited_hunk_goes_with_the_decision() -> None:
    asked = Reviewed()
    hunk = asked.approver.answer("e")
    assert hunk == HUNKS[0]

    asked.approver.edited(HUNKS[0], "mine")
    asked.approver.answer("q")

    assert asked.ops == [
        Decide(CALL, accept=True, hunks=("h1",), edited=(("h1", "mine"),))
    ]


def test_a_hunk_that_is_emptied_in_the_editor_stays_open() -> None:
    asked = Reviewed()

    asked.approver.edited(HUNKS[0], " \n")

    assert plain(asked.approver.line()).startswith("h1, 3 left: ")
