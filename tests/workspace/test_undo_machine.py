"""Spark and its user in one tree, in any order: what the user wrote is never lost.

Every line that is ever written is unique, so that it can be told whose it is, and
where it went.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.checkpoints import Checkpoints, TakenBack
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, DiskTree, File

NAMES = st.sampled_from(["a", "b", "d/c", "d/e/f"])
PLACES = st.integers(0, 5)
MODES = st.sampled_from([0o644, 0o755, 0o600])


class Seen(NamedTuple):
    """All that there is: files, and what stands in their places."""

    files: dict[str, File]
    others: dict[str, str]


class Together(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()).resolve()
        self.top = self.folder / "tree"
        self.top.mkdir()
        root = Root(self.top)
        self.checkpoints = Checkpoints(root, SessionId("s"), self.folder / "state")
        self.tree = DiskTree(root)
        self.number = 0
        self.ids: list[CheckpointId] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def line(self, who: str) -> bytes:
        self.number += 1
        return f"{who} {self.number}\n".encode()

    def seen(self) -> Seen:
        files, others = {}, {}
        for path in self.top.rglob("*"):
            name = path.relative_to(self.top).as_posix()
            if path.is_symlink() or not path.is_file():
                others[name] = "link" if path.is_symlink() else "folder"
            else:
                files[name] = File(path.read_bytes(), path.stat().st_mode & 0o777)
        return Seen(files, others)

    def edited(self, data: bytes, at: int, who: str, *, gone: bool) -> bytes:
        lines = data.splitlines(keepends=True)
        lines[at : at + gone] = [self.line(who)]
        return b"".join(lines)

    # What spark does.

    @rule(names=st.lists(NAMES, min_size=1, max_size=3, unique=True), at=PLACES)
    def spark_edits(self, names: list[str], at: int) -> None:
        changes = []
        for number, name in enumerate(names):
            try:
                now = self.tree.read(name)
            except ToolError:
                return
            data, mode = (now.data, now.mode) if now else (b"", 0o644)
            new = self.edited(data, at, "spark", gone=bool(number % 2))
            changes.append(Change(name, now, File(new, mode)))
        self.write(changes)

    @rule(name=NAMES, to=NAMES, mode=MODES)
    def spark_moves_or_deletes(self, name: str, to: str, mode: int) -> None:
        try:
            now, there = self.tree.read(name), self.tree.read(to)
        except ToolError:
            return
        if now is None:
            return
        if name == to:
            self.write([Change(name, now, None)])
        elif there is None:
            self.write([Change(name, now, None), Change(to, None, now)])
        elif now.mode != mode:
            self.write([Change(name, now, File(now.data, mode))])

    def write(self, changes: list[Change]) -> None:
        before = self.seen()
        try:
            self.ids.append(self.checkpoints.write(changes, "patch"))
        except SparkError:
            assert self.seen() == before
            return
        now = self.seen().files
        assert [now.get(one.name) for one in changes] == [one.after for one in changes]

    # What the user does.

    @rule(name=NAMES, at=PLACES, gone=st.booleans())
    def user_edits(self, name: str, at: int, *, gone: bool) -> None:
        path = self.top / name
        if self.clear(path):
            data = path.read_bytes() if path.exists() else b""
            path.write_bytes(self.edited(data, at, "user", gone=gone))

    @rule(name=NAMES, to=NAMES)
    def user_renames(self, name: str, to: str) -> None:
        path, target = self.top / name, self.top / to
        if path.is_file() and self.clear(target) and not target.exists():
            path.rename(target)

    @rule(name=NAMES)
    def user_deletes(self, name: str) -> None:
        path = self.top / name
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)

    @rule(name=NAMES, mode=MODES)
    def user_changes_the_mode(self, name: str, mode: int) -> None:
        path = self.top / name
        if path.is_file() and not path.is_symlink():
            path.chmod(mode)

    @rule(name=NAMES, link=st.booleans())
    def user_puts_something_else_there(self, name: str, *, link: bool) -> None:
        path = self.top / name
        if self.clear(path) and not path.is_dir():
            path.unlink(missing_ok=True)
            if link:
                path.symlink_to(self.folder / "elsewhere")
            else:
                path.mkdir()

    def clear(self, path: Path) -> bool:
        """Whether a file can be there; its folder is made."""
        folder = path.parent
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return False
        if path.is_symlink() or path.is_dir():
            return False
        folder.mkdir(parents=True, exist_ok=True)
        return True

    # What is taken back.

    @rule()
    def undo(self) -> None:
        self.take_back(self.checkpoints.undo)

    @rule()
    def redo(self) -> None:
        self.take_back(self.checkpoints.redo)

    @precondition(lambda self: self.ids)
    @rule(at=st.integers(0, 20))
    def undo_an_older_one(self, at: int) -> None:
        chosen = self.ids[at % len(self.ids)]
        self.take_back(lambda: self.checkpoints.undo(chosen))

    def take_back(self, act: object) -> None:
        assert callable(act)
        before = self.seen()
        try:
            done: TakenBack = act()
        except SparkError:
            assert self.seen() == before
            return
        after = self.seen()
        changes = {
            one.name: one for one in self.checkpoints.changes_of(done.checkpoint)
        }
        for name, file in before.files.items():
            if name not in changes:
                assert after.files.get(name) == file
                continue
            left = changes[name].after
            since = {*file.data.splitlines()} - {
                *(left.data.splitlines() if left else ())
            }
            now = after.files.get(name)
            assert since <= {*(now.data.splitlines() if now else ())}
        for name, kind in before.others.items():
            gone = kind == "folder" and not any((self.top / name).parent.glob("*/*"))
            assert after.others.get(name) == kind or gone or kind == "folder"
        assert after.files.keys() <= before.files.keys() | changes.keys()
        self.brought_back(done, before, after)

    def brought_back(self, done: TakenBack, before: Seen, after: Seen) -> None:
        """Taking back is taken back, to the byte, where nothing came between."""
        if not done.files:
            return
        again = self.checkpoints.undo(done.by)
        assert self.seen().files == before.files
        self.checkpoints.undo(again.by)
        assert self.seen().files == after.files

    @invariant()
    def nothing_of_ours_is_left(self) -> None:
        assert not [*self.top.rglob(".spark-*")]
        assert not (self.folder / "elsewhere").exists()


TestTogether = Together.TestCase
TestTogether.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
