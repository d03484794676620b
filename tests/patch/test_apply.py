from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.core.ids import SessionId
from spark_cli.patch.apply import disk_writer, overlay_writer
from spark_cli.patch.formats import read
from spark_cli.patch.plan import PatchPlan, plan
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree, Overlay

PATCH = "*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n*** End Patch\n"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "f").write_text("a\n")
    return Root((tmp_path / "tree").resolve())


def planned(root: Root) -> PatchPlan:
    return plan(read(PATCH), DiskTree(root))


def test_a_plan_is_written_with_a_checkpoint_and_its_diff(root: Root) -> None:
    checkpoints = Checkpoints(root, SessionId("s"), root.path.parent / "state")

    made = disk_writer(checkpoints)(planned(root))

    assert (root.path / "f").read_text() == "b\n"
    assert made.checkpoint == checkpoints.list()[0].id
    assert (made.files, made.added, made.removed) == (("f",), 1, 1)
    assert made.diff.endswith("@@ -1 +1 @@\n-a\n+b\n")


def test_a_plan_that_is_stale_is_refused(root: Root) -> None:
    intent = planned(root)
    (root.path / "f").write_text("mine\n")
    write = disk_writer(Checkpoints(root, SessionId("s"), root.path.parent / "state"))

    with pytest.raises(PatchRefused, match="`f` has changed since it was read"):
        write(intent)

    assert (root.path / "f").read_text() == "mine\n"


def test_an_overlay_takes_a_plan_and_the_disk_stays(root: Root) -> None:
    overlay = Overlay(DiskTree(root))

    overlay_writer(overlay)(planned(root))

    assert [change.after.data for change in overlay.changes() if change.after] == [
        b"b\n"
    ]
    assert (root.path / "f").read_text() == "a\n"
