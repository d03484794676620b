from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.workspace.files import writing
from spark_cli.workspace.recovery import recover
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, DiskTree, File
from tests.bench import kills

OLD, NEW = File(b"old\n"), File(b"new\n")


def write_all(
    root: Root, changes: Sequence[Change], state: Path, empty: Sequence[str] = ()
) -> None:
    with writing(root, state) as writer:
        writer.write(changes, empty=empty)


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
from spark_cli.workspace.files import writing
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
with writing(Root(Path({root!r})), Path({state!r})) as writer:
    writer.write(CHANGES)
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


def between(
    root: Root, state: Path, changes: Sequence[Change], act: Callable[[], object]
) -> None:
    """Write, and do something when all is staged and nothing is changed yet."""
    with writing(root, state) as writer:

        def ready(_: Sequence[str]) -> None:
            act()

        writer.write(changes, ready=ready)


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"usr\n"),  # as long as before, in the same tick
        lambda path: path.write_bytes(b"the user's\n"),
        lambda path: (path.unlink(), path.write_bytes(OLD.data)),
        lambda path: path.unlink(),
        lambda path: path.chmod(0o700),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
        piped,
    ],
)
def test_a_file_that_is_saved_between_reading_and_writing_is_not_lost(
    root: Root, state: Path, spoil: Callable[[Path], object]
) -> None:
    path = root.path / "sub/b"

    with pytest.raises(PatchRefused, match="nothing was changed"):
        between(root, state, CHANGES, lambda: spoil(path))

    there = os.lstat(path).st_ino if os.path.lexists(path) else None
    seen = tree(root)
    assert (seen["a"], seen["gone"], "new" in seen) == (OLD.data, OLD.data, False)
    assert seen.get("sub/b") != NEW.data
    assert there == (os.lstat(path).st_ino if os.path.lexists(path) else None)
    assert not [name for name in seen if "spark-" in name]


def test_a_file_that_appears_where_one_is_added_is_not_replaced(
    root: Root, state: Path
) -> None:
    def appear() -> None:
        (root.path / "new/c").write_bytes(b"mine\n")

    with pytest.raises(PatchRefused, match="`new/c` changed while it was written"):
        between(root, state, CHANGES, appear)

    seen = tree(root)
    assert (seen["a"], seen["gone"], seen["new/c"]) == (OLD.data, OLD.data, b"mine\n")


@pytest.mark.parametrize("folder", ["sub", "new"])
def test_a_folder_that_becomes_a_link_on_the_way_leads_nowhere(
    root: Root, state: Path, folder: str
) -> None:
    outside = root.path.parent / "outside"
    outside.mkdir()
    (outside / "b").write_bytes(OLD.data)

    def swap() -> None:
        (root.path / folder).rename(root.path.parent / "away")
        (root.path / folder).symlink_to(outside)

    with pytest.raises(PatchRefused, match="is a link, not a folder"):
        between(root, state, CHANGES, swap)

    assert tree(root)["a"] == OLD.data
    assert [path.name for path in outside.iterdir()] == ["b"]
    assert (outside / "b").read_bytes() == OLD.data


def test_what_was_set_aside_comes_back_as_the_same_file(
    root: Root, state: Path
) -> None:
    before = (root.path / "a").stat()

    with pytest.raises(PatchRefused):
        between(root, state, CHANGES, (root.path / "sub/b").unlink)

    after = (root.path / "a").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # a socket's name has 108 bytes at most


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "is a pipe"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.symlink_to("/dev/null"), "is a link"),
        (lambda path: path.symlink_to("../outside"), "is a link"),
        (lambda path: path.symlink_to("nowhere"), "is a link"),
        (bound, "is a device or a socket"),
    ],
)
def test_only_files_are_written(
    root: Root, state: Path, make: Callable[[Path], object], said: str
) -> None:
    make(root.path / "odd")
    before = os.lstat(root.path / "odd")

    for change in (Change("odd", None, NEW), Change("odd", OLD, None)):
        with pytest.raises(PatchRefused, match=said):
            write_all(root, [Change("a", OLD, NEW), change], state)

    assert os.lstat(root.path / "odd") == before
    assert (root.path / "a").read_bytes() == OLD.data


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", ".git/config", "sub/.GIT/x", "a\nb", "sub/../../x"]
)
def test_a_name_that_may_not_be_written_is_refused(
    root: Root, state: Path, name: str
) -> None:
    with pytest.raises(PatchRefused, match="nothing was changed"):
        write_all(root, [Change("a", OLD, NEW), Change(name, None, NEW)], state)

    assert (root.path / "a").read_bytes() == OLD.data


def in_a_child(root: Root, state: Path, setup: str) -> str:
    """What a refused write says in a process of its own."""
    program = f"""
import encodings.ascii, os, resource, signal  # nobody may not read the library
from pathlib import Path
from spark_cli.core.errors import PatchRefused
from spark_cli.workspace.files import writing
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, File
changes = [
    Change("a", File(b"old\\n"), File(b"new\\n")),
    Change("new/c", None, File(b"n" * 100_000)),
    Change("sub/b", File(b"old\\n"), File(b"new\\n")),
]
{setup}
try:
    with writing(Root(Path({str(root.path)!r})), Path({str(state)!r})) as writer:
        writer.write(changes)
except PatchRefused as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_full_disk_changes_nothing(root: Root, state: Path) -> None:
    before = tree(root)
    setup = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
"""

    said = in_a_child(root, state, setup)

    assert "cannot write" in said
    assert "nothing was changed" in said
    assert tree(root) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_cannot_be_written_changes_nothing() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        top = Path(folder).resolve()
        top.chmod(0o755)
        (top / "tree/sub").mkdir(parents=True)
        (top / "state").mkdir()
        for path in (top / "tree/a", top / "tree/sub/b"):
            path.write_bytes(OLD.data)
        for path in (top / "tree", top / "tree/a", top / "state"):
            os.chown(path, 65534, 65534)
        root = Root(top / "tree")
        before = tree(root)

        nobody = "os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)"

        said = in_a_child(root, top / "state", nobody)

        assert "Permission denied; nothing was changed" in said
        assert tree(root) == before


def test_a_stranger_may_read_neither_the_state_nor_a_private_file(
    root: Root, state: Path
) -> None:
    (root.path / "a").chmod(0o600)
    modes: list[int] = []

    def look() -> None:
        modes.extend(
            path.stat().st_mode & 0o777
            for path in root.path.iterdir()
            if "spark-" in path.name
        )

    change = Change("a", File(OLD.data, 0o600), File(NEW.data, 0o600))
    between(root, state, [change], look)

    assert modes == [0o600]
    assert [path.stat().st_mode & 0o777 for path in (state, state / "writes")] == [
        0o700,
        0o700,
    ]


def test_a_moved_file_keeps_its_mode(root: Root, state: Path) -> None:
    (root.path / "a").chmod(0o600)
    secret = File(OLD.data, 0o600)

    write_all(root, [Change("a", secret, None), Change("b", None, secret)], state)

    assert (root.path / "b").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("umask", "mode", "made"),
    [(0o022, 0o644, 0o644), (0o077, 0o644, 0o600), (0o002, 0o755, 0o775)],
)
def test_a_new_file_has_the_mode_that_the_umask_gives(
    root: Root, state: Path, umask: int, mode: int, made: int
) -> None:
    before = os.umask(umask)
    try:
        write_all(root, [Change("b", None, File(b"", mode))], state)
    finally:
        os.umask(before)

    assert (root.path / "b").stat().st_mode & 0o777 == made


def test_a_file_keeps_its_attributes(root: Root, state: Path) -> None:
    try:
        os.setxattr(root.path / "a", "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no attributes")

    write_all(root, [Change("a", OLD, NEW)], state)

    assert os.getxattr(root.path / "a", "user.note") == b"mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_keeps_its_owner(root: Root, state: Path) -> None:
    os.chown(root.path / "a", 65534, 65534)

    write_all(root, [Change("a", OLD, NEW)], state)

    made = (root.path / "a").stat()
    assert (made.st_uid, made.st_gid) == (65534, 65534)


def test_an_error_of_the_one_who_is_told_changes_nothing(
    root: Root, state: Path
) -> None:
    before = tree(root)

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        between(root, state, CHANGES, fail)

    assert tree(root) == before
    assert list(state.rglob("*.json")) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["git", "none"])
def test_kills_at_random_moments_leave_no_half_tree(tmp_path: Path, kind: str) -> None:
    top = tmp_path.resolve() / "tree"
    top.mkdir()
    if kind == "git":
        subprocess.run(["git", "init", "-q", top], check=True)

    seen = kills.killed(top, tmp_path / "state", 12, seed=7)

    assert (seen["whole"], seen["half"], seen["litter"]) == (12, 0, 0)


@pytest.mark.slow
def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    top = tmp_path.resolve() / "tree"
    top.mkdir()

    assert kills.met(top, tmp_path / "state", 20) == {
        "lines": 40,
        "lost": 0,
        "failed": 0,
    }


@pytest.mark.parametrize("number", range(1, 16))
def test_an_interrupt_at_any_step_leaves_all_or_nothing(
    root: Root, state: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a second one, while what was done is put back."""
    before = tree(root)
    calls = 0

    def interrupting(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object, **options: object) -> None:
            nonlocal calls
            calls += 1
            if calls in {number, number + 2}:
                raise KeyboardInterrupt
            function(*arguments, **options)

        return call

    for name in ("rename", "link", "unlink"):
        monkeypatch.setattr(os, name, interrupting(getattr(os, name)))
    with contextlib.suppress(KeyboardInterrupt):
        write_all(root, CHANGES, state)
    monkeypatch.undo()

    recover(root, state)

    done = {"new": None, "sub": None, "a": b"new\n"}
    assert tree(root) in (before, {**done, "new/c": b"new\n", "sub/b": b"new\n"})
    assert list(state.rglob("*.json")) == []


def test_what_cannot_be_taken_back_at_once_is_taken_back_by_the_next(
    root: Root, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file is in its place when its folder is swapped for a link."""
    before = tree(root)
    rename = os.rename

    def renamed(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        rename(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        monkeypatch.undo()
        (root.path / "sub").rename(root.path.parent / "away")
        (root.path / "sub").symlink_to(root.path.parent)

    monkeypatch.setattr(os, "rename", renamed)
    changes = [Change("sub/b", OLD, NEW), Change("a", OLD, NEW)]

    with pytest.raises(PatchRefused, match="half way, and cannot be taken back yet"):
        write_all(root, changes, state)

    (root.path / "sub").unlink()
    (root.path.parent / "away").rename(root.path / "sub")
    assert "was taken back" in recover(root, state)
    assert tree(root) == before
    assert list(state.rglob("*.json")) == []


def test_what_can_never_be_taken_back_is_not_said_to_be(
    root: Root, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def renamed(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        rename(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        monkeypatch.undo()
        (root.path / "sub").rename(root.path.parent / "away")

    monkeypatch.setattr(os, "rename", renamed)
    with pytest.raises(PatchRefused, match="half way"):
        write_all(root, [Change("sub/b", OLD, NEW), Change("a", OLD, NEW)], state)

    assert "cannot wholly be taken back (`sub/b`, `a`)" in recover(root, state)
    assert recover(root, state) == ""


def test_what_cannot_be_cleaned_at_once_is_cleaned_by_the_next(
    root: Root, state: Path
) -> None:
    before = tree(root)

    def swap() -> None:
        (root.path / "sub").rename(root.path.parent / "away")
        (root.path / "sub").symlink_to(root.path.parent)

    with pytest.raises(PatchRefused, match="is a link, not a folder"):
        between(root, state, [Change("sub/b", OLD, NEW)], swap)

    (root.path / "sub").unlink()
    (root.path.parent / "away").rename(root.path / "sub")
    recover(root, state)
    assert tree(root) == before
