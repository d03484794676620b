from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    ItemCompleted,
    Renamed,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import ItemId, SessionId, TurnId
from spark_cli.core.items import AgentMessage, UserMessage
from spark_cli.core.usage import Usage
from spark_cli.store.journal import Header, Journal
from spark_cli.store.replay import replay
from spark_cli.store.sessions import HEAD_BYTES, TAIL_BYTES, Sessions, Told
from tests.store.disks import full_disk


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    found = Sessions(tmp_path)
    for age, (name, root) in enumerate([("abc1", "/one"), ("abd2", "/two")]):
        path = found.path(SessionId(name))
        journal = Journal(path)
        journal.begin(Header(SessionId(name), root, 0))
        journal.close()
        os.utime(path, (1000 + age, 1000 + age))
    (tmp_path / "broken.jsonl").write_text("not json\n")
    return found


def test_sessions_come_newest_first_and_broken_files_are_left_out(
    sessions: Sessions,
) -> None:
    assert [one.id for one in sessions.newest_first()] == ["abd2", "abc1"]


def test_the_last_session_is_the_folders_own(sessions: Sessions) -> None:
    assert sessions.last_in(Path("/one")).id == "abc1"
    with pytest.raises(SparkError, match="no session to continue in `/three`"):
        sessions.last_in(Path("/three"))


@pytest.mark.parametrize(("typed", "found"), [("abc", "abc1"), ("d2", "abd2")])
def test_a_part_of_an_id_is_enough(sessions: Sessions, typed: str, found: str) -> None:
    assert sessions.named(typed).id == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [("zzz", "no session `zzz`"), ("ab", "could be any of 2 sessions")],
)
def test_an_id_that_names_none_or_several_is_refused(
    sessions: Sessions, typed: str, message: str
) -> None:
    with pytest.raises(SparkError, match=message):
        sessions.named(typed)


def test_no_sessions_folder_is_no_sessions(tmp_path: Path) -> None:
    assert list(Sessions(tmp_path / "none").newest_first()) == []


def spoken(sessions: Sessions, name: str, *prompts: str) -> SessionId:
    """A session in which the prompts were answered, one turn each."""
    id_ = SessionId(name)
    journal = Journal(sessions.path(id_))
    journal.begin(Header(id_, "/one", 0))
    for at, prompt in enumerate(prompts):
        turn = TurnId(f"t{at}")
        journal.record(TurnStarted(turn))
        journal.record(ItemCompleted(UserMessage(ItemId(f"u{at}"), prompt)))
        journal.record(ItemCompleted(AgentMessage(ItemId(f"a{at}"), f"re {prompt}")))
        journal.record(TurnEnded(turn, TurnStatus.COMPLETED, Usage()))
    journal.close()
    return id_


def test_a_session_is_told_by_its_first_words_or_its_last_name(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path)
    id_ = spoken(sessions, "abc", "fix the parser", "and its tests")
    [found] = sessions.newest_first()
    assert sessions.told(found) == Told("fix the parser", 2)

    journal = Journal(sessions.path(id_))
    journal.record(Renamed("first"))
    journal.record(Renamed("the parser"))
    journal.close()

    assert sessions.told(found) == Told("the parser", 2)


def test_of_a_long_session_both_ends_are_read(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path)
    id_ = spoken(sessions, "abc", "fix the parser", "x" * (HEAD_BYTES + TAIL_BYTES))
    [found] = sessions.newest_first()
    assert sessions.told(found) == Told("fix the parser", None)

    journal = Journal(sessions.path(id_))
    journal.record(Renamed("the parser"))
    journal.close()

    assert sessions.told(found) == Told("the parser", None)


def test_a_fork_begins_with_what_was_said(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path)
    id_ = spoken(sessions, "abc", "one", "two")

    whole = replay(sessions.path(sessions.fork(id_)))
    part = sessions.fork(id_, ItemId("u1"))

    assert whole.items == replay(sessions.path(id_)).items
    texts = [one.text for one in replay(sessions.path(part)).items]  # type: ignore[union-attr]  # all of them are messages
    assert texts == ["one", "re one"]
    assert [one.id for one in sessions.of(Path("/one")) if one.id == part] == [part]
    assert sessions.path(part).stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_forked_is_refused(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path)
    id_ = spoken(sessions, "abc", "one")

    with pytest.raises(SparkError, match="not in the session's journal"):
        sessions.fork(id_, ItemId("u7"))
    with pytest.raises(SparkError, match="`nobody` has nothing to begin with"):
        sessions.fork(SessionId("nobody"))
    with full_disk(), pytest.raises(SparkError, match="cannot write the session's"):
        sessions.fork(id_)
    assert len(list(tmp_path.iterdir())) == 1
