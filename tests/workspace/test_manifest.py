from __future__ import annotations

import json

import pytest

from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.manifest import Checkpoint, Entry, Kind, described, read
from spark_cli.workspace.snapshots import Snapshot
from spark_cli.workspace.tree import Change, File

MADE = Checkpoint(
    CheckpointId("0f"),
    SessionId("s"),
    "undo patch \udc80",
    12.5,
    ":.",
    Kind.UNDO,
    CheckpointId("0e"),
)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    changes = [
        Change("\u00e9\udc80", File(b"12", 0o600), None),
        Change("b", None, File(b"345")),
    ]

    told = described(MADE, changes, ["d", "d/e"])

    assert told.isascii()
    assert json.loads(told)["bytes"] == 5
    assert read(Snapshot("0f", "s", told)) == MADE._replace(
        entries=(Entry("\u00e9\udc80", 0o600, None), Entry("b", None, 0o644)),
        folders=("d", "d/e"),
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"label": "x"}', "null"])
def test_what_another_version_wrote_is_passed_over(text: str) -> None:
    assert read(Snapshot("0f", "s", text)) is None


def test_an_undo_is_about_the_change() -> None:
    assert MADE.subject == "patch \udc80"
