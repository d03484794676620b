"""What was changed, recorded before it is changed, so that it can be taken back.

A checkpoint holds only the files that one change touches: name, mode and bytes, before
and after.  In a repository it lives in the object store, under
`refs/spark/<session>/`; elsewhere in a folder of ours.  The user's index, branches,
config and hooks are never part of it.

Taking back is itself a checkpoint, so it can be taken back too: that is redo.  All of
it happens under the root's lock, so that two sparks never take back the same change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from spark_cli.core.errors import NothingToChange, PatchRefused, UsageError
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.workspace import locks, pruning, recovery, taking_back
from spark_cli.workspace.files import Writer, missing_folders, writing
from spark_cli.workspace.manifest import Checkpoint, Kind, described, read
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.root import Root
from spark_cli.workspace.snapshots import FolderStore, GitStore, Snapshot, Store
from spark_cli.workspace.tree import Change, DiskTree, File, Overlay

_SIDES = ("before", "after")


class TakenBack(NamedTuple):
    """`checkpoint` was taken back, and `by` says how: it can be taken back too.

    `merged` are files that had been changed since, and keep those changes.  There are
    no `files` where no trace of it was left.
    """

    checkpoint: Checkpoint
    by: CheckpointId
    files: tuple[str, ...]
    merged: tuple[str, ...]


class Checkpoints:
    """The checkpoints in one root.  `session` owns those that are made here."""

    def __init__(self, root: Root, session: SessionId, state_dir: Path) -> None:
        self.root = root
        self.session = session
        self.state_dir = state_dir
        self.repo = Repo.find(root.path)
        self._where = _where(root, self.repo)
        self._store = _store(root, self.repo, state_dir)
        self._touched: set[str] = set()

    def record(
        self, changes: Sequence[Change], label: str, *, kind: Kind = Kind.CHANGE
    ) -> CheckpointId:
        """Keep what was changed, or is about to be; nothing in the tree is touched."""
        made = self._new(label, kind)
        self._put(made, changes, missing_folders(self.root, changes))
        return made.id

    def write(self, changes: Sequence[Change], label: str) -> CheckpointId:
        """Record the changes and carry out all of them or none."""
        made = self._new(label, Kind.CHANGE)
        with writing(self.root, self.state_dir, self.forget) as writer:
            self._write(writer, changes, made)
        return made.id

    def list(self) -> tuple[Checkpoint, ...]:
        """The session's, oldest first."""
        return tuple(one for one in self.everything() if one.session == self.session)

    def everything(self) -> tuple[Checkpoint, ...]:
        """Those of all sessions in this root, oldest first."""
        found = (read(snapshot) for snapshot in self._store.all())
        return _judged([one for one in found if one and one.where == self._where])

    def undo(
        self,
        checkpoint: CheckpointId | None = None,
        *,
        everywhere: bool = False,
        onward: bool = False,
    ) -> TakenBack:
        """Take back one checkpoint, the session's newest change that stands by default.

        `everywhere` is the newest of any session.  A name may be shortened, and may be
        any session's; the one of a session's start stands for all that came after it,
        and so does any other with `onward`.  `SparkError` where that cannot be; then
        nothing has changed.
        """
        with writing(self.root, self.state_dir, self.forget) as writer:
            known = self.everything()
            if checkpoint is None:
                chosen = _newest(known, None if everywhere else self.session)
            else:
                chosen = _named(known, checkpoint)
            if onward or chosen.kind is Kind.START:
                return self._rewind(writer, chosen, known)
            return self._take_back(writer, chosen)

    def redo(self, *, everywhere: bool = False) -> TakenBack:
        """Take back the newest undo that stands."""
        with writing(self.root, self.state_dir, self.forget) as writer:
            known = [
                one
                for one in self.everything()
                if one.standing and (everywhere or one.session == self.session)
            ]
            undone = [one for one in known if one.kind is Kind.UNDO]
            if not undone:
                raise NothingToChange("there is nothing to redo")
            if any(one.kind is Kind.CHANGE for one in known[known.index(undone[-1]) :]):
                raise NothingToChange(
                    "there is nothing to redo: files were changed since the last undo",
                    f"`spark undo {undone[-1].id}` takes that undo back all the same",
                )
            return self._take_back(writer, undone[-1])

    def changes(self, checkpoint: CheckpointId) -> tuple[Change, ...]:
        """What one checkpoint changed."""
        return self.changes_of(_named(self.everything(), checkpoint))

    def change(self, checkpoint: CheckpointId) -> tuple[Change, ...]:
        """The same, also of one that was taken back."""
        return self.changes_of(_known(self.everything(), checkpoint))

    def changes_of(self, checkpoint: Checkpoint) -> tuple[Change, ...]:
        snapshot = Snapshot(checkpoint.id, checkpoint.session, "")
        names = [
            f"{number}.{side}"
            for number, entry in enumerate(checkpoint.entries)
            for side, mode in zip(_SIDES, (entry.before, entry.after), strict=True)
            if mode is not None
        ]
        blobs = self._store.blobs(snapshot, names)
        return tuple(
            Change(
                entry.name,
                _file(entry.before, blobs.get(f"{number}.before")),
                _file(entry.after, blobs.get(f"{number}.after")),
            )
            for number, entry in enumerate(checkpoint.entries)
        )

    def session_changes(self) -> tuple[Change, ...]:
        """All that the session changed, net: each file once, from first to last."""
        before: dict[str, File | None] = {}
        after: dict[str, File | None] = {}
        for checkpoint in self.list():
            if checkpoint.kind is Kind.START:
                continue
            for change in self.changes_of(checkpoint):
                before.setdefault(change.name, change.before)
                after[change.name] = change.after
        return tuple(
            Change(name, before[name], last)
            for name, last in sorted(after.items())
            if before[name] != last
        )

    def prune(self) -> int:
        """Let go of what is too old, too many or too big, and say how many."""
        dropped = pruning.surplus(self._store.weights(), time.time())
        self._store.drop(dropped)
        return len(dropped)

    @property
    def touched(self) -> set[str]:
        """Every file that the session has changed so far, by checkpoints of its own."""
        return self._earlier | self._touched

    @cached_property
    def _earlier(self) -> set[str]:
        """The same before this object was made: a session may be resumed."""
        return {name for one in self.list() for name in one.files}

    def forget(self, name: str) -> None:
        """Drop a checkpoint of a change that did not come to pass."""
        session, _, id_ = name.rpartition("/")
        self._store.drop([self._store.handle(session, id_)])

    def recover(self) -> str:
        """Mend what a spark that was killed left half done, and say so."""
        return recovery.recover(self.root, self.state_dir, self.forget)

    def _new(self, label: str, kind: Kind) -> Checkpoint:
        made_ns = time.time_ns()
        id_ = CheckpointId(f"{made_ns // 1000:013x}{os.urandom(1).hex()}")
        return Checkpoint(id_, self.session, label, made_ns / 1e9, self._where, kind)

    def _take_back(self, writer: Writer, chosen: Checkpoint) -> TakenBack:
        found = taking_back.restored(self.changes_of(chosen), DiskTree(self.root))
        undoing = chosen.kind in {Kind.CHANGE, Kind.REDO}
        kind, word = (Kind.UNDO, "undo") if undoing else (Kind.REDO, "redo")
        made = self._new(f"{word} {chosen.subject}", kind)._replace(
            session=chosen.session,
            undoes=chosen.id,
        )
        self._write(writer, found.changes, made, chosen.folders)
        names = tuple(change.name for change in found.changes)
        return TakenBack(chosen, made.id, names, found.merged)

    def _rewind(
        self, writer: Writer, start: Checkpoint, known: Sequence[Checkpoint]
    ) -> TakenBack:
        """Take back a session's changes from `start` on, newest first, or none of them.

        Each can be redone.
        """
        own = [one for one in known if one.session == start.session]
        later = own[own.index(start) :]
        standing = [one for one in later if one.standing and one.kind is Kind.CHANGE]
        if not standing:
            raise NothingToChange("nothing has changed since")
        trial = Overlay(DiskTree(self.root))
        for one in reversed(standing):
            trial.take(taking_back.restored(self.changes_of(one), trial).changes)
        done = [self._take_back(writer, one) for one in reversed(standing)]
        files = dict.fromkeys(name for one in done for name in one.files)
        merged = dict.fromkeys(name for one in done for name in one.merged)
        return TakenBack(start, done[-1].by, tuple(files), tuple(merged))

    def _write(
        self,
        writer: Writer,
        changes: Sequence[Change],
        made: Checkpoint,
        empty: Sequence[str] = (),
    ) -> None:
        def ready(folders: Sequence[str]) -> None:
            self._put(made, changes, folders)

        note = f"{made.session}/{made.id}"
        exact = made.undoes is not None
        writer.write(changes, empty=empty, note=note, ready=ready, exact=exact)

    def _put(
        self, made: Checkpoint, changes: Sequence[Change], folders: Sequence[str]
    ) -> None:
        blobs = {}
        for number, change in enumerate(changes):
            if change.before:
                blobs[f"{number}.before"] = change.before.data
            if change.after:
                blobs[f"{number}.after"] = change.after.data
        told = described(made, changes, folders)
        try:
            self._store.put(Snapshot(made.id, made.session, told), blobs)
        except OSError as error:
            raise PatchRefused(
                f"cannot keep a checkpoint: {error.strerror}; nothing was changed"
            ) from error
        if made.session == self.session:  # of one that is taken back, too: no harm
            self._touched.update(change.name for change in changes)
        if self._store.crowd() > pruning.COUNT_MAX * 5 // 4:
            self.prune()


def recovered(root: Root, state_dir: Path) -> str:
    """Mend what a spark that was killed left half done; for every start.

    Says what was done, or nothing; and costs nothing where there is nothing to do.
    """
    if not recovery.is_due(root, state_dir):
        return ""
    return Checkpoints(root, SessionId("recovery"), state_dir).recover()


def _newest(known: Iterable[Checkpoint], session: SessionId | None) -> Checkpoint:
    standing = [
        one
        for one in known
        if one.standing and one.kind is Kind.CHANGE and session in {None, one.session}
    ]
    if not standing:
        where = "here" if session is None else "in this session"
        raise NothingToChange(f"there is nothing to undo {where}")
    return standing[-1]


def _named(known: Iterable[Checkpoint], name: str) -> Checkpoint:
    """The one that stands; `UsageError` if it does not."""
    found = _known(known, name)
    if not found.standing:
        raise UsageError(f"checkpoint `{name}` is already undone")
    return found


def _known(known: Iterable[Checkpoint], name: str) -> Checkpoint:
    named = [one for one in known if one.id.startswith(name)]
    if len(named) != 1:
        many = "more than one checkpoint is" if named else "there is no checkpoint"
        raise UsageError(f"{many} `{name}`", "`spark checkpoints` lists them")
    return named[0]


def _judged(known: Sequence[Checkpoint]) -> tuple[Checkpoint, ...]:
    """With `standing`: it was not taken back, or that was taken back in turn."""
    backs: dict[str, list[str]] = {}
    for one in known:
        backs.setdefault(one.undoes or "", []).append(one.id)

    @cache
    def stands(id_: str) -> bool:
        return not any(map(stands, backs.get(id_, ())))

    return tuple(one._replace(standing=stands(one.id)) for one in known)


def _where(root: Root, repo: Repo | None) -> str:
    """Which tree of a repository this is, also after the repository has moved."""
    if repo is None:
        return str(root.path)
    linked = repo.git_dir.name if repo.git_dir != repo.common_dir else ""
    return f"{linked}:{root.path.relative_to(repo.top).as_posix()}"


def _store(root: Root, repo: Repo | None, state_dir: Path) -> Store:
    if repo is not None and os.access(repo.common_dir / "objects", os.W_OK):
        return GitStore(repo)
    return FolderStore(state_dir / "checkpoints", locks.key(root))


def _file(mode: int | None, data: bytes | None) -> File | None:
    return None if mode is None or data is None else File(data, mode)
