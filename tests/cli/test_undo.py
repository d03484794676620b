from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from spark_cli.cli.app import run
from spark_cli.cli.undo import age, line
from spark_cli.core.ids import SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, File


@pytest.fixture(params=["git", "none"])
def top(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "home"))
    top = (tmp_path / "tree").resolve()
    top.mkdir()
    if request.param == "git":
        subprocess.run(["git", "init", "-q", top], check=True)
    monkeypatch.chdir(top)
    return top


def wrote(top: Path, session: str, before: str | None, after: str) -> None:
    state = top.parent / "home" / "state"
    old = None if before is None else File(before.encode())
    change = Change("a", old, File(after.encode()))
    Checkpoints(Root(top), SessionId(session), state).write([change], f"patch {after}")


def test_the_last_change_of_any_session_is_taken_back_and_brought_back(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrote(top, "one", None, "1")
    wrote(top, "other", "1", "2")

    assert run(["undo"]) == 0
    assert (top / "a").read_text() == "1"
    assert run(["undo"]) == 0
    assert not (top / "a").exists()
    assert run(["undo"]) == 4
    assert run(["redo"]) == 0
    assert run(["redo"]) == 0
    assert (top / "a").read_text() == "2"
    assert run(["redo"]) == 4

    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "took back `patch 2`",
        "  a",
        "took back `patch 1`",
        "  a",
        "brought back `patch 1`",
        "  a",
        "brought back `patch 2`",
        "  a",
    ]
    assert "there is nothing to undo here" in said.err
    assert "there is nothing to redo" in said.err


def test_what_was_changed_since_is_merged_or_refused(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrote(top, "one", None, "1\n2\n3\n")
    wrote(top, "one", "1\n2\n3\n", "1\n2\nTHREE\n")
    (top / "a").write_text("ONE\n2\nTHREE\n")

    assert run(["undo", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["merged"]) == (["a"], ["a"])
    assert (top / "a").read_text() == "ONE\n2\n3\n"

    assert run(["undo"]) == 5
    assert "`a` was changed since; nothing was changed" in capsys.readouterr().err
    assert (top / "a").read_text() == "ONE\n2\n3\n"


def test_a_checkpoint_is_taken_back_by_its_name(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrote(top, "one", None, "1\n2\n3\n")
    wrote(top, "one", "1\n2\n3\n", "ONE\n2\n3\n")
    wrote(top, "one", "ONE\n2\n3\n", "ONE\n2\nTHREE\n")
    run(["checkpoints", "--json"])
    rows = json.loads(capsys.readouterr().out)

    assert run(["undo", rows[1]["id"]]) == 0

    assert (top / "a").read_text() == "1\n2\nTHREE\n"
    assert run(["undo", rows[1]["id"]]) == 2
    assert run(["undo", "zz"]) == 2
    assert [(row["added"], row["removed"]) for row in rows] == [(3, 0), (1, 1), (1, 1)]


def test_the_list_has_the_newest_at_the_end(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["checkpoints"]) == 0
    assert capsys.readouterr().out == ""
    wrote(top, "one", None, "1")
    wrote(top, "other", "1", "\x1b[31m2")
    run(["undo", "--json"])
    capsys.readouterr()

    assert run(["checkpoints", "-n", "2"]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert first.endswith("(undone)")
    assert "\x1b" not in first
    assert "undo patch" in last


def test_what_was_left_half_done_is_mended_first(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrote(top, "one", None, "1")
    from spark_cli.workspace.intent import Phase, Step, new_intent
    from spark_cli.workspace.locks import key

    folder = top.parent / "home" / "state" / "writes"
    step = Step.of(Change("b", None, File(b"")), 0)
    new_intent(folder, key(Root(top)), [step], [], "").write(
        Phase.STAGING, durable=False
    )

    assert run(["checkpoints"]) == 0

    assert "a change that was cut short was taken back" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "now"), (5, "5 s"), (119, "1 min"), (7_200, "2 h"), (200_000, "2 d")],
)
def test_an_age_is_told_in_its_biggest_unit(seconds: float, told: str) -> None:
    assert age(seconds) == told


def test_a_label_is_one_line() -> None:
    row = {"id": "1", "made": 0.0, "added": 1, "removed": 2, "standing": True}

    told = line({**row, "label": "run a\n b" + "x" * 100}, 60.0)

    assert told.startswith("1   1 min      +1 -2  run a bxxx")
    assert len(told) < 100
