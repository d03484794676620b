from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spark_cli.workspace.repo import Repo
from spark_cli.workspace.tracked import Entry, Tracked
from spark_cli.workspace.tree import File


def git(top: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=top, check=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = (tmp_path / "repo").resolve()
    (top / "sub").mkdir(parents=True)
    for name in ("a", "sub/b", "sub/\u00e9 'x'"):
        (top / name).write_bytes(b"committed\n")
    (top / "run").write_bytes(b"#!/bin/sh\n")
    (top / "run").chmod(0o755)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "all")
    return top


def tracked(top: Path, folder: Path | None = None) -> Tracked:
    repo = Repo.find(top)
    assert repo is not None
    found = Tracked(repo, folder or top, top.parent / "copies", "key")
    assert found.renew()
    return found


def test_a_clean_tree_does_not_differ(top: Path) -> None:
    assert tracked(top).differing() == {}


def test_what_was_changed_is_named_with_what_the_index_has(top: Path) -> None:
    found = tracked(top)
    (top / "a").write_bytes(b"mine\n")
    (top / "sub/b").unlink()
    (top / "sub/\u00e9 'x'").write_bytes(b"committee\n")  # as long as it was
    (top / "run").chmod(0o644)
    (top / "untracked").write_bytes(b"")

    differing = found.differing()

    assert found.contents(differing) == {
        "a": File(b"committed\n"),
        "run": File(b"#!/bin/sh\n", 0o755),
        "sub/b": File(b"committed\n"),
        "sub/\u00e9 'x'": File(b"committed\n"),
    }


def test_names_are_from_the_folder(top: Path) -> None:
    found = tracked(top, top / "sub")
    (top / "a").write_bytes(b"mine\n")
    (top / "sub/b").write_bytes(b"mine\n")

    assert found.contents(found.differing()) == {"b": File(b"committed\n")}


def test_a_commit_in_between_changes_nothing(top: Path) -> None:
    found = tracked(top)
    (top / "a").write_bytes(b"mine\n")
    git(top, "commit", "-qam", "more")

    assert found.contents(found.differing()) == {"a": File(b"committed\n")}
    assert found.renew()
    assert found.differing() == {}


def test_the_users_index_is_never_written(top: Path) -> None:
    index = top / ".git/index"
    os.utime(top / "a", (1_000_000_000, 1_000_000_000))
    before = index.read_bytes(), index.stat()

    found = tracked(top)
    assert found.differing().keys() == {"a"}
    found.refresh()
    assert found.differing() == {}

    assert (index.read_bytes(), index.stat().st_mtime_ns) == (
        before[0],
        before[1].st_mtime_ns,
    )
    assert not (top / ".git/index.lock").exists()


@pytest.mark.parametrize(
    ("attributes", "data", "known"),
    [
        ("* text eol=crlf", b"one\r\ntwo\r\n", True),
        ("* text eol=crlf", b"mixed\ntwo\r\n", False),
        ("* filter=big", b"one\n", False),
        ("* -text", b"one\r\n", True),
    ],
)
def test_only_what_is_certain_to_the_byte_is_known(
    top: Path,
    attributes: str,
    data: bytes,
    known: bool,  # noqa: FBT001  a cell
) -> None:
    (top / ".gitattributes").write_text(attributes)
    git(top, "config", "filter.big.clean", f"touch {top}/ran; cat")
    (top / "a").write_bytes(data)
    git(top, "config", "core.safecrlf", "false")
    git(top, "add", "-A")
    (top / "ran").unlink(missing_ok=True)
    found = tracked(top)
    (top / "a").write_bytes(b"by a command\n")

    contents = found.contents({"a": found.differing()["a"]})

    assert contents == ({"a": File(data)} if known else {})
    assert not (top / "ran").exists()


def test_without_an_index_nothing_is_tracked(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    repo = Repo.find(tmp_path.resolve())
    assert repo is not None

    assert not Tracked(repo, repo.top, tmp_path / "copies", "key").renew()


def test_a_file_in_conflict_is_named_without_a_content(top: Path) -> None:
    git(top, "checkout", "-qb", "side")
    (top / "a").write_bytes(b"side\n")
    git(top, "commit", "-qam", "side")
    git(top, "checkout", "-q", "-")
    (top / "a").write_bytes(b"main\n")
    git(top, "commit", "-qam", "main")
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *who, "merge", "-q", "side"], cwd=top, check=False)

    found = tracked(top)

    assert found.differing().keys() == {"a"}
    assert found.contents({"a": Entry("", 0)}) == {}
