from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.workspace import ignore
from spark_cli.workspace.ignore import Found, listing
from spark_cli.workspace.processes import Bounds, capture
from spark_cli.workspace.root import Root


def git(folder: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=me", "-c", "user.email=me@example.invalid"]
    env = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull}
    done = capture(
        ["git", *settings, *arguments], Bounds(30, 99_999), cwd=folder, env=env
    )
    assert done.code == 0, done.err


def plant(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")


def names(root: Path, below: str = "") -> list[str]:
    return [one.name for one in listing(Root(root.resolve()), (root / below)).files]


FILES = [
    "a.py",
    "build/out.o",
    "docs/a b.md",
    "src/deep/x.py",
    ".hidden",
    "src/gen/y.py",
]
RULES = "build/\n/src/gen\n*.log\n!keep.log\n"


@pytest.fixture(params=["git", "plain"])
def tree(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The same files twice: git says what is ignored, or the walk does."""
    root = tmp_path / "root"
    plant(root, *FILES, "one.log", "src/keep.log", "docs/only.tmp", "docs/b.txt")
    (root / ".gitignore").write_text(RULES)
    (root / "docs/.gitignore").write_text("*.tmp\n!only.tmp\nb.txt\n\n# note\n")
    (root / "link").symlink_to("a.py")
    (root / "linked").symlink_to("src")
    os.mkfifo(root / "pipe")
    if request.param == "git":
        git(tmp_path, "init", "-q", "root")
    return root


def test_ignored_files_are_left_out(tree: Path) -> None:
    assert names(tree) == [
        ".gitignore",
        ".hidden",
        "a.py",
        "docs/.gitignore",
        "docs/a b.md",
        "docs/only.tmp",
        "link",
        "linked",
        "src/deep/x.py",
        "src/keep.log",
    ]


def test_the_names_alone_are_the_same_but_may_be_of_what_is_gone(tree: Path) -> None:
    assert set(names(tree)) <= set(ignore.names(Root(tree.resolve())))
    assert "one.log" not in ignore.names(Root(tree.resolve()))


def test_a_folder_is_listed_with_names_from_the_root(tree: Path) -> None:
    assert names(tree, "src") == ["src/deep/x.py", "src/keep.log"]


def test_a_file_is_a_listing_of_itself(tree: Path) -> None:
    assert names(tree, "build/out.o") == ["build/out.o"]


def test_links_are_told_and_not_followed(tree: Path) -> None:
    found = {one.name: one for one in listing(Root(tree), tree).files}

    assert found["link"].link
    assert found["linked"].link
    assert found["a.py"] == Found("a.py", 2)


@pytest.mark.parametrize("name", [".git", ".git/refs", "src/.GIT"])
def test_what_is_gits_own_is_refused(tree: Path, name: str) -> None:
    with pytest.raises(ToolError, match="version control's own"):
        listing(Root(tree), tree / name)


def test_an_ignored_folder_is_listed_when_it_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, "vendor/a.js", "vendor/b/c.js", "main.js")
    (tmp_path / ".gitignore").write_text("vendor\n")

    found = listing(Root(tmp_path), tmp_path / "vendor")

    assert ([one.name for one in found.files], found.ignored) == (
        ["vendor/a.js", "vendor/b/c.js"],
        True,
    )
    assert not listing(Root(tmp_path), tmp_path).ignored


def test_without_git_an_ignored_folder_is_listed_when_it_is_named(
    tmp_path: Path,
) -> None:
    plant(tmp_path, "vendor/lib/a.js", "vendor/lib/a.min.js")
    (tmp_path / ".gitignore").write_text("vendor\n*.min.js\n")

    found = listing(Root(tmp_path), tmp_path / "vendor/lib")

    assert [one.name for one in found.files] == [
        "vendor/lib/a.js",
        "vendor/lib/a.min.js",
    ]
    assert found.ignored


def test_what_is_tracked_counts_even_if_ignored_and_what_is_deleted_does_not(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, "kept.log", "gone.py", "new.py")
    git(tmp_path, "add", "kept.log", "gone.py")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "gone.py").unlink()

    assert names(tmp_path) == [".gitignore", "kept.log", "new.py"]


def test_a_root_inside_a_repository_names_its_files_from_itself(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, "top.py", "pkg/a.py", "pkg/sub/b.py")

    assert names(tmp_path / "pkg") == ["a.py", "sub/b.py"]
    assert names(tmp_path / "pkg", "sub") == ["sub/b.py"]


def test_a_nested_repository_is_looked_into_by_its_own_rules(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, "a.py", "inner/b.py", "inner/skip.py")
    git(tmp_path, "init", "-q", "inner")
    (tmp_path / "inner/.gitignore").write_text("skip.py\n")

    assert names(tmp_path) == ["a.py", "inner/.gitignore", "inner/b.py"]


@pytest.mark.parametrize("rule", ["!", "\\", "[", "\xff\n", "a\n!\nb"])
def test_a_rule_that_means_nothing_hides_nothing(tmp_path: Path, rule: str) -> None:
    plant(tmp_path, "x.py")
    (tmp_path / ".ignore").write_text(rule, encoding="latin-1")

    assert "x.py" in names(tmp_path)


def test_an_ignore_file_that_is_a_link_or_a_folder_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    plant(root, "x.py", ".ignore/a")
    (tmp_path / "rules").write_text("*\n")
    (root / ".gitignore").symlink_to("../rules")

    assert names(root) == [".gitignore", ".ignore/a", "x.py"]
