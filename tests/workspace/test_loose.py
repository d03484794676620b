from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spark_cli.workspace import loose

CONTENTS = {"1.after": b"after\n", "0.before": bytes(range(256)), "manifest": b"{}"}


@pytest.fixture
def common(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path / ".git"


def git(common: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "--git-dir", common, *arguments], check=True, capture_output=True
    ).stdout


def test_git_reads_what_was_written_without_it(common: Path) -> None:
    loose.put(common, "refs/spark/s/1", CONTENTS)

    for name, data in CONTENTS.items():
        assert git(common, "cat-file", "blob", f"refs/spark/s/1:{name}") == data
    assert git(common, "fsck", "--strict") == b""
    assert git(common, "log", "--all") == b""


def test_it_outlives_a_collection_of_garbage(common: Path) -> None:
    loose.put(common, "refs/spark/s/1", CONTENTS)

    git(common, "gc", "-q", "--prune=now")
    loose.put(common, "refs/spark/s/2", {**CONTENTS, "3": b"more"})

    assert git(common, "cat-file", "blob", "refs/spark/s/1:1.after") == b"after\n"
    assert git(common, "cat-file", "blob", "refs/spark/s/2:3") == b"more"
    assert git(common, "for-each-ref", "--format=%(refname)").split() == [
        b"refs/spark/s/1",
        b"refs/spark/s/2",
    ]


def test_the_same_content_is_kept_once(common: Path) -> None:
    loose.put(common, "refs/spark/s/1", {"a": b"same", "b": b"same"})
    loose.put(common, "refs/spark/s/2", {"a": b"same"})

    kept = [path for path in (common / "objects").rglob("*") if path.is_file()]

    assert len(kept) == 3  # one blob, two trees
    assert {path.stat().st_mode & 0o222 for path in kept} == {0}


def test_what_is_big_is_stored_and_not_packed(common: Path) -> None:
    data = b"x" * 9_000_000

    loose.put(common, "refs/spark/s/1", {"a": data})

    assert git(common, "cat-file", "blob", "refs/spark/s/1:a") == data


def test_a_failure_leaves_nothing_behind(
    common: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        loose.put(common, "refs/spark/s/1", CONTENTS)

    assert [path for path in (common / "objects").rglob("*") if path.is_file()] == []
    assert not (common / "refs/spark").exists()


@pytest.mark.parametrize(
    ("config", "plain"),
    [
        ("[core]\n\trepositoryformatversion = 0\n", True),
        ("[extensions]\n\tobjectFormat = sha256\n", False),
        ("[extensions]\n\trefstorage = reftable\n", False),
        ("[core]\n\tsharedRepository = group\n", False),
    ],
)
def test_any_other_form_is_left_to_git(
    tmp_path: Path,
    config: str,
    plain: bool,  # noqa: FBT001  a cell of the table
) -> None:
    (tmp_path / "config").write_text(config)

    assert loose.is_plain(tmp_path) is plain
    assert not loose.is_plain(tmp_path / "nowhere")
