from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_cli.core.errors import NothingToChange
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.manifest import Kind
from spark_cli.workspace.root import Root
from spark_cli.workspace.survey import Survey
from spark_cli.workspace.tree import Change, File

OLD = File(b"committed\n")


def git(top: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=top, check=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = (tmp_path / "repo").resolve()
    (top / "sub").mkdir(parents=True)
    for name in ("a", "sub/b", "dirty"):
        (top / name).write_bytes(OLD.data)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "all")
    (top / "dirty").write_bytes(b"not committed\n")
    return top


@pytest.fixture
def checkpoints(top: Path) -> Checkpoints:
    return Checkpoints(Root(top), SessionId("s"), top.parent / "state")


def ran(checkpoints: Checkpoints, act: Callable[[Path], object]) -> dict[str, object]:
    """What a command is found to have changed; then it is taken back."""
    survey = Survey(checkpoints)
    top = checkpoints.root.path
    before = survey.before()
    was = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    act(top)
    found = survey.after(before, "run it")
    if found is None:
        return {}
    checkpoints.undo()
    for change in found[1]:
        path = top / change.name
        assert (path.read_bytes() if path.exists() else None) == was.get(path)
    return {change.name: change.after and change.after.data for change in found[1]}


@pytest.mark.parametrize(
    ("act", "changed"),
    [
        (lambda top: (top / "a").write_bytes(b"x"), {"a": b"x"}),
        (lambda top: (top / "a").unlink(), {"a": None}),
        (lambda top: (top / "dirty").write_bytes(b"x"), {"dirty": b"x"}),
        (lambda top: git(top, "checkout", "-q", "."), {"dirty": OLD.data}),
        (lambda top: git(top, "stash", "-q"), {"dirty": OLD.data}),
        (lambda top: git(top, "commit", "-qam", "x"), {}),
        (lambda top: git(top, "add", "-A"), {}),
        (lambda top: (top / "untracked").write_bytes(b"x"), {}),
        (lambda top: (top / "a").touch(), {}),
        (lambda top: git(top, "mv", "a", "c"), {"a": None}),
        (lambda top: git(top, "reset", "-q", "--hard"), {"dirty": OLD.data}),
    ],
)
def test_what_a_command_changed_is_found_and_taken_back(
    checkpoints: Checkpoints, act: Callable[[Path], object], changed: object
) -> None:
    assert ran(checkpoints, act) == changed


def test_what_git_moved_itself_is_left_to_git(
    checkpoints: Checkpoints, top: Path
) -> None:
    git(top, "checkout", "-qb", "side")
    (top / "a").write_bytes(b"side\n")
    git(top, "commit", "-qm", "side", "a")
    git(top, "checkout", "-q", "-")

    assert ran(checkpoints, lambda top: git(top, "checkout", "-q", "side")) == {}
    git(top, "checkout", "-q", "-")
    # What was not committed is in no commit to go back to.
    lost = ran(checkpoints, lambda top: git(top, "reset", "-q", "--hard", "side"))
    assert lost == {"dirty": OLD.data}


def test_a_file_that_the_session_made_is_watched_though_git_does_not_track_it(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.write([Change("new", None, File(b"new\n"))], "patch")

    assert ran(checkpoints, lambda top: (top / "new").write_bytes(b"formatted\n")) == {
        "new": b"formatted\n"
    }


def test_what_is_not_committed_is_kept_once_at_the_start(
    checkpoints: Checkpoints,
) -> None:
    survey = Survey(checkpoints)
    survey.start()
    survey.start()
    survey.before()
    Survey(checkpoints).start()  # another session, and nothing has changed

    [start] = checkpoints.everything()

    assert (start.kind, start.files) == (Kind.START, ("dirty",))
    kept = File(b"not committed\n")
    assert checkpoints.changes_of(start) == (Change("dirty", kept, kept),)
    assert checkpoints.session_changes() == ()


def test_a_session_goes_back_to_its_start(checkpoints: Checkpoints, top: Path) -> None:
    Survey(checkpoints).start()
    [start] = checkpoints.everything()
    with pytest.raises(NothingToChange, match="nothing has changed since"):
        checkpoints.undo(start.id)
    checkpoints.write([Change("a", OLD, File(b"1\n"))], "first")
    checkpoints.write(
        [Change("a", File(b"1\n"), File(b"2\n")), Change("c", None, OLD)], "second"
    )

    done = checkpoints.undo(CheckpointId(start.id))

    assert done.files == ("a", "c")
    assert (top / "a").read_bytes() == OLD.data
    assert not (top / "c").exists()
    assert (top / "dirty").read_bytes() == b"not committed\n"


def test_without_a_repository_only_what_the_session_changed_is_watched(
    tmp_path: Path,
) -> None:
    top = (tmp_path / "tree").resolve()
    top.mkdir()
    (top / "other").write_bytes(b"1")
    checkpoints = Checkpoints(Root(top), SessionId("s"), tmp_path / "state")
    checkpoints.write([Change("a", None, File(b"1"))], "patch")

    def act(top: Path) -> None:
        (top / "a").write_bytes(b"2")
        (top / "other").write_bytes(b"2")

    assert ran(checkpoints, act) == {"a": b"2"}
