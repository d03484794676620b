"""What a checkpoint says of itself, and its spelling as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.snapshots import Snapshot
from spark_cli.workspace.tree import Change


class Kind(StrEnum):
    CHANGE = "change"
    UNDO = "undo"
    REDO = "redo"
    START = "start"
    """What was not committed when a session made its first change."""


class Entry(NamedTuple):
    """A file and its modes, `None` where it does not exist."""

    name: str
    before: int | None
    after: int | None


class Checkpoint(NamedTuple):
    """`made` is a Unix time in seconds; `where` tells the trees of a repository apart.

    `undoes` names what it takes back, if any.  `standing` is false once it has been
    taken back itself.  `folders` had to be made for it, the outermost first.
    """

    id: CheckpointId
    session: SessionId
    label: str
    made: float
    where: str
    kind: Kind
    undoes: CheckpointId | None = None
    standing: bool = True
    entries: tuple[Entry, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.entries)

    @property
    def subject(self) -> str:
        """The label of the change that all this is about."""
        return self.label.removeprefix("undo ").removeprefix("redo ")


def described(
    made: Checkpoint, changes: Sequence[Change], folders: Sequence[str]
) -> str:
    sides = [side for one in changes for side in (one.before, one.after) if side]
    return json.dumps(
        {
            "bytes": sum(len(side.data) for side in sides),
            "label": made.label,
            "made": made.made,
            "where": made.where,
            "kind": made.kind,
            "undoes": made.undoes,
            "folders": list(folders),
            "files": [
                [
                    change.name,
                    change.before.mode if change.before else None,
                    change.after.mode if change.after else None,
                ]
                for change in changes
            ],
        }
    )


def read(snapshot: Snapshot) -> Checkpoint | None:
    """The checkpoint; `None` for what another version of spark has written."""
    try:
        said = json.loads(snapshot.manifest)
        return Checkpoint(
            CheckpointId(snapshot.name),
            SessionId(snapshot.session),
            said["label"],
            said["made"],
            said["where"],
            Kind(said["kind"]),
            said["undoes"],
            entries=tuple(Entry(*entry) for entry in said["files"]),
            folders=tuple(said["folders"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
