from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.workspace.intent import Phase, Step, digest, left_behind, new_intent
from spark_cli.workspace.tree import Change, File

OLD, NEW = File(b"old\n"), File(b"new\n")


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [(OLD, NEW, (True, True)), (None, NEW, (True, False)), (OLD, None, (False, True))],
)
def test_a_step_names_only_what_it_needs(
    before: File | None, after: File | None, names: tuple[bool, bool]
) -> None:
    step = Step.of(Change("a", before, after), 0)

    assert (bool(step.temporary), bool(step.aside)) == names
    assert step.digest(before) == step.before
    assert step.digest(after) == step.after
    assert step.before != step.after


def test_a_mode_counts_only_where_a_file_is_replaced() -> None:
    run = File(OLD.data, 0o755)

    replaced, added = (Step.of(Change("a", was, OLD), 0) for was in (run, None))

    assert replaced.before != replaced.after
    assert added.digest(run) == added.after


def test_no_file_is_not_an_empty_one() -> None:
    assert digest(None) != digest(File(b""))


def test_what_was_meant_is_read_again_by_the_next(tmp_path: Path) -> None:
    steps = [Step.of(Change("\u00e9\udc80", OLD, NEW), 0)]
    intent = new_intent(tmp_path, "key", steps, ["d"], "session/name")

    intent.write(Phase.STAGING, durable=False)
    intent.write(Phase.COMMIT, durable=True)

    assert [*left_behind(tmp_path, "key")] == [(Phase.COMMIT, intent)]
    assert [*left_behind(tmp_path, "other")] == []
    (tmp_path / f"{intent.path.stem}.draft").touch()  # of a disk that was full
    intent.remove()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"phase": "x"}', b'{"steps": [{}]}', b"\xff"]
)
def test_what_cannot_be_read_was_never_begun(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "key-1.json").write_bytes(text)
    (tmp_path / "key-2.draft").write_bytes(text)

    assert [*left_behind(tmp_path, "key")] == []
    assert [*tmp_path.iterdir()] == []
