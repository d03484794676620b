from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from spark_cli.workspace import recovery
from spark_cli.workspace.intent import Intent, Phase, Step, new_intent
from spark_cli.workspace.locks import key
from spark_cli.workspace.recovery import recover
from spark_cli.workspace.root import Root
from spark_cli.workspace.staging import opened, stage
from spark_cli.workspace.tree import Change, File

OLD, NEW = File(b"old\n"), File(b"new\n")
CHANGES = [Change("a", OLD, NEW), Change("b", OLD, None), Change("d/c", None, NEW)]
BEFORE = {"a": b"old\n", "b": b"old\n"}
AFTER = {"a": b"new\n", "d/c": b"new\n"}


@pytest.fixture
def root(tmp_path: Path) -> Root:
    top = (tmp_path / "tree").resolve()
    top.mkdir()
    (top / "a").write_bytes(OLD.data)
    (top / "b").write_bytes(OLD.data)
    return Root(top)


def staged(root: Root, state: Path, phase: Phase) -> Intent:
    """As a writer leaves it that was killed in a phase, before its first step."""
    folder = state / "writes"
    folder.mkdir(parents=True, exist_ok=True)
    steps = [Step.of(change, number) for number, change in enumerate(CHANGES)]
    intent = new_intent(folder, key(root), steps, ["d"], "session/name")
    for change, step in zip(CHANGES, steps, strict=True):
        if change.after is not None:
            with opened(root, step.name, create=True) as place:
                stage(
                    place,
                    step.temporary,
                    change.after,
                    replaces=change.before is not None,
                ).close()
    intent.write(phase, durable=False)
    return intent


def files(root: Root) -> dict[str, bytes]:
    return {
        path.relative_to(root.path).as_posix(): path.read_bytes()
        for path in root.path.rglob("*")
        if path.is_file()
    }


def carried(root: Root, steps: Sequence[Step]) -> None:
    for step in steps:
        recovery.set_aside(root, step)
        recovery.land(root, step)


@pytest.mark.parametrize(
    ("phase", "done", "expected", "said"),
    [
        (Phase.STAGING, 0, BEFORE, "was taken back"),
        (Phase.COMMIT, 0, AFTER, "was carried to its end"),
        (Phase.COMMIT, 1, AFTER, "was carried to its end"),
        (Phase.COMMIT, 2, AFTER, "was carried to its end"),
        (Phase.COMMIT, 3, AFTER, "was carried to its end"),
        (Phase.ROLLBACK, 0, BEFORE, "was taken back"),
        (Phase.ROLLBACK, 1, BEFORE, "was taken back"),
        (Phase.ROLLBACK, 2, BEFORE, "was taken back"),
        (Phase.ROLLBACK, 3, BEFORE, "was taken back"),
    ],
)
def test_a_write_that_was_killed_ends_on_one_side(
    root: Root, tmp_path: Path, phase: Phase, done: int, expected: object, said: str
) -> None:
    intent = staged(root, tmp_path, phase)
    carried(root, intent.steps[:done])
    forgotten: list[str] = []

    told = recover(root, tmp_path, forgotten.append)

    assert files(root) == expected
    assert said in told
    assert "`a`, `b`, `d/c`" in told
    assert forgotten == ([] if phase is Phase.COMMIT else ["session/name"])
    assert (root.path / "d").exists() is (expected is AFTER)
    assert recover(root, tmp_path) == ""


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.ROLLBACK])
@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_where_files_have_but_one_name_it_is_the_same(
    root: Root,
    tmp_path: Path,
    phase: Phase,
    done: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    intent = staged(root, tmp_path, phase)
    carried(root, intent.steps[:done])
    if done < 3:  # killed between the two names
        recovery.set_aside(root, intent.steps[done])

    recover(root, tmp_path)

    assert files(root) == (AFTER if phase is Phase.COMMIT else BEFORE)


def test_what_cannot_be_put_back_yet_is_kept_for_the_next_one(
    root: Root, tmp_path: Path
) -> None:
    intent = staged(root, tmp_path, Phase.ROLLBACK)
    recovery.set_aside(root, intent.steps[0])
    (root.path / "a").unlink()
    (root.path / "a").mkdir()  # nothing can take this name
    forgotten: list[str] = []

    told = recover(root, tmp_path, forgotten.append)

    assert "cannot be taken back yet (`a`, `b`, `d/c`)" in told
    assert (root.path / intent.steps[0].aside).read_bytes() == OLD.data
    assert forgotten == []

    (root.path / "a").rmdir()

    assert "was taken back" in recover(root, tmp_path, forgotten.append)
    assert files(root) == BEFORE
    assert forgotten == ["session/name"]


def test_what_was_changed_since_is_spared(root: Root, tmp_path: Path) -> None:
    staged(root, tmp_path, Phase.COMMIT)
    (root.path / "a").write_bytes(b"mine\n")

    said = recover(root, tmp_path)

    assert "but not of `a`" in said
    assert files(root) == {"a": b"mine\n", "d/c": b"new\n"}


def test_what_was_made_since_is_not_taken_for_ours(root: Root, tmp_path: Path) -> None:
    staged(root, tmp_path, Phase.STAGING)
    (root.path / "d/c").write_bytes(NEW.data)

    recover(root, tmp_path)

    assert files(root) == {**BEFORE, "d/c": NEW.data}


def test_many_names_are_not_all_listed() -> None:
    assert recovery.listed(["a"]) == "`a`"
    assert recovery.listed([*"abcdefg"]).endswith("`e` and 2 more")
