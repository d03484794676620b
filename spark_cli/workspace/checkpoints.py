"""What a session changed, recorded before it is changed, so that it can be taken back.

A checkpoint holds only the files that one change touches: name, mode and bytes, before
and after.  It is a commit of its own under `refs/spark/<session>/`, with no parent, in
the object store of the repository; outside of one, the same in a folder of ours.  The
user's index, branches, config and hooks are never part of it.

Taking back compares before it restores: a file that is no longer what was written
then is somebody's work, and stays.  It is itself a checkpoint, so it can be taken
back too.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spark_cli.core.errors import SparkError, UsageError
from spark_cli.core.events import CheckpointUndone
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace.files import missing_folders, write_all
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.root import Root
from spark_cli.workspace.snapshots import FolderStore, GitStore, Snapshot, Store
from spark_cli.workspace.tree import Change, DiskTree, File, Overlay


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`made` is a Unix time in seconds; `undoes` names what it takes back, if any.

    `standing` is false once it has been taken back itself.
    """

    id: CheckpointId
    label: str
    made: float
    files: tuple[str, ...]
    undoes: CheckpointId | None = None
    standing: bool = True


class Checkpoints:
    """The checkpoints of one session, in one root."""

    def __init__(self, root: Root, session: SessionId, state_dir: Path) -> None:
        self.root = root
        self.state_dir = state_dir
        self._store = _store(root, session, state_dir)

    def record(
        self,
        changes: Sequence[Change],
        label: str,
        *,
        undoes: CheckpointId | None = None,
    ) -> CheckpointId:
        """Keep what is about to be changed; nothing in the tree is touched."""
        made = time.time()
        name = f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(2)}"
        manifest = json.dumps(
            {
                "label": label,
                "made": made,
                "undoes": undoes,
                "files": [_entry(change) for change in changes],
                "folders": missing_folders(self.root, changes),
            }
        )
        blobs = {}
        for at, change in enumerate(changes):
            blobs[f"{at}.before"] = change.before.data if change.before else b""
            blobs[f"{at}.after"] = change.after.data if change.after else b""
        self._store.put(Snapshot(name, manifest), blobs)
        return CheckpointId(name)

    def write(
        self,
        changes: Sequence[Change],
        label: str,
        *,
        undoes: CheckpointId | None = None,
    ) -> CheckpointId:
        """Record the changes, then carry out all of them or none."""
        checkpoint = self.record(changes, label, undoes=undoes)
        try:
            write_all(self.root, changes, self.state_dir, self._made(undoes))
        except BaseException:
            self._store.drop(checkpoint)
            raise
        return checkpoint

    def list(self) -> tuple[Checkpoint, ...]:
        """All of the session's checkpoints, oldest first."""
        found = [_checkpoint(snapshot) for snapshot in self._store.all()]
        return tuple(_judged(one, found) for one in found)

    def undo(self, checkpoint: CheckpointId | None = None) -> CheckpointUndone:
        """Take back one checkpoint, the newest change that stands unless one is named.

        A name may be shortened.  `SparkError` where a file was changed since; then
        nothing has been restored.
        """
        chosen = self._chosen(checkpoint)
        restored = self._restored(chosen)
        self.write(restored, f"undo {chosen.label}", undoes=chosen.id)
        return CheckpointUndone(chosen.id, tuple(change.name for change in restored))

    def redo(self) -> CheckpointUndone:
        """Take back the newest undo that stands."""
        undone = [one for one in self.list() if one.undoes and one.standing]
        if not undone:
            raise UsageError("there is nothing to redo")
        return self.undo(undone[-1].id)

    def changes(self, checkpoint: CheckpointId) -> tuple[Change, ...]:
        """What one checkpoint changed."""
        snapshot = self._snapshot(checkpoint)
        entries = json.loads(snapshot.manifest)["files"]
        names = [f"{at}.{side}" for at in range(len(entries)) for side in _SIDES]
        blobs = self._store.blobs(snapshot.name, names)
        return tuple(
            Change(
                entry["name"],
                _file(entry["before"], blobs[f"{at}.before"]),
                _file(entry["after"], blobs[f"{at}.after"]),
            )
            for at, entry in enumerate(entries)
        )

    def session_changes(self) -> tuple[Change, ...]:
        """All that the session changed, net: each file once, from first to last."""
        before: dict[str, File | None] = {}
        after: dict[str, File | None] = {}
        for snapshot in self._store.all():
            for change in self.changes(CheckpointId(snapshot.name)):
                before.setdefault(change.name, change.before)
                after[change.name] = change.after
        return tuple(
            Change(name, before[name], last)
            for name, last in sorted(after.items())
            if before[name] != last
        )

    def _made(self, undone: CheckpointId | None) -> Sequence[str]:
        """The folders that an undone checkpoint had to make."""
        if undone is None:
            return ()
        folders: list[str] = json.loads(self._snapshot(undone).manifest)["folders"]
        return folders

    def _chosen(self, checkpoint: CheckpointId | None) -> Checkpoint:
        known = self.list()
        if checkpoint is None:
            standing = [one for one in known if one.standing and not one.undoes]
            if not standing:
                raise UsageError("there is nothing to undo in this session")
            return standing[-1]
        named = [one for one in known if one.id.startswith(checkpoint)]
        if len(named) != 1:
            raise UsageError(f"there is no one checkpoint `{checkpoint}`")
        if not named[0].standing:
            raise UsageError(f"checkpoint `{checkpoint}` is already undone")
        return named[0]

    def _snapshot(self, checkpoint: CheckpointId) -> Snapshot:
        for snapshot in self._store.all():
            if snapshot.name == checkpoint:
                return snapshot
        raise UsageError(f"there is no checkpoint `{checkpoint}`")

    def _restored(self, checkpoint: Checkpoint) -> Sequence[Change]:
        tree = Overlay(DiskTree(self.root))
        changed = []
        for change in self.changes(checkpoint.id):
            now = tree.read(change.name)
            if _alike(now, change.after):
                tree.write(change.name, change.before)
            elif not _alike(now, change.before):
                changed.append(change.name)
        if changed:
            names = ", ".join(f"`{name}`" for name in changed)
            raise SparkError(
                f"cannot undo: {names} changed since; nothing was restored",
                "undo what came later first, or restore by hand from `/diff`",
            )
        return tree.changes()


_SIDES = ("before", "after")


def _store(root: Root, session: SessionId, state_dir: Path) -> Store:
    repo = Repo.find(root.path)
    if repo is not None and os.access(repo.common_dir / "objects", os.W_OK):
        return GitStore(repo, session)
    return FolderStore(state_dir / "checkpoints" / session)


def _entry(change: Change) -> dict[str, object]:
    return {
        "name": change.name,
        "before": change.before.mode if change.before else None,
        "after": change.after.mode if change.after else None,
    }


def _file(mode: int | None, data: bytes) -> File | None:
    return None if mode is None else File(data, mode)


def _alike(one: File | None, other: File | None) -> bool:
    """The same bytes; the mode may be what the umask made of it."""
    if one is None or other is None:
        return one is other
    return one.data == other.data


def _checkpoint(snapshot: Snapshot) -> Checkpoint:
    said = json.loads(snapshot.manifest)
    return Checkpoint(
        CheckpointId(snapshot.name),
        said["label"],
        said["made"],
        tuple(entry["name"] for entry in said["files"]),
        said["undoes"],
    )


def _judged(checkpoint: Checkpoint, known: Sequence[Checkpoint]) -> Checkpoint:
    """With `standing`: it was not taken back, or that was taken back in turn."""
    backs = [_judged(one, known) for one in known if one.undoes == checkpoint.id]
    standing = not any(one.standing for one in backs)
    return Checkpoint(
        checkpoint.id,
        checkpoint.label,
        checkpoint.made,
        checkpoint.files,
        checkpoint.undoes,
        standing,
    )
