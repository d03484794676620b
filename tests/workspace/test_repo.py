from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.workspace import repo as module
from spark_cli.workspace.repo import Repo

PLAIN = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def run(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=PLAIN, check=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = (tmp_path / "repo").resolve()
    folder.mkdir()
    run(folder, "init", "-q", "-b", "trunk")
    return folder


def found(path: Path) -> Repo:
    repo = Repo.find(path)
    assert repo is not None
    return repo


def test_a_repository_is_found_from_any_folder_inside(top: Path) -> None:
    (top / "a" / "b").mkdir(parents=True)

    assert found(top / "a" / "b").top == top


def test_a_folder_outside_a_repository_has_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()

    assert Repo.find(tmp_path) is None


def test_a_ceiling_ends_the_search(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (top / "a").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(top))

    assert Repo.find(top / "a") is None
    assert found(top).top == top


def test_a_worktree_has_its_own_head_and_shares_objects(top: Path) -> None:
    run(top, "commit", "-q", "--allow-empty", "-m", "first")
    run(top, "worktree", "add", "-q", "-b", "side", str(top.parent / "other"))

    repo = found(top.parent / "other")

    assert repo.branch() == "side"
    assert repo.common_dir == top / ".git"


def test_the_branch_is_named_before_its_first_commit(top: Path) -> None:
    assert found(top).branch() == "trunk"


def test_a_detached_head_is_on_no_branch(top: Path) -> None:
    run(top, "commit", "-q", "--allow-empty", "-m", "first")
    run(top, "checkout", "-q", "--detach")

    assert found(top).branch() is None


def test_files_are_what_git_would_add(top: Path) -> None:
    (top / "sub").mkdir()
    for name in ("kept.py", "built.o", "sub/é\n.txt"):
        (top / name).write_text("x")
    (top / ".gitignore").write_text("*.o\n")

    assert found(top).files() == [".gitignore", "kept.py", "sub/é\n.txt"]
    assert found(top).files(top / "sub") == ["é\n.txt"]


def test_a_command_that_fails_says_so_in_gits_words(top: Path) -> None:
    with pytest.raises(SparkError, match=r"`git rev-parse` failed .*Needed a single"):
        found(top).git("rev-parse", "--verify", "nothing")


def test_variables_of_another_repository_are_not_inherited(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nowhere/objects")

    repo = found(top)

    blob = repo.git("hash-object", "-w", "--stdin", data=b"x").decode().strip()
    assert repo.git("cat-file", "blob", blob) == b"x"


HOSTILE = """
[core]
    fsmonitor = "touch {proof}; false"
    hooksPath = {hooks}
    pager = touch {proof}
    sshCommand = touch {proof}
    alternateRefsCommand = touch {proof}
[diff]
    external = touch {proof}
[diff "evil"]
    command = touch {proof}
    textconv = touch {proof}
[filter "evil"]
    clean = touch {proof}; cat
    smudge = touch {proof}; cat
    required = true
[filter "process"]
    process = touch {proof}
    required = true
[pager]
    status = touch {proof}
    diff = touch {proof}
"""


def test_a_hostile_repository_runs_nothing(top: Path) -> None:
    """Whatever its config, attributes and hooks say."""
    proof, hooks = top.parent / "proof", top.parent / "hooks"
    (top / "a.evil").write_text("one\n")
    (top / "b.proc").write_text("one\n")
    (top / ".gitattributes").write_text(
        "*.evil filter=evil diff=evil\n*.proc filter=process\n"
    )
    run(top, "add", ".")
    run(top, "commit", "-q", "-m", "first")
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {proof}\n")
        (hooks / hook).chmod(0o755)
    with (top / ".git" / "config").open("a") as config:
        config.write(HOSTILE.format(proof=proof, hooks=hooks))
    for name in ("a.evil", "b.proc"):
        (top / name).write_text("two\n")
    repo = found(top)

    assert repo.git("status", "--porcelain")
    assert repo.files() == [".gitattributes", "a.evil", "b.proc"]
    assert b"+two" in repo.git("diff")
    repo.git("update-ref", "refs/spark/x", "HEAD")
    repo.git("log", "-p")

    assert not proof.exists()


def test_the_hostile_repository_is_one(top: Path) -> None:
    """The same config does run programs where git is called without the door."""
    proof = top.parent / "proof"
    (top / "a").write_text("one\n")
    run(top, "add", ".")
    with (top / ".git" / "config").open("a") as config:
        config.write(HOSTILE.format(proof=proof, hooks=top))
    run(top, "status")

    assert proof.exists()


@pytest.mark.parametrize(
    "name",
    ["index", "commondir", "packed-refs", "config", "info/exclude", "info/attributes"],
)
def test_a_pipe_where_git_expects_a_file_is_told_and_not_read(
    top: Path, name: str
) -> None:
    repo = found(top)
    path = top / ".git" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)

    with pytest.raises(SparkError, match=f"{name}` is a pipe or a device, not a file"):
        Repo.find(top)
    with pytest.raises(SparkError, match="git would wait for it for ever"):
        repo.files()


def test_a_pipe_is_no_head_to_follow(top: Path) -> None:
    repo = found(top)
    (top / ".git/HEAD").unlink()
    os.mkfifo(top / ".git/HEAD")

    assert Repo.find(top) is None
    assert repo.branch() is None


def test_a_pointer_that_is_no_path_leads_nowhere(top: Path) -> None:
    (top / ".git/commondir").write_bytes(b"a\0b\n" * 1_000)
    (top / "sub").mkdir()
    (top / "sub/.git").write_bytes(b"gitdir: a\0b\n")

    repo = found(top / "sub")

    assert (repo.top, repo.common_dir) == (top, top / ".git")


def test_a_file_that_is_meant_to_be_empty_may_be_a_device(top: Path) -> None:
    (top / ".git/info/exclude").unlink(missing_ok=True)
    (top / ".git/info").mkdir(exist_ok=True)
    (top / ".git/info/exclude").symlink_to("/dev/null")

    assert found(top).files() == []


@pytest.mark.parametrize(
    "command", [["ls-files", "-co", "--exclude-standard"], ["ls-tree", "HEAD"]]
)
def test_git_is_not_waited_for_without_end(
    top: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(top, "commit", "-q", "--allow-empty", "-m", "first")
    monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
    (top / ".gitignore").unlink(missing_ok=True)
    os.mkfifo(top / ".gitignore")
    (top / ".git/refs/heads/trunk").unlink()
    os.mkfifo(top / ".git/refs/heads/trunk")

    with pytest.raises(SparkError, match=r"`git ls-\w+` was ended after 0.2 s") as told:
        found(top).git(*command)

    assert "pipe" in told.value.hint


def test_importing_the_door_does_not_import_gitpython() -> None:
    program = "import sys, spark_cli.workspace.repo; sys.exit('git' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
