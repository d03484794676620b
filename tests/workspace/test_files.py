from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.workspace import files
from spark_cli.workspace.files import recover, write_all
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, DiskTree, File

OLD, NEW = File(b"old\n"), File(b"new\n")


@pytest.fixture
def root(tmp_path: Path) -> Root:
    folder = tmp_path / "tree"
    (folder / "sub").mkdir(parents=True)
    for name in ("a", "sub/b", "gone"):
        (folder / name).write_bytes(OLD.data)
    return Root(folder.resolve())


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


CHANGES = (
    Change("a", OLD, NEW),
    Change("gone", OLD, None),
    Change("new/c", None, NEW),
    Change("sub/b", OLD, NEW),
)


def tree(root: Root) -> dict[str, bytes | None]:
    return {
        path.relative_to(root.path).as_posix(): (
            path.read_bytes() if path.is_file() else None
        )
        for path in root.path.rglob("*")
    }


def test_all_changes_are_made_and_nothing_else_is_left(root: Root, state: Path) -> None:
    write_all(root, CHANGES, state)

    assert tree(root) == {
        "a": b"new\n",
        "new": None,
        "new/c": b"new\n",
        "sub": None,
        "sub/b": b"new\n",
    }
    assert list(state.rglob("*.json")) == []


@pytest.mark.parametrize("mode", [0o600, 0o755, 0o640])
def test_a_file_keeps_its_mode(root: Root, state: Path, mode: int) -> None:
    (root.path / "a").chmod(mode)

    write_all(root, [Change("a", File(OLD.data, mode), File(NEW.data, mode))], state)

    assert DiskTree(root).read("a") == File(NEW.data, mode)


def test_a_hard_link_elsewhere_keeps_its_content(root: Root, state: Path) -> None:
    outside = root.path.parent / "outside"
    os.link(root.path / "a", outside)

    write_all(root, [Change("a", OLD, NEW)], state)

    assert outside.read_bytes() == OLD.data


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda top: (top / "sub/b").write_bytes(b"mine\n"), "has changed since"),
        (lambda top: (top / "sub/b").unlink(), "has changed since"),
        (lambda top: (top / "sub/b").chmod(0o755), "has changed since"),
        (lambda top: (top / "new").write_bytes(b""), "is a file, not a folder"),
        (lambda top: (top / "new").symlink_to("/tmp"), "is a link, not a folder"),
    ],
)
def test_nothing_changes_where_one_file_is_not_as_planned(
    root: Root, state: Path, spoil: object, said: str
) -> None:
    assert callable(spoil)
    spoil(root.path)
    before = tree(root)

    with pytest.raises(PatchRefused, match=said):
        write_all(root, CHANGES, state)

    assert tree(root) == before


def test_a_read_only_file_is_left_alone(root: Root, state: Path) -> None:
    (root.path / "a").chmod(0o444)

    with pytest.raises(PatchRefused, match="`a` is read-only"):
        write_all(root, [Change("a", File(OLD.data, 0o444), NEW)], state)

    assert (root.path / "a").read_bytes() == OLD.data


def test_a_state_folder_that_cannot_be_written_is_told(
    root: Root, tmp_path: Path
) -> None:
    (tmp_path / "state").write_bytes(b"")

    with pytest.raises(PatchRefused, match="cannot keep a journal"):
        write_all(root, CHANGES, tmp_path / "state")


KILLED = """
import os, signal, sys
from pathlib import Path
from spark_cli.workspace import files
from spark_cli.workspace.root import Root
sys.path.insert(0, {here!r})
from test_files import CHANGES

calls = 0

def dying(function):
    def call(*arguments, **options):
        global calls
        if calls == {after}:
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1
        return function(*arguments, **options)
    return call

for name in {names!r}:
    setattr(os, name, dying(getattr(os, name)))
files.write_all(Root(Path({root!r})), CHANGES, Path({state!r}))
"""


def killed(root: Root, state: Path, after: int, names: tuple[str, ...]) -> int:
    """The exit status of a writer that is killed at a later call of one of `names`."""
    here = str(Path(__file__).parent)
    program = KILLED.format(
        here=here, root=str(root.path), state=str(state), after=after, names=names
    )
    return subprocess.run([sys.executable, "-c", program], check=False).returncode


@pytest.mark.slow
@pytest.mark.parametrize("after", range(0, 60, 3))
def test_a_kill_at_any_moment_leaves_all_or_nothing(
    root: Root, state: Path, after: int
) -> None:
    before = tree(root)
    done = {"new": None, "sub": None, "a": b"new\n"}
    done |= {"new/c": b"new\n", "sub/b": b"new\n"}
    names = ("rename", "link", "unlink", "open", "fsync", "mkdir")

    status = killed(root, state, after, names)
    recover(root, state)

    assert status in {0, -signal.SIGKILL}
    assert tree(root) in (before, done)
    assert list(state.rglob("*.json")) == []


def test_recovery_spares_what_was_changed_since(root: Root, state: Path) -> None:
    assert killed(root, state, 0, ("rename",)) == -signal.SIGKILL
    (root.path / "a").write_bytes(b"mine\n")

    said = recover(root, state)

    assert "but not of `a`" in said
    assert tree(root)["a"] == b"mine\n"
    assert tree(root)["new/c"] == b"new\n"
    assert recover(root, state) == ""


def test_a_digest_tells_no_file_from_an_empty_one() -> None:
    assert files.digest(None) != files.digest(File(b""))
