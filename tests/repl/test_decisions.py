from __future__ import annotations

from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CheckpointMade,
    HunkFormed,
    HunksOffered,
)
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, CheckpointId, ItemId
from spark_cli.repl.decisions import Decisions

CALL, ITEM = CallId("c"), ItemId("i")


def diff(name: str, old: str, new: str) -> str:
    head = f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n"
    return f"{head}@@ -1 +1 @@\n-{old}\n+{new}\n"


ONE = ProposedHunk("h1", "a", 1, diff("a", "x", "y"), 1, 1)
TWO = ProposedHunk("h2", "b", 1, diff("b", "++ p", "-- q"), 1, 1)


def written(*hunks: ProposedHunk) -> CheckpointMade:
    text = "".join(hunk.diff for hunk in hunks)
    return CheckpointMade(CheckpointId("1"), ("a",), 1, 1, text)


def test_a_hunk_that_formed_is_not_shown_when_it_is_asked_about() -> None:
    now = Decisions()
    now.form(HunkFormed(ITEM, ONE), 60)

    shown = now.ask(ApprovalRequested(CALL, "s", Effect.EDIT, "p", (ONE, TWO)), 60)

    assert len(shown) == 1
    assert now.ask(HunksOffered(CALL, "s", "p", (ONE, TWO)), 60) == []


def test_what_was_written_is_shown_where_something_of_it_was_not_seen() -> None:
    now = Decisions()
    now.form(HunkFormed(ITEM, ONE), 60)

    assert now.changed(written(ONE), 60) == []
    assert now.changed(written(ONE, TWO), 60) != []
    now.form(HunkFormed(ITEM, TWO), 60)
    assert now.changed(written(ONE, TWO), 60) == []


def test_a_change_that_was_never_shown_is_shown() -> None:
    assert Decisions().changed(written(ONE), 60) != []


def test_an_offer_is_answered_apart_from_a_question() -> None:
    now = Decisions()
    now.ask(HunksOffered(CALL, "s", "p", (ONE,)), 60)
    now.ask(ApprovalRequested(CallId("d"), "s", Effect.RUN, "ls"), 60)

    assert not now.answer(ApprovalDecided(CALL, accepted=True))
    assert now.question is not None
    assert now.answer(ApprovalDecided(CallId("d"), accepted=False))
    assert now.offer is None
    assert now.end_call(CallId("d"))
    assert not now.end_call(CallId("d"))


def test_a_new_call_begins_anew() -> None:
    now = Decisions()
    now.form(HunkFormed(ITEM, ONE), 60)

    now.form(HunkFormed(ItemId("j"), TWO), 60)

    assert (now.item, now.formed) == (ItemId("j"), [TWO])
