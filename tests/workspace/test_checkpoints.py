from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError, UsageError
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, File

OLD, NEW, NEWER = File(b"old\n"), File(b"new\n"), File(b"newer\n")
GIT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=GIT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def plain(folder: Path) -> None:
    """No repository at all."""


def unborn(folder: Path) -> None:
    git(folder, "init", "-q")


def committed(folder: Path) -> None:
    unborn(folder)
    (folder / ".gitignore").write_text("a\n")
    git(folder, "add", ".gitignore")
    git(folder, "commit", "-q", "-m", "first")
    (folder / "staged").write_text("x")
    git(folder, "add", "staged")


def worktree(folder: Path) -> None:
    main = folder.parent / "main"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "commit", "-q", "--allow-empty", "-m", "first")
    folder.rmdir()
    git(main, "worktree", "add", "-q", str(folder))


@pytest.fixture(params=[plain, unborn, committed, worktree])
def checkpoints(tmp_path: Path, request: pytest.FixtureRequest) -> Checkpoints:
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    make: Callable[[Path], None] = request.param
    make(folder)
    (folder / "a").write_bytes(OLD.data)
    return Checkpoints(Root(folder), SessionId("s"), tmp_path / "state")


def read(checkpoints: Checkpoints, name: str) -> bytes | None:
    path = checkpoints.root.path / name
    return path.read_bytes() if path.exists() else None


def test_what_was_written_is_taken_back_and_again(checkpoints: Checkpoints) -> None:
    checkpoints.write([Change("a", OLD, NEW), Change("d/b", None, NEW)], "patch")
    assert (read(checkpoints, "a"), read(checkpoints, "d/b")) == (NEW.data, NEW.data)

    undone = checkpoints.undo()
    assert undone.files == ("a", "d/b")
    assert (read(checkpoints, "a"), read(checkpoints, "d")) == (OLD.data, None)

    checkpoints.redo()
    assert (read(checkpoints, "a"), read(checkpoints, "d/b")) == (NEW.data, NEW.data)
    assert [one.standing for one in checkpoints.list()] == [True, False, True]


def test_undo_goes_back_step_by_step(checkpoints: Checkpoints) -> None:
    checkpoints.write([Change("a", OLD, NEW)], "first")
    checkpoints.write([Change("a", NEW, NEWER)], "second")

    checkpoints.undo()
    assert read(checkpoints, "a") == NEW.data
    checkpoints.undo()
    assert read(checkpoints, "a") == OLD.data
    with pytest.raises(UsageError, match="nothing to undo"):
        checkpoints.undo()


def test_a_file_that_somebody_changed_since_is_not_overwritten(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("a", OLD, NEW), Change("b", None, NEW)], "patch")
    (checkpoints.root.path / "a").write_bytes(b"mine\n")

    with pytest.raises(SparkError, match="`a` changed since; nothing was restored"):
        checkpoints.undo()

    assert (read(checkpoints, "a"), read(checkpoints, "b")) == (b"mine\n", NEW.data)
    assert [one.standing for one in checkpoints.list()] == [True]


def test_an_earlier_checkpoint_is_undone_by_its_name(checkpoints: Checkpoints) -> None:
    first = checkpoints.write([Change("a", OLD, NEW)], "first")
    checkpoints.write([Change("b", None, NEW)], "second")

    checkpoints.undo(first)

    assert (read(checkpoints, "a"), read(checkpoints, "b")) == (OLD.data, NEW.data)
    with pytest.raises(UsageError, match="already undone"):
        checkpoints.undo(first)
    with pytest.raises(UsageError, match="no one checkpoint `zz`"):
        checkpoints.undo(CheckpointId("zz"))


def test_a_session_knows_its_net_change(checkpoints: Checkpoints) -> None:
    checkpoints.write([Change("a", OLD, NEW), Change("b", None, NEW)], "first")
    checkpoints.write([Change("a", NEW, NEWER), Change("b", NEW, None)], "second")

    assert checkpoints.session_changes() == (Change("a", OLD, NEWER),)


def test_a_write_that_is_refused_leaves_no_checkpoint(checkpoints: Checkpoints) -> None:
    with pytest.raises(SparkError, match="has changed since"):
        checkpoints.write([Change("a", NEW, NEWER)], "patch")

    assert checkpoints.list() == ()


def test_any_bytes_and_names_come_back(checkpoints: Checkpoints) -> None:
    odd = File(bytes(range(256)) * 3)
    name = "\u00e9 'x'/\U0001f600"

    made = checkpoints.record(
        [Change(name, None, odd), Change("e", File(b""), odd)], "x"
    )

    assert checkpoints.changes(made) == (
        Change(name, None, odd),
        Change("e", File(b""), odd),
    )


@pytest.mark.parametrize("checkpoints", [committed], indirect=True)
def test_nothing_of_the_users_repository_is_touched(checkpoints: Checkpoints) -> None:
    top = checkpoints.root.path
    index = (top / ".git/index").read_bytes()
    hook = top / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {top}/ran\n")
    hook.chmod(0o755)

    checkpoints.write([Change("a", OLD, NEW)], "patch")
    checkpoints.undo()

    assert (top / ".git/index").read_bytes() == index
    assert not (top / "ran").exists()
    assert not (top / ".git/logs/refs/spark").exists()
    assert git(top, "status", "--porcelain") == "A  staged\n"
    assert len(git(top, "for-each-ref", "refs/spark/s").splitlines()) == 2
    assert git(top, "fsck", "--strict") == ""
