from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_cli.core.errors import NothingToChange, PatchRefused, SparkError, UsageError
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace import pruning
from spark_cli.workspace.checkpoints import Checkpoints, recovered
from spark_cli.workspace.intent import Phase, Step, new_intent
from spark_cli.workspace.locks import key
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


def nested(folder: Path) -> None:
    """A repository inside another, which is the one that counts."""
    git(folder.parent, "init", "-q")
    unborn(folder)


def submodule(folder: Path) -> None:
    library = folder.parent / "library"
    library.mkdir()
    unborn(library)
    git(library, "commit", "-q", "--allow-empty", "-m", "first")
    main = folder.parent / "main"
    main.mkdir()
    unborn(main)
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(main, *add, str(library), "tree")
    folder.rmdir()
    (main / "tree").rename(main / "moved")
    (main / "moved").rename(main / "tree")
    folder.symlink_to(main / "tree")


def sha256(folder: Path) -> None:
    git(folder, "init", "-q", "--object-format=sha256")


@pytest.fixture(
    params=[
        plain,
        unborn,
        committed,
        worktree,
        nested,
        submodule,
        sha256,
    ]
)
def checkpoints(tmp_path: Path, request: pytest.FixtureRequest) -> Checkpoints:
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    make: Callable[[Path], None] = request.param
    make(folder)
    folder = folder.resolve()
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
    with pytest.raises(NothingToChange, match="nothing to undo"):
        checkpoints.undo()


def test_a_change_is_taken_back_with_all_that_came_after_it(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("b", None, NEW)], "before")
    first = checkpoints.write([Change("a", OLD, NEW)], "first")
    checkpoints.write([Change("a", NEW, NEWER), Change("c", None, NEW)], "second")

    undone = checkpoints.undo(first, onward=True)

    assert undone.checkpoint.id == first
    assert undone.files == ("a", "c")
    assert [read(checkpoints, name) for name in "abc"] == [OLD.data, NEW.data, None]
    checkpoints.redo()
    checkpoints.redo()
    assert [read(checkpoints, name) for name in "ac"] == [NEWER.data, NEW.data]


def test_of_several_changes_all_are_taken_back_or_none(
    checkpoints: Checkpoints,
) -> None:
    first = checkpoints.write([Change("a", OLD, NEW)], "first")
    checkpoints.write([Change("c", None, NEW)], "second")
    (checkpoints.root.path / "a").write_bytes(b"mine\n")

    with pytest.raises(PatchRefused, match="nothing was changed"):
        checkpoints.undo(first, onward=True)

    assert read(checkpoints, "c") == NEW.data


def test_a_file_that_somebody_changed_since_is_not_overwritten(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("a", OLD, NEW), Change("b", None, NEW)], "patch")
    (checkpoints.root.path / "a").write_bytes(b"mine\n")

    with pytest.raises(PatchRefused, match="`a` has changed since in the same"):
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
    with pytest.raises(UsageError, match="there is no checkpoint `zz`"):
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


def test_a_redo_is_undone_by_an_undo_and_never_by_a_redo(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("a", OLD, NEW)], "first")
    checkpoints.write([Change("a", NEW, NEWER)], "second")

    seen = []
    for act in ["undo", "undo", "redo", "undo", "redo", "redo"]:
        getattr(checkpoints, act)()
        seen.append(read(checkpoints, "a"))

    assert seen == [
        NEW.data,
        OLD.data,
        NEW.data,
        OLD.data,
        NEW.data,
        NEWER.data,
    ]
    with pytest.raises(NothingToChange, match="nothing to redo"):
        checkpoints.redo()
    assert checkpoints.session_changes() == (Change("a", OLD, NEWER),)


def test_a_session_takes_back_its_own_and_everyone_all(
    checkpoints: Checkpoints, tmp_path: Path
) -> None:
    other = Checkpoints(checkpoints.root, SessionId("other"), tmp_path / "state")
    checkpoints.write([Change("a", OLD, NEW)], "first")
    other.write([Change("b", None, NEW)], "second")

    assert [one.label for one in checkpoints.list()] == ["first"]
    assert [one.label for one in checkpoints.everything()] == ["first", "second"]
    undone = checkpoints.undo(everywhere=True)
    assert (undone.checkpoint.label, undone.files) == ("second", ("b",))
    assert [one.label for one in other.list()] == ["second", "undo second"]
    assert checkpoints.undo().checkpoint.label == "first"


def test_what_left_no_trace_is_undone_without_a_change(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("b", None, NEW)], "first")
    checkpoints.write([Change("a", OLD, NEW)], "second")
    (checkpoints.root.path / "a").write_bytes(OLD.data)

    assert checkpoints.undo().files == ()
    assert checkpoints.undo().files == ("b",)


def test_a_mode_and_a_private_file_come_back_as_they_were(
    checkpoints: Checkpoints,
) -> None:
    top = checkpoints.root.path
    (top / "a").chmod(0o640)
    (top / "secret").write_bytes(OLD.data)
    (top / "secret").chmod(0o600)
    checkpoints.write(
        [
            Change("a", File(OLD.data, 0o640), File(OLD.data, 0o750)),
            Change("secret", File(OLD.data, 0o600), None),
        ],
        "patch",
    )

    checkpoints.undo()

    assert (top / "a").stat().st_mode & 0o777 == 0o640
    assert (top / "secret").stat().st_mode & 0o777 == 0o600


def test_the_old_ones_are_let_go(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "COUNT_MAX", 12)
    file = OLD
    for number in range(20):
        after = File(f"{number}\n".encode())
        checkpoints.write([Change("a", file, after)], str(number))
        file = after

    labels = [one.label for one in checkpoints.list()]

    assert 12 <= len(labels) <= 15
    assert labels[-1] == "19"
    assert checkpoints.undo().files == ("a",)


def test_a_full_disk_refuses_the_change(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(checkpoints._store), "put", full)

    with pytest.raises(PatchRefused, match="cannot keep a checkpoint: No space"):
        checkpoints.write([Change("a", OLD, NEW), Change("b", None, NEW)], "patch")

    assert (read(checkpoints, "a"), read(checkpoints, "b")) == (OLD.data, None)
    assert [path.name for path in checkpoints.root.path.glob("*spark-*")] == []


def test_a_change_that_was_cut_short_leaves_no_checkpoint(
    checkpoints: Checkpoints, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    kept = checkpoints.record([Change("a", OLD, NEW)], "patch")
    (state / "writes").mkdir(parents=True, exist_ok=True)
    step = Step.of(Change("a", OLD, NEW), 0)
    note = f"{checkpoints.session}/{kept}"
    place = state / "writes", key(checkpoints.root)
    new_intent(*place, [step], [], note).write(Phase.STAGING, durable=False)

    said = recovered(checkpoints.root, state)

    assert said == "a change that was cut short was taken back (`a`)"
    assert checkpoints.list() == ()
    assert recovered(checkpoints.root, state) == ""


def test_worktrees_do_not_take_back_each_others_changes(tmp_path: Path) -> None:
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    worktree(folder)
    main = Checkpoints(Root(tmp_path / "main"), SessionId("s"), tmp_path / "state")
    side = Checkpoints(Root(folder), SessionId("s"), tmp_path / "state")

    main.write([Change("a", None, NEW)], "in main")
    side.write([Change("a", None, NEW)], "in side")

    assert [one.label for one in main.list()] == ["in main"]
    assert [one.label for one in side.list()] == ["in side"]


def test_a_repository_that_moves_keeps_its_checkpoints(tmp_path: Path) -> None:
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    unborn(folder)
    made = Checkpoints(Root(folder), SessionId("s"), tmp_path / "state")
    made.write([Change("a", None, NEW)], "patch")
    folder.rename(tmp_path / "moved")
    root = Root((tmp_path / "moved").resolve())

    moved = Checkpoints(root, SessionId("s"), tmp_path / "state")

    assert moved.undo().files == ("a",)


def test_a_file_in_a_repository_inside_is_like_any_other(tmp_path: Path) -> None:
    folder = (tmp_path / "tree").resolve()
    (folder / "inner").mkdir(parents=True)
    unborn(folder)
    unborn(folder / "inner")
    (folder / "inner/a").write_bytes(OLD.data)
    outer = Checkpoints(Root(folder), SessionId("s"), tmp_path / "state")
    git_dir = sorted(path.name for path in (folder / "inner/.git").rglob("*"))

    outer.write([Change("inner/a", OLD, NEW)], "patch")
    outer.undo()

    assert (folder / "inner/a").read_bytes() == OLD.data
    assert sorted(path.name for path in (folder / "inner/.git").rglob("*")) == git_dir


@pytest.mark.parametrize(
    ("other", "becomes"),
    [
        (b"old\n", b"old\n"),  # as it was before: nothing is left to take back
        (b"new\n", b"old\n"),
        (b"top\nnew\n", None),
        (b"other\n", None),
    ],
)
def test_on_another_branch_its_own_text_stays(
    tmp_path: Path, other: bytes, becomes: bytes | None
) -> None:
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    unborn(folder)
    path = folder / "a"
    for branch, data in (("other", other), ("main", OLD.data)):
        git(folder, "checkout", "-q", "--orphan", branch)
        path.write_bytes(data)
        git(folder, "add", "a")
        git(folder, "commit", "-q", "-m", branch)
    checkpoints = Checkpoints(Root(folder), SessionId("s"), tmp_path / "state")
    checkpoints.write([Change("a", OLD, NEW)], "patch")
    git(folder, "commit", "-q", "-a", "-m", "by spark")
    git(folder, "checkout", "-q", "other")

    if becomes is None:
        with pytest.raises(PatchRefused, match="has changed since in the same lines"):
            checkpoints.undo()
    else:
        checkpoints.undo()

    assert path.read_bytes() == (other if becomes is None else becomes)


@pytest.mark.parametrize("tidy", [("gc", "-q", "--prune=now"), ("pack-refs", "--all")])
def test_git_may_tidy_up_and_all_is_still_there(
    checkpoints: Checkpoints, tidy: tuple[str, ...]
) -> None:
    if checkpoints.repo is None:
        return
    checkpoints.write([Change("a", OLD, NEW), Change("d/b", None, NEW)], "patch")

    git(checkpoints.root.path, *tidy)
    checkpoints.undo()

    assert (read(checkpoints, "a"), read(checkpoints, "d/b")) == (OLD.data, None)
    git(checkpoints.root.path, *tidy)
    checkpoints.redo()
    assert (read(checkpoints, "a"), read(checkpoints, "d/b")) == (NEW.data, NEW.data)
