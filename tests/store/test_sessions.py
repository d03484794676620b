from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.core.ids import SessionId
from spark_cli.store.journal import Header, Journal
from spark_cli.store.sessions import Sessions


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
