from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.workspace.root import Root, is_git_name


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "sub").mkdir()
    (tmp_path / "f").write_text("x")
    (tmp_path / "out").symlink_to("/tmp")
    (tmp_path / "loop").symlink_to("loop")
    return Root(tmp_path.resolve())


@pytest.mark.parametrize("name", ["f", "./sub/../f", "{root}/f"])
def test_a_name_inside_the_root_is_its_path(root: Root, name: str) -> None:
    assert root.resolve(name.format(root=root.path)) == root.path / "f"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("..", "outside"),
        ("sub/../../f", "outside"),
        ("/etc/passwd", "outside"),
        ("out", "outside"),
        ("out/f", "outside"),
        ("new/../../f", "outside"),
        ("f\0", "NUL"),
        ("é" * 128, "too long for a file name: 256 bytes"),
        ("a/" * 5_000, "too long for a file name: 10,000 bytes, 1 of them"),
        ("loop/x", "`loop/x` cannot be followed"),
    ],
)
def test_no_name_leads_out_of_the_root(root: Root, name: str, said: str) -> None:
    """Law 6: nothing outside the root is read through a name that the model gave."""
    with pytest.raises(ToolError, match=said):
        root.resolve(name)


@pytest.mark.parametrize(
    "name",
    [".git", ".GIT", ".git.", ".git ", "git~1", "GIT~12", ".g\u200cit", ".git::$x"],
)
def test_every_spelling_of_gits_folder_is_known(name: str) -> None:
    assert is_git_name(name)


@pytest.mark.parametrize("name", [".gitignore", "git", ".github", "git~x", ".git~1x"])
def test_other_names_are_not_gits(name: str) -> None:
    assert not is_git_name(name)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("a/b", ("a", "b")), ("./a//b", ("a", "b")), ("a.../..b", ("a...", "..b"))],
)
def test_a_name_is_its_parts(root: Root, name: str, parts: tuple[str, ...]) -> None:
    assert root.parts(name) == parts
    assert root.parts(f"{root.path}/{name}") == parts


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "not the name"),
        ("a/", "not the name"),
        ("../x", "leads up"),
        ("sub/../../x", "leads up"),
        ("/etc/passwd", "outside"),
        ("~/x", "outside"),
        ("a\nb", "characters"),
        ("a\x1b[0m", "characters"),
        ("a\\b", "characters"),
        ("sub/.git/config", "belongs to git"),
    ],
)
def test_a_name_that_is_no_file_of_ours_is_refused(
    root: Root, name: str, said: str
) -> None:
    with pytest.raises(ToolError, match=said):
        root.parts(name)


@pytest.mark.parametrize(("name", "kind"), [("out/x", "a link"), ("f/x", "a file")])
def test_only_real_folders_are_entered(root: Root, name: str, kind: str) -> None:
    with pytest.raises(ToolError, match=kind), root.open_folder_of(name):
        pass


def test_a_folder_that_is_missing_is_made_only_when_asked(root: Root) -> None:
    with root.open_folder_of("a/b/c") as place:
        assert place is None
    with root.open_folder_of("a/b/c", create=True) as place:
        assert place is not None
        assert os.listdir(place.folder) == []  # noqa: PTH208 - it is open, not named
    assert (root.path / "a/b").is_dir()


@pytest.mark.parametrize(
    "entries", [("HEAD", "objects", "refs"), ("HEAD", "commondir", "gitdir")]
)
def test_a_git_dir_of_any_name_is_not_entered(
    root: Root, entries: tuple[str, ...]
) -> None:
    bare = root.path / "bare"
    (bare / "hooks").mkdir(parents=True)
    for entry in entries:
        (bare / entry).touch()

    with (
        pytest.raises(ToolError, match="belongs to git"),
        root.open_folder_of("bare/hooks/x"),
    ):
        pass
