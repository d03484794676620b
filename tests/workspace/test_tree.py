from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, DiskTree, File, Overlay


@pytest.fixture
def tree(tmp_path: Path) -> DiskTree:
    (tmp_path / "f").write_bytes(b"a\xff")
    (tmp_path / "f").chmod(0o750)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("f")
    os.mkfifo(tmp_path / "pipe")
    return DiskTree(Root(tmp_path.resolve()))


def test_a_file_is_its_bytes_and_its_mode(tree: DiskTree) -> None:
    assert tree.read("f") == File(b"a\xff", 0o750)
    assert tree.read("none") is None
    assert tree.read("no/such/folder") is None


@pytest.mark.parametrize(
    ("name", "kind"), [("folder", "a folder"), ("link", "a link"), ("pipe", "a pipe")]
)
def test_only_a_plain_file_is_read(tree: DiskTree, name: str, kind: str) -> None:
    with pytest.raises(ToolError, match=f"`{name}` is {kind}"):
        tree.read(name)


def test_an_overlay_changes_nothing_below_it(tree: DiskTree) -> None:
    overlay = Overlay(tree)
    overlay.take([Change("f", tree.read("f"), None), Change("g", None, File(b"1"))])

    assert (overlay.read("f"), overlay.read("g")) == (None, File(b"1"))
    assert tree.read("f") is not None


def test_changes_of_an_overlay_are_net(tree: DiskTree) -> None:
    overlay, before = Overlay(tree), tree.read("f")
    overlay.write("f", File(b"1"))
    overlay.write("f", File(b"2"))
    overlay.write("g", File(b"3"))
    overlay.write("g", None)

    assert overlay.changes() == (Change("f", before, File(b"2")),)
