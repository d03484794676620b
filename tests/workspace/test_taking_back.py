"""What is taken back, alone and among everything that can come between."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spark_cli.core.errors import PatchRefused, SparkError
from spark_cli.core.ids import SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.taking_back import restored
from spark_cli.workspace.tree import Change, DiskTree, File

BEFORE, AFTER = File(b"1\n2\n3\n4\n"), File(b"1\n2\n3\nFOUR\n")


class Memory:
    def __init__(self, file: File | None) -> None:
        self.file = file

    def read(self, _: str, /) -> File | None:
        return self.file


@pytest.mark.parametrize(
    ("change", "now", "becomes"),
    [
        ((BEFORE, AFTER), AFTER, BEFORE),
        ((BEFORE, AFTER), BEFORE, BEFORE),
        ((BEFORE, AFTER), File(b"one\n2\n3\nFOUR\n"), File(b"one\n2\n3\n4\n")),
        ((BEFORE, AFTER), File(AFTER.data, 0o755), File(BEFORE.data, 0o755)),
        ((BEFORE, File(BEFORE.data, 0o755)), File(BEFORE.data, 0o755), BEFORE),
        ((BEFORE, File(BEFORE.data, 0o755)), File(b"x\n", 0o755), File(b"x\n")),
        ((BEFORE, File(BEFORE.data, 0o755)), File(b"x\n", 0o600), File(b"x\n", 0o600)),
        ((None, AFTER), AFTER, None),
        ((None, AFTER), File(AFTER.data, 0o664), None),
        ((None, AFTER), None, None),
        ((BEFORE, None), None, BEFORE),
        ((File(b"s", 0o600), None), None, File(b"s", 0o600)),
    ],
)
def test_a_file_becomes_what_it_was_with_what_others_did(
    change: tuple[File | None, File | None], now: File | None, becomes: File | None
) -> None:
    found = restored([Change("a", *change)], Memory(now))

    assert found.changes == ((Change("a", now, becomes),) if now != becomes else ())


@pytest.mark.parametrize(
    ("change", "now", "said"),
    [
        ((BEFORE, AFTER), File(b"1\n2\n3\nfour\n"), "changed since in the same lines"),
        ((BEFORE, AFTER), None, "`a` was deleted since"),
        ((None, AFTER), File(b"mine"), "`a` was changed since"),
        ((BEFORE, None), File(b"mine"), "`a` was changed since"),
    ],
)
def test_what_somebody_did_since_is_never_overwritten(
    change: tuple[File | None, File | None], now: File | None, said: str
) -> None:
    with pytest.raises(PatchRefused, match=said):
        restored([Change("a", *change)], Memory(now))


def test_a_merged_file_is_named() -> None:
    mixed = File(b"one\n2\n3\nFOUR\n")

    assert restored([Change("a", BEFORE, AFTER)], Memory(mixed)).merged == ("a",)
    assert restored([Change("a", BEFORE, AFTER)], Memory(AFTER)).merged == ()


NAMES = st.sampled_from(["a", "a", "b", "d/c"])
PLACES = st.integers(min_value=0, max_value=12)


class Everyone(RuleBasedStateMachine):
    """spark and a user in one folder; every line of the user's can be told by itself.

    spark never removes one in an edit of its own, so none may ever go by an undo, and
    none may come back that the user has removed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        top = Path(self.folder.name).resolve() / "tree"
        top.mkdir()
        self.tree = DiskTree(Root(top))
        state = top.parent / "state"
        self.checkpoints = Checkpoints(Root(top), SessionId("s"), state)
        self.count = 0
        self.saved("a", [self.fresh("old") for _ in range(12)])
        self.saved("d/c", [self.fresh("old") for _ in range(3)])

    def teardown(self) -> None:
        self.folder.cleanup()

    def lines(self, name: str) -> list[bytes]:
        file = self.tree.read(name)
        return file.data.splitlines(keepends=True) if file else []

    def fresh(self, who: str) -> bytes:
        self.count += 1
        return f"{who} {self.count}\n".encode()

    def saved(self, name: str, lines: list[bytes] | None) -> None:
        path = self.tree.root.path / name
        if lines is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"".join(lines))

    @rule(name=NAMES, at=PLACES)
    def the_user_adds_a_line(self, name: str, at: int) -> None:
        lines = self.lines(name)
        lines.insert(at, self.fresh("user"))
        self.saved(name, lines)

    @rule(name=NAMES, at=PLACES)
    def the_user_removes_a_line(self, name: str, at: int) -> None:
        lines = self.lines(name)
        if at < len(lines):
            del lines[at]
            self.saved(name, lines)

    @rule(name=NAMES)
    def the_user_deletes_a_file(self, name: str) -> None:
        if self.tree.read(name) is not None:
            self.saved(name, None)

    @rule(name=NAMES, to=NAMES)
    def the_user_moves_a_file(self, name: str, to: str) -> None:
        if self.tree.read(name) is not None and self.tree.read(to) is None:
            self.saved(to, self.lines(name))
            self.saved(name, None)

    @rule(name=NAMES, at=PLACES, size=st.integers(min_value=0, max_value=3))
    def spark_edits(self, name: str, at: int, size: int) -> None:
        before = self.tree.read(name)
        lines = self.lines(name)
        cut = [one for one in lines[at : at + size] if one.startswith(b"user")]
        lines[at : at + size] = [*cut, self.fresh("spark")]
        mode = before.mode if before else 0o644
        self.wrote(Change(name, before, File(b"".join(lines), mode)))

    @rule(name=NAMES, to=NAMES)
    def spark_moves(self, name: str, to: str) -> None:
        before = self.tree.read(name)
        if before and self.tree.read(to) is None and b"user" not in before.data:
            self.wrote(Change(name, before, None), Change(to, None, before))

    @rule(name=NAMES)
    def spark_deletes(self, name: str) -> None:
        before = self.tree.read(name)
        if before and b"user" not in before.data:
            self.wrote(Change(name, before, None))

    def wrote(self, *changes: Change) -> None:
        self.checkpoints.write(changes, "edit")

    @rule()
    def undo(self) -> None:
        self.taken_back(redo=False)

    @rule()
    def redo(self) -> None:
        self.taken_back(redo=True)

    def taken_back(self, *, redo: bool) -> None:
        before, everything = self.of_user(), self.all()
        try:
            self.checkpoints.redo() if redo else self.checkpoints.undo()
        except SparkError:
            assert self.all() == everything
        assert self.of_user() == before

    @rule()
    def undo_and_redo_is_nothing(self) -> None:
        everything = self.all()
        with suppress(SparkError):
            if self.checkpoints.undo().files:
                self.checkpoints.redo()
        assert self.all() == everything

    def all(self) -> dict[str, list[bytes]]:
        return {name: self.lines(name) for name in ("a", "b", "d/c")}

    def of_user(self) -> dict[str, list[bytes]]:
        """The user's lines, by file and in order, and files that are the user's."""
        return {
            name: [line for line in lines if line.startswith(b"user")]
            for name, lines in self.all().items()
        }

    @invariant()
    def nothing_of_ours_is_left_in_the_tree(self) -> None:
        names = [path.name for path in self.tree.root.path.rglob("*")]
        assert not [name for name in names if "spark-" in name]


Everyone.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None
)
test_nothing_that_the_user_wrote_is_ever_changed = Everyone.TestCase
