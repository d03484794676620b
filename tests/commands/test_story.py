from __future__ import annotations

from spark_cli.commands.story import Said, Story
from spark_cli.core.events import Cleared, Compacted, Renamed, Rewound
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.items import Note
from tests.commands.desks import agent, made, user

C1, C2 = CheckpointId("c1"), CheckpointId("c2")


def test_the_users_words_are_numbered_and_know_what_changed_since() -> None:
    story = Story([user(1, "one"), made("c1"), agent(1, "ok"), user(2, "two")])
    story.see(made("c2"))

    assert story.said() == [
        Said(1, ItemId("u1"), "one", (C1, C2)),
        Said(2, ItemId("u2"), "two", (C2,)),
    ]
    assert story.last_answer() == "ok"


def test_a_rewind_cuts_what_was_said_and_not_what_was_changed() -> None:
    story = Story([user(1, "one"), user(2, "two"), made("c1"), agent(2, "ok")])

    story.see(Rewound(ItemId("u2")))

    assert story.said() == [Said(1, ItemId("u1"), "one", (C1,))]
    assert story.last_answer() == ""


def test_a_rewind_to_an_unknown_place_changes_nothing() -> None:
    story = Story([user(1, "one")])

    story.see(Rewound(ItemId("u7")))

    assert [one.text for one in story.said()] == ["one"]


def test_a_conversation_that_starts_anew_has_no_messages() -> None:
    story = Story([user(1, "one"), made("c1"), Cleared(), user(2, "two")])

    assert story.said() == [Said(1, ItemId("u2"), "two")]


def test_the_last_name_is_the_sessions() -> None:
    assert Story([Renamed("a"), Renamed("b")]).name == "b"


def test_a_compaction_leaves_the_users_words_and_the_end() -> None:
    note = Note(ItemId("s"), "[so far]")
    before = [user(1, "one"), agent(1, "ok"), made("c1"), user(2, "two")]
    story = Story([*before, agent(2, "done"), Compacted(note, ItemId("u2"))])

    assert [one.id for one in story.items()] == ["u1", "s", "u2", "a2"]
    assert [one.since for one in story.said()] == [(C1,), ()]
    story.see(Compacted(Note(ItemId("s2"), "[so far]")))
    assert [one.id for one in story.items()] == ["u1", "u2", "s2"]
